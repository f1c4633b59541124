import type { Random } from "lib/core/mod.ts";

/** How the next token is chosen. */
export interface SamplingOptions {
  /** Divides the logits: below 1 sharper, above 1 flatter; 0 takes the likeliest token. Default 1. */
  readonly temperature?: number;
  /** Keeps only the K likeliest tokens, and others exactly as likely as the K-th; default all. */
  readonly topK?: number;
  /** Keeps the fewest likeliest tokens whose probabilities reach P together; default 1, all. */
  readonly topP?: number;
}

/**
 * Chooses the next token.
 *
 * The order is that of Hugging Face's generation: temperature, then top-k, then top-p on what is
 * left. The likeliest token always stays. Of equally likely ones the greedy choice is the lowest id,
 * and top-p keeps the lowest ids.
 *
 * @param logits float32 [V].
 * @param options Temperature and cuts.
 * @param random Where the draw comes from; the greedy choice draws nothing.
 * @returns The token's id.
 * @throws {RangeError} If an option is out of its range.
 * @throws {TypeError} If a logit is NaN, or there is none.
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
  const { temperature = 1, topK = Infinity, topP = 1 } = options;
  checkOptions({ temperature, topK, topP });
  const best = argMax(logits);
  if (temperature === 0) return best;
  const candidates = keepTopP(keepTopK(softmax(logits, temperature, best), topK), topP);
  let left = random.uniform() * totalWeight(candidates);
  for (const { id, weight } of candidates) {
    left -= weight;
    if (left < 0) return id;
  }
  return best; // rounding left a crumb of the total
}

interface Candidate {
  readonly id: number;
  /** Its probability as a share of the likeliest token's, before anything was cut. */
  readonly weight: number;
}

function softmax(logits: ArrayLike<number>, temperature: number, best: number): Candidate[] {
  const highest = logits[best] ?? 0;
  return Array.from(logits, (logit, id) => ({
    id,
    weight: logit === highest ? 1 : Math.exp((logit - highest) / temperature),
  }));
}

function keepTopK(candidates: Candidate[], topK: number): Candidate[] {
  if (topK >= candidates.length) return candidates;
  const threshold = byWeight(candidates)[topK - 1]?.weight ?? 0;
  return candidates.filter(({ weight }) => weight >= threshold);
}

function keepTopP(candidates: Candidate[], topP: number): Candidate[] {
  if (topP === 1) return candidates;
  const sorted = byWeight(candidates);
  const wanted = topP * totalWeight(sorted);
  let mass = 0;
  // The token that reaches the mass stays too; so at least the first one does.
  const last = sorted.findIndex(({ weight }) => (mass += weight) >= wanted);
  return last < 0 ? sorted : sorted.slice(0, last + 1);
}

function totalWeight(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { weight }) => sum + weight, 0);
}

/** Likeliest first; sorting is stable, so equals stay in the order of their ids. */
function byWeight(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => b.weight - a.weight);
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

function checkOptions({ temperature, topK, topP }: Required<SamplingOptions>): void {
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
