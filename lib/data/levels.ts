import { type Lexicon, splitIntoClasses } from "./lexicon.ts";
import { optional, type Pattern, type Slot, slot, tiedSlot } from "./pattern.ts";

/** The grammars, from the one that needs no attention to the one that needs a copy head. */
export const LEVELS: readonly Level[] = Object.freeze(["plain", "agreement", "variable", "copy"]);

/** One of {@linkcode LEVELS}. */
export type Level = "plain" | "agreement" | "variable" | "copy";

/** How many relative clauses level `variable` can stack. */
const MAX_CLAUSES = 4;

/**
 * Writes down a level's sentences.
 *
 * - `plain`: The ADJ NOUN VERB ADV, each slot drawn on its own.
 * - `agreement`: the same slots; the noun's class decides the verb's, the verb's the adverb's.
 * - `variable`: up to two adjectives, up to four relative clauses, perhaps an adverb. The main verb
 *   agrees with the noun over the clauses between; the clauses' own verbs agree with nothing.
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
  const the = slot("The", ["The"]);
  const adjective = slot("adjective", lexicon.adjectives);
  const noun = slot("noun", lexicon.nouns);
  const verb = slot("verb", lexicon.verbs);
  const adverb = slot("adverb", lexicon.adverbs);
  const end = slot("<eos>", ["<eos>"]);
  switch (level) {
    case "plain":
      return [the, adjective, noun, verb, adverb, end];
    case "agreement": {
      const ownVerb = agreeing(verb, noun), ownAdverb = agreeing(adverb, ownVerb);
      return [the, adjective, noun, ownVerb, ownAdverb, end];
    }
    case "variable": {
      const mainVerb = agreeing(verb, noun);
      // The last adverb's id belongs to `that`.
      const ownAdverb = agreeing(adverb, mainVerb, lexicon.adverbs.slice(0, -1));
      return [
        the,
        upToTwo(adjective),
        noun,
        ...upTo(MAX_CLAUSES, [slot("that", ["that"]), verb]),
        mainVerb,
        optional(1 / 2, [ownAdverb]),
        end,
      ];
    }
    case "copy": {
      const sameNoun = repeated(noun), sameVerb = repeated(verb);
      const first = [the, adjective, noun, verb, adverb];
      return [...first, the, adjective, sameNoun, sameVerb, adverb, end];
    }
  }
}

/** The slot, left with the words whose class is that of the word in `given`. */
function agreeing(free: Slot, given: Slot, usable: readonly string[] = free.words): Slot {
  const from = splitIntoClasses(given.words);
  const to = splitIntoClasses(free.words).map((words) =>
    words.filter((word) => usable.includes(word))
  );
  const left = new Map(
    from.flatMap((words, k) => words.map((word) => [word, to[k] ?? []] as const)),
  );
  return tiedSlot({ ...free, words: usable }, given, (word) => left.get(word) ?? []);
}

/** The slot, left with the word that it already held. */
function repeated(free: Slot): Slot {
  return tiedSlot(free, free, (word) => [word]);
}

/** No, one or two different adjectives, each number as likely. */
function upToTwo(adjective: Slot) {
  const others = new Map(
    adjective.words.map((word) => [word, adjective.words.filter((other) => other !== word)]),
  );
  const second = tiedSlot(adjective, adjective, (word) => others.get(word) ?? []);
  return optional(2 / 3, [adjective, optional(1 / 2, [second])]);
}

/** The parts 0 to `times` times over; each further time is as likely as none. */
function upTo(times: number, parts: Pattern): Pattern {
  return times === 0 ? [] : [optional(1 / 2, [...parts, ...upTo(times - 1, parts)])];
}
