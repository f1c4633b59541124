/** What a slot of a sentence is called; `<eos>` is the slot after the last word. */
export type SlotName = "The" | "adjective" | "noun" | "that" | "verb" | "adverb" | "<eos>";

/** A place in a sentence that one word fills, each of its words as likely. */
export interface Slot {
  /** What it is called. */
  readonly name: SlotName;
  /** Every word that it can hold. */
  readonly words: readonly string[];
  /** The earlier slot whose word decides which of `words` are left; absent where all are. */
  readonly given?: Slot;
  /** The words that are left once the slot `given` holds `word`. */
  readonly wordsAfter?: (word: string) => readonly string[];
}

/** Parts of a sentence that occur together, or not at all. */
export interface Optional {
  /** The probability that they occur; it does not depend on the words before. */
  readonly probability: number;
  /** The parts that occur then. */
  readonly parts: Pattern;
}

/** A sentence's slots in order. */
export type Pattern = readonly (Slot | Optional)[];

/**
 * Makes a slot whose words are all equally likely, whatever came before.
 *
 * @param name What the slot is called.
 * @param words The words it can hold.
 * @returns The slot.
 *
 * @example
 * ```ts
 * import { slot } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(slot("noun", ["dog", "cat"]).words.length, 2);
 * ```
 */
export function slot(name: SlotName, words: readonly string[]): Slot {
  return { name, words };
}

/**
 * Makes a slot whose words depend on the word of an earlier one.
 *
 * @param free The slot as it would be on its own.
 * @param given An earlier slot that is there whenever this one is.
 * @param wordsAfter The words left after each word of `given`; at least one, all equally likely.
 * @returns The slot.
 *
 * @example
 * ```ts
 * import { slot, tiedSlot } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const noun = slot("noun", ["dog", "cat"]);
 * const copied = tiedSlot(noun, noun, (word) => [word]);
 * assertEquals(copied.wordsAfter?.("cat"), ["cat"]);
 * ```
 */
export function tiedSlot(
  free: Slot,
  given: Slot,
  wordsAfter: (word: string) => readonly string[],
): Slot {
  return { name: free.name, words: free.words, given, wordsAfter };
}

/**
 * Makes parts that occur with some probability.
 *
 * @param probability Between 0 and 1.
 * @param parts The parts; they must not begin with a word that can also follow it.
 * @returns The part.
 *
 * @example
 * ```ts
 * import { describePattern, optional, slot } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pattern = [optional(0.5, [slot("adjective", ["red"])]), slot("noun", ["dog"])];
 * assertEquals(describePattern(pattern), "[ADJ] NOUN");
 * ```
 */
export function optional(probability: number, parts: Pattern): Optional {
  return { probability, parts };
}

/**
 * Writes a pattern as course and terminal show it: `The [ADJ] NOUN`.
 *
 * @param pattern The pattern.
 * @returns The slots' names in order, what is optional in brackets, without `<eos>`.
 *
 * @example
 * ```ts
 * import { describePattern, slot } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describePattern([slot("The", ["The"]), slot("noun", ["dog"])]), "The NOUN");
 * ```
 */
export function describePattern(pattern: Pattern): string {
  return pattern.filter((part) => !isSlot(part) || part.name !== "<eos>").map((part) =>
    isSlot(part) ? ABBREVIATIONS[part.name] : `[${describePattern(part.parts)}]`
  ).join(" ");
}

const ABBREVIATIONS: Readonly<Record<SlotName, string>> = {
  The: "The",
  adjective: "ADJ",
  noun: "NOUN",
  that: "that",
  verb: "VERB",
  adverb: "ADV",
  "<eos>": "<eos>",
};

/**
 * Tells a slot from an optional part.
 *
 * @param part A part of a pattern.
 * @returns Whether it is a slot.
 *
 * @example
 * ```ts
 * import { optional, slot } from "lib/data/mod.ts";
 * import { isSlot } from "lib/data/pattern.ts";
 * import { assert } from "@std/assert";
 *
 * assert(isSlot(slot("noun", ["dog"])) && !isSlot(optional(0.5, [])));
 * ```
 */
export function isSlot(part: Slot | Optional): part is Slot {
  return "name" in part;
}
