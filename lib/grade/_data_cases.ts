import { createLexicon, type Lexicon } from "lib/data/mod.ts";
import { differences } from "./_differences.ts";
import { expectThat, type Mistake } from "./check.ts";

/** Whether two answers are the same in every part: arrays of any kind are alike. */
export function isSame(actual: unknown, expected: unknown): boolean {
  return differences(actual, expected, Object.is).length === 0;
}

/** A mistake that is known by what it gives. */
export function gives(actual: unknown, wrong: unknown, says: string): Mistake {
  return { when: () => isSame(actual, wrong), says };
}

/** Refuses what is no list, a forgotten `return` first of all. */
export function expectList(
  value: unknown,
  what: string,
  mistakes: readonly Mistake[] = [],
): asserts value is ArrayLike<unknown> {
  const isList = Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView);
  expectThat(isList, `expected ${what} to be a list, got ${kindOf(value)}`, [
    ...mistakes,
    { when: value === undefined, says: "the function returns nothing: is a return missing?" },
  ]);
}

/** What a value is, in a word. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "string" ? `the text ${JSON.stringify(value)}` : `a ${typeof value}`;
}

/** Twenty words a list, so that a few thousand draws see each of them hundreds of times. */
export const SMALL_LEXICON: Lexicon = createLexicon({
  adjectives: numbered("adjective"),
  nouns: numbered("noun"),
  verbs: numbered("verb"),
  adverbs: numbered("adverb"),
});

function numbered(name: string): string[] {
  return Array.from({ length: 20 }, (_, i) => `${name}${i}`);
}

/**
 * Pearson's χ² of counts that should all be alike: with k counts it is about k − 1, and what lies far
 * above does not come by luck.
 */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
