import { type Lexicon, splitIntoClasses } from "./lexicon.ts";
import { optional, type Pattern, type Slot, slot, tiedSlot } from "./pattern.ts";

/** The levels, from the one that needs no attention to the one that needs a head that copies. */
export const LEVELS: readonly Level[] = Object.freeze(["plain", "agreement", "variable", "copy"]);

/** One of {@linkcode LEVELS}. */
export type Level = "plain" | "agreement" | "variable" | "copy";

/** How many relative clauses level `variable` can stack. */
const MAX_CLAUSES = 4;

/** How many words of each class level `variable` has. */
const FEW_WORDS = 10;

/**
 * Writes down a level's sentences.
 *
 * - `plain`: The ADJ NOUN VERB ADV, each slot drawn on its own.
 * - `agreement`: the same slots; the noun's class decides the verb's, the verb's the adverb's.
 * - `variable`: one or two adjectives, up to four relative clauses, perhaps an adverb. The main verb
 *   agrees with the noun across the clauses between them; the clauses' own verbs agree with nothing. Fewer
 *   targets depend on a class than in `agreement`, so each class has only ten words, which occur more
 *   often; with all 25, a model needs many more steps before it sees any agreement.
 * - `copy`: two plain sentences, the second with the noun and the verb of the first.
 *
 * @param level The level.
 * @param lexicon The words.
 * @returns The slots in order; the last one is `<eos>`.
 *
 * @example
 * ```ts
 * import { describePattern, levelPattern, loadLexicon } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describePattern(levelPattern("plain", loadLexicon())), "The ADJ NOUN VERB ADV");
 * ```
 */
export function levelPattern(level: Level, lexicon: Lexicon): Pattern {
  const { nouns, verbs, adverbs } = level === "variable" ? fewWords(lexicon) : allWords(lexicon);
  const the = slot("The", ["The"]);
  const adjective = slot("adjective", lexicon.adjectives);
  const noun = slot("noun", nouns.flat());
  const verb = slot("verb", verbs.flat());
  const adverb = slot("adverb", adverbs.flat());
  const end = slot("<eos>", ["<eos>"]);
  const ownVerb = agreeing(verb, verbs, { given: noun, givenClasses: nouns });
  const ownAdverb = agreeing(adverb, adverbs, { given: ownVerb, givenClasses: verbs });
  switch (level) {
    case "plain":
      return [the, adjective, noun, verb, adverb, end];
    case "agreement":
      return [the, adjective, noun, ownVerb, ownAdverb, end];
    case "variable": {
      const clauses = upTo(MAX_CLAUSES, [slot("that", ["that"]), verb]);
      const second = optional(1 / 2, [otherThan(adjective)]);
      return [the, adjective, second, noun, ...clauses, ownVerb, optional(2 / 3, [ownAdverb]), end];
    }
    case "copy": {
      const sameNoun = repeated(noun), sameVerb = repeated(verb);
      const first = [the, adjective, noun, verb, adverb];
      return [...first, the, adjective, sameNoun, sameVerb, adverb, end];
    }
  }
}

/** The classes of a level's nouns, verbs and adverbs. */
interface ClassedWords {
  readonly nouns: readonly (readonly string[])[];
  readonly verbs: readonly (readonly string[])[];
  readonly adverbs: readonly (readonly string[])[];
}

function allWords({ nouns, verbs, adverbs }: Lexicon): ClassedWords {
  return {
    nouns: splitIntoClasses(nouns),
    verbs: splitIntoClasses(verbs),
    adverbs: splitIntoClasses(adverbs),
  };
}

/** Some words of each class, spread over its list. */
function fewWords(lexicon: Lexicon): ClassedWords {
  const { nouns, verbs, adverbs } = allWords(lexicon);
  const some = (words: readonly string[]) => {
    const count = Math.min(FEW_WORDS, words.length);
    return words.filter((_, i) =>
      Math.floor(i * count / words.length) !== Math.floor((i - 1) * count / words.length)
    );
  };
  const last = lexicon.adverbs.at(-1); // its id belongs to `that`
  return {
    nouns: nouns.map(some),
    verbs: verbs.map(some),
    adverbs: adverbs.map((words) => some(words.filter((word) => word !== last))),
  };
}

/** The slot, restricted to the words of the class of the word in `given`. */
function agreeing(
  free: Slot,
  classes: readonly (readonly string[])[],
  { given, givenClasses }: {
    readonly given: Slot;
    readonly givenClasses: readonly (readonly string[])[];
  },
): Slot {
  const left = new Map(
    givenClasses.flatMap((words, k) => words.map((word) => [word, classes[k] ?? []] as const)),
  );
  return tiedSlot(free, given, (word) => left.get(word) ?? []);
}

/** The slot, restricted to the word that it had before. */
function repeated(free: Slot): Slot {
  return tiedSlot(free, free, (word) => [word]);
}

/** The slot again, with another word. */
function otherThan(first: Slot): Slot {
  const others = new Map(
    first.words.map((word) => [word, first.words.filter((other) => other !== word)]),
  );
  return tiedSlot(first, first, (word) => others.get(word) ?? []);
}

/** The parts, 0 to `times` times, each further time with probability 1/3. */
function upTo(times: number, parts: Pattern): Pattern {
  return times === 0 ? [] : [optional(1 / 3, [...parts, ...upTo(times - 1, parts)])];
}
