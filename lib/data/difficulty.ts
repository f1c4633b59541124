import type { Grammar } from "./grammar.ts";
import { isSlot, type Pattern } from "./pattern.ts";

/** What makes a sentence difficult. */
export type DifficultyKind = "length" | "distance" | "words";

/**
 * Measures how difficult sentences are, for a curriculum that begins with the easy ones.
 *
 * - `length`: how many words a sentence has.
 * - `distance`: how far the verb that agrees stands from its noun, in words: with each relative clause
 *   between them, the pattern is more complex.
 * - `words`: how far down in its part of speech's list the last of its words stands, as a share: easy
 *   sentences together use few words.
 *
 * @param kind What is measured.
 * @param sentences The sentences, a list of words each.
 * @param grammar The grammar that made them.
 * @returns A number for each sentence; a larger one is more difficult.
 * @throws {RangeError} If a sentence is none of the grammar's, or all are as difficult.
 *
 * @example
 * ```ts
 * import { createGrammar, difficultyOf, generateCorpus } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const grammar = createGrammar("variable");
 * const sentences = generateCorpus(grammar, { count: 50, seed: 1 });
 * const lengths = difficultyOf("length", sentences, grammar);
 * assertEquals(lengths, sentences.map((words) => words.length));
 * const clauses = sentences.map((words) => words.filter((word) => word === "that").length);
 * assertEquals(difficultyOf("distance", sentences, grammar), clauses.map((n) => 1 + 2 * n));
 * ```
 */
export function difficultyOf(
  kind: DifficultyKind,
  sentences: readonly (readonly string[])[],
  grammar: Grammar,
): number[] {
  const measure = MEASURES[kind](grammar);
  const values = sentences.map((words) => measure(words));
  if (sentences.length === 0 || values.some((value) => value !== values[0])) return values;
  throw new RangeError(
    `Cannot order sentences by ${kind}: expected some to be more difficult than others, ` +
      `got ${values[0]} for all of level "${grammar.level}"; choose another measure`,
  );
}

type Measure = (words: readonly string[]) => number;

const MEASURES: Readonly<Record<DifficultyKind, (grammar: Grammar) => Measure>> = {
  length: () => (words) => words.length,
  distance: (grammar) => (words) => {
    const slots = grammar.slots(words);
    return slots.lastIndexOf("verb") - slots.indexOf("noun");
  },
  words: wordMeasure,
};

function wordMeasure(grammar: Grammar): Measure {
  const places = new Map<string, number>();
  for (const list of partsOfSpeech(grammar)) {
    list.forEach((word, place) => places.set(word, place / list.length));
  }
  return (words) => words.reduce((last, word) => Math.max(last, places.get(word) ?? 0), 0);
}

/** The grammar's lists of words, one per slot, however often the slot comes up. */
function partsOfSpeech({ pattern }: Grammar): (readonly string[])[] {
  const lists = new Map<string, readonly string[]>();
  const visit = (parts: Pattern): void => {
    for (const part of parts) {
      if (isSlot(part)) lists.set(part.name, part.words);
      else visit(part.parts);
    }
  };
  visit(pattern);
  return [...lists.values()];
}
