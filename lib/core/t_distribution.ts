/**
 * Computes the probability that Student's t is in −t..t, by the finite sums for whole degrees of
 * freedom.
 *
 * 1 minus this probability is the p-value of a two-sided t-test.
 *
 * @param t The statistic, at least 0.
 * @param freedom Degrees of freedom, a whole number from 1.
 * @returns A probability; NaN if `t` is NaN.
 *
 * @example
 * ```ts
 * import { tProbability } from "lib/core/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(tProbability(2.7764451052, 4), 0.95, 1e-9);
 * ```
 *
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4
 */
export function tProbability(t: number, freedom: number): number {
  checkFreedom(freedom);
  if (t === Infinity) return 1;
  const angle = Math.atan(t / Math.sqrt(freedom)), isOdd = freedom % 2 === 1;
  const sine = Math.sin(angle), cosine = Math.cos(angle);
  let term = isOdd ? cosine : 1, sum = freedom > 1 ? term : 0;
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= (k - 1) / k * cosine ** 2;
    sum += term;
  }
  return isOdd ? 2 / Math.PI * (angle + sine * sum) : sine * sum;
}

/**
 * Computes the t for which Student's t is in −t..t with a given probability: the inverse of
 * {@linkcode tProbability}.
 *
 * @param probability Such as 0.95 for a 95 % interval; below 1.
 * @param freedom Degrees of freedom, a whole number from 1.
 * @returns The t, at least 0.
 * @throws {RangeError} If the probability is not from 0 to below 1.
 *
 * @example
 * ```ts
 * import { tQuantile } from "lib/core/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(tQuantile(0.95, 2), 4.3026527297, 1e-9);
 * ```
 */
export function tQuantile(probability: number, freedom: number): number {
  if (!(probability >= 0 && probability < 1)) {
    throw new RangeError(
      `Cannot take a quantile of t: expected a probability from 0 to below 1, got ${probability}`,
    );
  }
  let low = 0, high = 1;
  while (tProbability(high, freedom) < probability) high *= 2;
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (tProbability(middle, freedom) > probability) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

function checkFreedom(freedom: number): void {
  if (Number.isInteger(freedom) && freedom >= 1) return;
  throw new RangeError(
    `Cannot use Student's t: expected whole degrees of freedom from 1, got ${freedom}`,
  );
}
