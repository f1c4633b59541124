/**
 * What the checks of notebook 1 share: small word lists, and what chance may do.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Lexicon } from "lib/data/mod.ts";

/** Sentences as lists of words. */
export type Sentences = readonly (readonly string[])[];

/** Words with a blank between two of them. */
export const textOf = (words: readonly string[]): string => words.join(" ");

/** A sum. */
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Lists of words such as `noun0`, as many as told: no two lists of one length, so none can be mixed up. */
export function numberedLexicon([adjectives, nouns, verbs, adverbs]: readonly [
  adjectives: number,
  nouns: number,
  verbs: number,
  adverbs: number,
]): Lexicon {
  const list = (name: string, size: number) =>
    Array.from({ length: size }, (_, i) => `${name}${i}`);
  return {
    adjectives: list("adjective", adjectives),
    nouns: list("noun", nouns),
    verbs: list("verb", verbs),
    adverbs: list("adverb", adverbs),
  };
}

/** The word lists of a lexicon in the order of a sentence's slots. */
export const slotsOf = ({ adjectives, nouns, verbs, adverbs }: Lexicon): Lexicon["nouns"][] => [
  adjectives,
  nouns,
  verbs,
  adverbs,
];

/** Cuts a list into pieces of a size, the last one perhaps smaller. */
export function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

/** In words: a finding is told apart by its words, its numbers are chance. */
const NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven"];

/** So many standard deviations from the mean do even counts reach once in a thousand million times. */
const RARE = 6;

/**
 * Says how counts differ that should be alike but for chance.
 *
 * @param counts How often each of some equally likely things came.
 * @returns A few words, the same for the same kind of fault; undefined if chance can explain it.
 */
export function unevenness(counts: readonly number[]): string | undefined {
  const mean = sum(counts) / counts.length, freedom = counts.length - 1;
  const surprise = sum(counts.map((count) => (count - mean) ** 2 / mean)); // Pearson's χ²
  const share = 2 / (9 * freedom); // Wilson and Hilferty: the cube root of χ² is nearly normal
  if (surprise <= freedom * (1 - share + RARE * Math.sqrt(share)) ** 3) return undefined;
  const never = counts.flatMap((count, i) => count === 0 ? [i] : []);
  if (never.length === counts.length - 1) return "the same one each time";
  if (never.length === 1 && never[0] === counts.length - 1) return "never the last one";
  if (never.length === 1 && never[0] === 0) return "never the first one";
  if (never.length === 1) return "one of them never";
  if (never.length > 0) {
    return `${NUMBERS[counts.length - never.length] ?? "some"} of them only`;
  }
  if (Math.max(...counts) > 3 * mean) return "one of them far more often than others";
  const rest = counts.toSorted((a, b) => a - b).slice(0, -1);
  if (rest.length > 1 && unevenness(rest) === undefined) return "one more often than all others";
  const ends = [counts[0] ?? 0, counts.at(-1) ?? 0];
  if (ends.every((count) => count < 0.75 * mean)) return "the first and the last one less often";
  return "some more often than others";
}

/** Counts how often each of some values comes. */
export function countOf<T>(values: readonly T[], all: readonly T[]): number[] {
  const groups = Map.groupBy(values, (value) => value);
  return all.map((value) => groups.get(value)?.length ?? 0);
}

/** One example, ready to be learned from. */
export interface ShiftedExample {
  /** What the model reads: int32 [T]. */
  readonly ids: Int32Array;
  /** What it should predict at each place: int32 [T]. */
  readonly labels: Int32Array;
}

/** A batch on the device that computes. */
export interface BatchTensors {
  /** int32 [B, T]. */
  readonly ids: tf.Tensor;
  /** float32 [B, T]. */
  readonly mask: tf.Tensor;
  /** int32 [B · T]. */
  readonly labels: tf.Tensor;
}
