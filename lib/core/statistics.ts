import { tQuantile } from "./t_distribution.ts";

/**
 * Computes the arithmetic mean: Σ x / n.
 *
 * @param values At least one number.
 * @returns The mean, in the values' unit.
 * @throws {RangeError} If there is no value.
 *
 * @example
 * ```ts
 * import { mean } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mean([1, 2, 6]), 3);
 * ```
 */
export function mean(values: readonly number[]): number {
  checkCount("take a mean", values, 1);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Estimates the variance of the distribution that the values come from: Σ (x − mean)² / (n − 1).
 *
 * @param values At least two numbers.
 * @returns The unbiased estimate, in the square of the values' unit.
 * @throws {RangeError} If there are fewer than two values.
 *
 * @example
 * ```ts
 * import { variance } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(variance([1, 2, 6]), 7);
 * ```
 */
export function variance(values: readonly number[]): number {
  checkCount("estimate a variance", values, 2);
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
}

/**
 * Estimates the error of the mean of the values, as one standard deviation: √(variance / n).
 *
 * @param values At least two independent numbers.
 * @returns The standard error of {@linkcode mean}, in the values' unit.
 * @throws {RangeError} If there are fewer than two values.
 *
 * @example
 * ```ts
 * import { standardError } from "lib/core/statistics.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(standardError([1, 1, 3, 3]), Math.sqrt((4 / 3) / 4));
 * ```
 */
export function standardError(values: readonly number[]): number {
  return Math.sqrt(variance(values) / values.length);
}

/** A range that covers an unknown value with a given probability. */
export interface Interval {
  /** The lower end. */
  readonly low: number;
  /** The upper end. */
  readonly high: number;
}

/**
 * Computes the 95 % confidence interval of a mean: mean ± t · standard error, where t is the 97.5 %
 * point of Student's t with n − 1 degrees of freedom.
 *
 * With few values t is large (12.7 for two, 4.3 for three): this is why results of three seeds
 * prove little.
 *
 * @param values At least two independent numbers from an approximately normal distribution.
 * @returns The interval, around {@linkcode mean}.
 * @throws {RangeError} If there are fewer than two values.
 *
 * @example
 * ```ts
 * import { confidenceInterval95 } from "lib/core/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { low, high } = confidenceInterval95([3.69, 3.71, 3.7]);
 * assertAlmostEquals(low, 3.675158, 1e-6);
 * assertAlmostEquals(high, 3.724842, 1e-6);
 * ```
 *
 * Source: Student, "The Probable Error of a Mean", 1908
 */
export function confidenceInterval95(values: readonly number[]): Interval {
  const error = standardError(values), center = mean(values);
  const reach = tQuantile(0.95, values.length - 1) * error;
  return { low: center - reach, high: center + reach };
}

/**
 * Computes the value below which a given share of the values lies, with linear interpolation.
 *
 * The sorted values have the positions 0, 1, … n − 1, and the quantile has the position
 * share · (n − 1). This is NumPy's default, and type 7 of Hyndman and Fan.
 *
 * @param values At least one number, in any order; the array is not changed.
 * @param share 0 for the smallest, 0.5 for the median, 1 for the largest.
 * @returns The quantile, in the values' unit; NaN if a value is NaN.
 * @throws {RangeError} If there is no value, or the share is outside 0..1.
 *
 * @example
 * ```ts
 * import { quantile } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quantile([30, 10, 20, 40], 0.5), 25);
 * ```
 *
 * Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996
 */
export function quantile(values: readonly number[], share: number): number {
  checkCount("take a quantile", values, 1);
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`Cannot take a quantile: expected a share from 0 to 1, got ${share}`);
  }
  if (values.some(Number.isNaN)) return NaN; // NaN cannot be sorted
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1), below = Math.floor(place);
  const low = sorted[below] ?? NaN, high = sorted[below + 1] ?? low;
  // Between an infinite value and itself, or times a share of 0, the formula would give NaN.
  return place === below || low === high ? low : low + (high - low) * (place - below);
}

/** The state of an {@linkcode Ema}; plain JSON. */
export interface EmaState {
  /** The weight of the past at each update. */
  readonly decay: number;
  /** The weighted sum of the values so far, without correction. */
  readonly sum: number;
  /** The sum of their weights, 1 − decay^n. */
  readonly weight: number;
}

/**
 * Smooths a noisy series by an exponential moving average, corrected for its start.
 *
 * mₙ = decay · mₙ₋₁ + (1 − decay) · xₙ from m₀ = 0, and the average is mₙ / (1 − decayⁿ), like
 * Adam's correction of its moments: the first average is the first value, not a fraction of it.
 *
 * @example
 * ```ts
 * import { Ema } from "lib/core/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const ema = new Ema(0.9);
 * assertAlmostEquals(ema.update(6.9), 6.9);
 * assertAlmostEquals(ema.update(6.5), (0.09 * 6.9 + 0.1 * 6.5) / 0.19);
 * ```
 *
 * Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 3
 */
export class Ema {
  #state: EmaState;

  /**
   * Starts an average without values.
   *
   * @param decay The weight of the past at each update, from 0 (no smoothing) to below 1; the
   *   average covers about 1 / (1 − decay) values.
   * @throws {RangeError} If the decay is not such a number.
   */
  constructor(decay: number) {
    if (!(decay >= 0 && decay < 1)) {
      throw new RangeError(
        `Cannot smooth: expected a decay of at least 0 and below 1, got ${decay}`,
      );
    }
    this.#state = { decay, sum: 0, weight: 0 };
  }

  /**
   * Continues from a saved state.
   *
   * @param state What {@linkcode Ema.state} gave.
   * @returns An average that continues with the same bits as the saved one.
   * @throws {RangeError} If the decay in it is out of range.
   */
  static fromState(state: EmaState): Ema {
    const ema = new Ema(state.decay);
    ema.#state = { decay: state.decay, sum: state.sum, weight: state.weight };
    return ema;
  }

  /** The average so far; NaN before the first value. */
  get value(): number {
    return this.#state.sum / this.#state.weight;
  }

  /**
   * Adds the next value.
   *
   * @param value The next number of the series.
   * @returns The average, including this value.
   */
  update(value: number): number {
    const { decay, sum, weight } = this.#state;
    const share = 1 - decay;
    this.#state = { decay, sum: decay * sum + share * value, weight: decay * weight + share };
    return this.value;
  }

  /**
   * Gives the state that a checkpoint saves.
   *
   * @returns A plain record.
   */
  state(): EmaState {
    return this.#state;
  }
}

function checkCount(act: string, values: readonly number[], least: number): void {
  if (values.length >= least) return;
  throw new RangeError(
    `Cannot ${act}: expected at least ${least} value${least > 1 ? "s" : ""}, got ${values.length}`,
  );
}
