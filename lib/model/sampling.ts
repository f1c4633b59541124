import type { Random } from "lib/core/mod.ts";

/** How the next token is chosen. */
export interface SamplingOptions {
  /**
   * Divides the logits: below 1 the distribution gets sharper, above 1 flatter; 0 takes the
   * likeliest token. Default 1.
   */
  readonly temperature?: number;
  /**
   * Keeps only the K likeliest tokens, and any that are exactly as likely as the K-th; default all.
   */
  readonly topK?: number;
  /**
   * Keeps the smallest set of likeliest tokens whose probabilities add up to P or more, to 5
   * digits; default 1: all.
   */
  readonly topP?: number;
}

/**
 * Chooses the next token.
 *
 * The order is that of Hugging Face's generation: temperature, then top-k, then top-p on what is
 * left. The likeliest token is always kept. Of equally likely tokens, the greedy choice takes the
 * lowest id, and top-p keeps the lowest ids.
 *
 * @param logits float32 [V].
 * @param options Temperature and cuts.
 * @param random The source of the draw; the greedy choice draws nothing.
 * @returns The token's id.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TypeError} If a logit is NaN, or there are no logits.
 *
 * Source of top-p: Holtzman and others, "The curious case of neural text degeneration", 2020.
 *
 * @example
 * ```ts
 * import { Random } from "lib/core/mod.ts";
 * import { sampleNext } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const logits = Float32Array.of(0, 3, 1);
 * assertEquals(sampleNext(logits, { temperature: 0 }, new Random(1)), 1);
 * assertEquals(sampleNext(logits, { topK: 1 }, new Random(1)), 1);
 * ```
 */
export function sampleNext(
  logits: ArrayLike<number>,
  options: SamplingOptions,
  random: Random,
): number {
  checkSampling(options);
  const { temperature = 1, topK = Infinity, topP = 1 } = options;
  const best = argMax(logits);
  if (temperature === 0) return best;
  const weights = softmax(logits, temperature, best);
  if (topK < weights.length) cutTopK(weights, topK);
  const draw = random.uniform();
  return (topP === 1 ? drawFromAll(weights, draw) : drawFromTop(weights, draw, topP)) ?? best;
}

/** Each token's probability as a share of the likeliest one's, before anything is cut. */
function softmax(logits: ArrayLike<number>, temperature: number, best: number): Float64Array {
  const highest = logits[best] ?? 0, weights = new Float64Array(logits.length);
  for (let id = 0; id < weights.length; id++) {
    const logit = logits[id] ?? NaN;
    // If both are infinite, their difference would be NaN.
    weights[id] = logit === highest ? 1 : Math.exp((logit - highest) / temperature);
  }
  return weights;
}

/** Sets all weights below the K-th highest to 0. */
function cutTopK(weights: Float64Array, topK: number): void {
  const threshold = weights.toSorted().at(-topK) ?? 0;
  for (let id = 0; id < weights.length; id++) {
    if ((weights[id] ?? 0) < threshold) weights[id] = 0;
  }
}

/**
 * Chooses in the order of the ids; undefined if, by rounding, the weights add up to less than the
 * draw.
 */
function drawFromAll(weights: Float64Array, draw: number): number | undefined {
  let left = draw * sum(weights);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id] ?? 0;
    if (left < 0) return id;
  }
  return undefined;
}

/**
 * The share by which a sum of probabilities may miss P and still count as P. Logits are float32, so
 * 0.5 and 0.3 add up to 0.8 only up to rounding: half a unit in the last place at logits below 64.
 */
const CRUMB = 4e-6;

/** Chooses among the likeliest tokens that together reach `topP`, likeliest first. */
function drawFromTop(weights: Float64Array, draw: number, topP: number): number | undefined {
  const sorted = weights.toSorted().reverse(), wanted = topP * (1 - CRUMB) * sum(sorted);
  let mass = 0, kept = 0;
  // The token that reaches the mass is kept too, so at least one is kept.
  while (kept < sorted.length && mass < wanted) mass += sorted[kept++] ?? 0;
  let left = draw * mass;
  const place = sorted.subarray(0, kept).findIndex((weight) => (left -= weight) < 0);
  if (place < 0) return undefined;
  return idAt(weights, sorted, place);
}

/** The id at a place of the order by weight; equal weights are ordered by their ids. */
function idAt(weights: Float64Array, sorted: Float64Array, place: number): number {
  const weight = sorted[place] ?? 0;
  let id = -1;
  for (let equal = sorted.indexOf(weight); equal <= place; equal++) {
    id = weights.indexOf(weight, id + 1);
  }
  return id;
}

/** Adds up from the first to the last: another order would round differently. */
function sum(weights: Float64Array): number {
  let total = 0;
  for (const weight of weights) total += weight;
  return total;
}

function argMax(logits: ArrayLike<number>): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? NaN;
    if (Number.isNaN(logit)) {
      throw new TypeError(`Cannot choose a token: expected numbers, got NaN for id ${id}`);
    }
    if (logit > (logits[best] ?? NaN)) best = id;
  }
  if (logits.length === 0) {
    throw new TypeError("Cannot choose a token: expected at least one logit, got none");
  }
  return best;
}

/**
 * Refuses options by which no token can be chosen.
 *
 * @throws {RangeError} If an option is out of its range.
 *
 * @example
 * ```ts
 * import { checkSampling } from "lib/model/sampling.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => checkSampling({ topK: 0 }), RangeError, "expected topK from 1 on, got 0");
 * ```
 */
export function checkSampling(options: SamplingOptions): void {
  const { temperature = 1, topK = Infinity, topP = 1 } = options;
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw new RangeError(
      `Cannot choose a token: expected a temperature from 0 on, got ${temperature}`,
    );
  }
  if (!(topK === Infinity || (Number.isInteger(topK) && topK >= 1))) {
    throw new RangeError(`Cannot choose a token: expected topK from 1 on, got ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new RangeError(`Cannot choose a token: expected topP above 0, at most 1, got ${topP}`);
  }
}
