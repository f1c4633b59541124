import { type Lexicon, loadLexicon } from "./lexicon.ts";
import type { Level } from "./levels.ts";

/** Tokens that are no words, in the order of their ids: pad, begin, end, unknown. */
export const SPECIAL_TOKENS: readonly string[] = Object.freeze([
  "<pad>",
  "<bos>",
  "<eos>",
  "<unk>",
]);

/**
 * Lists a level's tokens in the order of their ids: special tokens, `The`, adjectives, nouns, verbs,
 * adverbs.
 *
 * Every level has as many entries, 1,000 with the course's words, so that one model fits all. Level
 * `variable` also needs `that`, which takes the place of the last adverb; it does not use that one.
 *
 * @param level The level.
 * @param lexicon The words; by default those of {@linkcode loadLexicon}.
 * @returns The token of each id, frozen.
 *
 * @example
 * ```ts
 * import { createVocabulary } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(createVocabulary("plain").length, 1000);
 * assertEquals(createVocabulary("plain").slice(0, 5), ["<pad>", "<bos>", "<eos>", "<unk>", "The"]);
 * assertEquals(createVocabulary("variable").at(-1), "that");
 * ```
 */
export function createVocabulary(
  level: Level,
  lexicon: Lexicon = loadLexicon(),
): readonly string[] {
  const { adjectives, nouns, verbs, adverbs } = lexicon;
  const last = level === "variable" ? [...adverbs.slice(0, -1), "that"] : adverbs;
  return Object.freeze([...SPECIAL_TOKENS, "The", ...adjectives, ...nouns, ...verbs, ...last]);
}
