/**
 * The first model, which counts pairs of neighbours, and the best loss that such a model can reach.
 *
 * @module
 */
import {
  type Level,
  levelPattern,
  type Lexicon,
  loadLexicon,
  type Pattern,
  type Slot,
} from "lib/data/mod.ts";

/** How a bigram model counts. */
export interface BigramOptions {
  /** The size of the vocabulary. */
  readonly V: number;
  /** What is added to each count, so that no pair is impossible. */
  readonly alpha: number;
}

/**
 * Counts which id follows which: p(next | id) = (count(id, next) + α) / (count(id) + αV).
 *
 * @param examples The ids of sentences.
 * @param options V and α.
 * @returns The probability of `next` after `id`.
 */
export function bigramModel(
  examples: readonly Int32Array[],
  { V, alpha }: BigramOptions,
): (id: number, next: number) => number {
  const counts = new Float64Array(V * V), totals = new Float64Array(V);
  for (const ids of examples) {
    for (let t = 1; t < ids.length; t++) {
      const id = ids[t - 1] ?? 0, next = ids[t] ?? 0;
      counts[id * V + next] = (counts[id * V + next] ?? 0) + 1;
      totals[id] = (totals[id] ?? 0) + 1;
    }
  }
  return (id, next) => ((counts[id * V + next] ?? 0) + alpha) / ((totals[id] ?? 0) + alpha * V);
}

/**
 * Computes the loss that a bigram reaches with endless sentences: the entropy of the next token where
 * one knows only the last one.
 *
 * It takes for granted what holds in each level: a slot depends on the one right before it, or not on
 * the word that stands there.
 *
 * @param level The level.
 * @param lexicon The words.
 * @returns Nats a target.
 */
export function bigramLimit(level: Level, lexicon: Lexicon = loadLexicon()): number {
  const pairs = neighbours(levelPattern(level, lexicon)),
    joint = new Map<string, Map<string, number>>();
  for (const { before, slot, probability } of pairs) {
    for (const [word, p] of before === undefined ? [["<bos>", 1] as const] : marginal(before)) {
      const row = joint.get(word) ?? new Map<string, number>();
      joint.set(word, row);
      const isTied = before !== undefined && slot.given === before;
      const next = isTied ? evenly(slot.wordsAfter?.(word) ?? []) : marginal(slot);
      for (const [token, q] of next) row.set(token, (row.get(token) ?? 0) + probability * p * q);
    }
  }
  let nats = 0, targets = 0;
  for (const row of joint.values()) {
    const total = [...row.values()].reduce((sum, p) => sum + p, 0);
    for (const p of row.values()) nats -= p * Math.log(p / total);
    targets += total;
  }
  return nats / targets;
}

interface Neighbours {
  /** The slot before; undefined at the beginning. */
  readonly before: Slot | undefined;
  readonly slot: Slot;
  /** How many times a sentence has the two side by side, in the mean. */
  readonly probability: number;
}

/** Which slots stand side by side. */
function neighbours(pattern: Pattern): Neighbours[] {
  const found: Neighbours[] = [];
  walk(pattern, new Map([[undefined, 1]]));
  return found;

  /** From how likely each slot is the last one before some parts to how likely it is after them. */
  function walk(parts: Pattern, start: Map<Slot | undefined, number>) {
    let last = start;
    for (const part of parts) {
      if ("words" in part) {
        for (const [before, probability] of last) found.push({ before, slot: part, probability });
        last = new Map([[part, [...last.values()].reduce((sum, p) => sum + p, 0)]]);
      } else {
        const scaled = (by: number) => new Map([...last].map(([slot, p]) => [slot, p * by]));
        const skipped = scaled(1 - part.probability);
        for (const [slot, p] of walk(part.parts, scaled(part.probability))) {
          skipped.set(slot, (skipped.get(slot) ?? 0) + p);
        }
        last = skipped;
      }
    }
    return last;
  }
}

/** How likely each word is in a slot, over all that may come before. */
function marginal({ words, given, wordsAfter }: Slot): Map<string, number> {
  if (given === undefined || wordsAfter === undefined) return evenly(words);
  const result = new Map<string, number>();
  for (const [word, p] of marginal(given)) {
    for (const [next, q] of evenly(wordsAfter(word))) {
      result.set(next, (result.get(next) ?? 0) + p * q);
    }
  }
  return result;
}

function evenly(words: readonly string[]): Map<string, number> {
  return new Map(words.map((word) => [word, 1 / words.length]));
}
