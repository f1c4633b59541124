/** The parts of speech whose words fall into classes. */
export type PartOfSpeech = "adjectives" | "nouns" | "verbs" | "adverbs";

/** The words that sentences are made of; no word is in two lists. */
export type Lexicon = { readonly [part in PartOfSpeech]: readonly string[] };

/** How many classes nouns, verbs and adverbs have: class k of one goes with class k of the other. */
export const WORD_CLASSES = 10;

const CLASSED = ["nouns", "verbs", "adverbs"] as const;

let loaded: Lexicon | undefined;

/**
 * Reads the word lists of `data/words`, once in a program's life.
 *
 * They come from WordNet; `data/README.md` says how, and under which licence.
 *
 * @returns 250 adjectives, 250 nouns, 250 verbs and 245 adverbs, frozen.
 *
 * @example
 * ```ts
 * import { loadLexicon } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { adjectives, nouns, verbs, adverbs } = loadLexicon();
 * assertEquals([adjectives, nouns, verbs, adverbs].map((words) => words.length), [250, 250, 250, 245]);
 * ```
 *
 * Source: Miller, "WordNet: A Lexical Database for English", 1995, https://wordnet.princeton.edu
 */
export function loadLexicon(): Lexicon {
  loaded ??= createLexicon({
    adjectives: readWords("adjectives"),
    nouns: readWords("nouns"),
    verbs: readWords("verbs"),
    adverbs: readWords("adverbs"),
  });
  return loaded;
}

function readWords(part: PartOfSpeech): string[] {
  const url = new URL(`../../data/words/${part}.txt`, import.meta.url);
  return Deno.readTextFileSync(url).trimEnd().split("\n");
}

/**
 * Makes a lexicon from your own lists.
 *
 * @param words The four lists; nouns, verbs and adverbs in the order of their classes.
 * @returns A frozen copy.
 * @throws {RangeError} If a word is empty, holds a blank, looks like a special token, is `The` or
 * `that`, or stands twice; if a list has fewer than two words per class.
 *
 * @example
 * ```ts
 * import { createLexicon, loadLexicon } from "lib/data/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => createLexicon({ ...loadLexicon(), nouns: ["dog", "dog"] }), RangeError);
 * ```
 */
export function createLexicon(words: Lexicon): Lexicon {
  const seen = new Set(["The", "that"]);
  for (const part of ["adjectives", ...CLASSED] as const) {
    const list = words[part];
    if (list.length < 2 * WORD_CLASSES) {
      throw new RangeError(
        `Cannot make a lexicon: expected at least ${2 * WORD_CLASSES} ${part}, got ${list.length}`,
      );
    }
    for (const word of list) {
      if (seen.has(word) || !/^[^\s<>]+$/.test(word)) {
        throw new RangeError(
          `Cannot make a lexicon: expected ${part} of one plain word each, no word twice, ` +
            `got ${JSON.stringify(word)}`,
        );
      }
      seen.add(word);
    }
  }
  return Object.freeze({
    adjectives: Object.freeze([...words.adjectives]),
    nouns: Object.freeze([...words.nouns]),
    verbs: Object.freeze([...words.verbs]),
    adverbs: Object.freeze([...words.adverbs]),
  });
}

/**
 * Splits a list into its classes: neighbours, as even as can be, the longer classes first.
 *
 * @param words A list in the order of its classes.
 * @returns {@linkcode WORD_CLASSES} lists, which together are `words`.
 *
 * @example
 * ```ts
 * import { splitIntoClasses } from "lib/data/lexicon.ts";
 * import { loadLexicon } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sizes = splitIntoClasses(loadLexicon().adverbs).map((words) => words.length);
 * assertEquals(sizes, [25, 25, 25, 25, 25, 24, 24, 24, 24, 24]);
 * ```
 */
export function splitIntoClasses(words: readonly string[]): string[][] {
  const size = Math.floor(words.length / WORD_CLASSES), longer = words.length % WORD_CLASSES;
  const startOf = (k: number) => k * size + Math.min(k, longer);
  return Array.from(
    { length: WORD_CLASSES },
    (_, k) => words.slice(startOf(k), startOf(k + 1)),
  );
}

/**
 * Tells a word's class, 0 to 9: what decides, from level `agreement` on, which words go with it.
 *
 * @param word A noun, a verb or an adverb.
 * @param lexicon The words; by default those of {@linkcode loadLexicon}.
 * @returns The class. Animals and verbs of motion are 0; `data/README.md` names all ten.
 * @throws {RangeError} If the word is none of these; adjectives and `The` have no class.
 *
 * @example
 * ```ts
 * import { wordClass } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(wordClass("dog"), wordClass("runs"));
 * ```
 */
export function wordClass(word: string, lexicon: Lexicon = loadLexicon()): number {
  for (const part of CLASSED) {
    const found = splitIntoClasses(lexicon[part]).findIndex((words) => words.includes(word));
    if (found !== -1) return found;
  }
  throw new RangeError(
    `Cannot tell the class of a word: expected a noun, a verb or an adverb of the lexicon, ` +
      `got ${JSON.stringify(word)}`,
  );
}
