import { Random } from "lib/core/mod.ts";
import type { Grammar } from "./grammar.ts";

/** Repeats in a row after which a grammar counts as used up. */
const MAX_REPEATS = 10_000;

/**
 * Draws different sentences: the same ones for the same seed, on every machine.
 *
 * Repeats are thrown away. Of the 3.8 billion sentences of level `plain` 10,000 draws hold one twice
 * about once in 80 corpora, and of the quarter of a million shortest ones of level `variable` about ten
 * come up again in 20,000 draws; so the sentences are as good as independent.
 *
 * @param grammar The grammar.
 * @param options.count How many; default 10,000.
 * @param options.seed An integer.
 * @returns Sentences, each a list of words.
 * @throws {RangeError} If `count` is no integer from 1, or the grammar has too few sentences.
 *
 * @example
 * ```ts
 * import { createGrammar, generateCorpus } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const corpus = generateCorpus(createGrammar("plain"), { count: 100, seed: 1 });
 * assertEquals(new Set(corpus.map((words) => words.join(" "))).size, 100);
 * ```
 */
export function generateCorpus(
  grammar: Grammar,
  { count = 10_000, seed }: { readonly count?: number; readonly seed: number },
): string[][] {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot generate sentences: expected a count from 1, got ${count}`);
  }
  const random = new Random(seed), sentences = new Map<string, string[]>();
  let repeats = 0;
  while (sentences.size < count) {
    const words = grammar.sample(random), text = words.join(" ");
    repeats = sentences.has(text) ? repeats + 1 : 0;
    if (repeats === MAX_REPEATS) {
      throw new RangeError(
        `Cannot generate sentences: expected a grammar that has ${count}, ` +
          `got ${MAX_REPEATS} repeats in a row after ${sentences.size}; ask for fewer`,
      );
    }
    sentences.set(text, words);
  }
  return [...sentences.values()];
}
