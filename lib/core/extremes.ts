/**
 * Finds the largest of any number of values; `Math.max(...values)` overflows the call stack from
 * about 125,000 of them.
 *
 * @param values Numbers; NaN among them gives NaN.
 * @param atLeast The smallest possible result, which is also the result without values.
 * @returns The largest.
 *
 * @example
 * ```ts
 * import { largest } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(largest(new Float32Array(1_000_000).fill(3)), 3);
 * assertEquals(largest([], 1), 1);
 * ```
 */
export function largest(values: Iterable<number>, atLeast: number = -Infinity): number {
  let most = atLeast;
  for (const value of values) most = Math.max(most, value);
  return most;
}

/**
 * Finds the smallest of any number of values, as {@linkcode largest} finds the largest.
 *
 * @param values Numbers; NaN among them gives NaN.
 * @param atMost The largest possible result, which is also the result without values.
 * @returns The smallest.
 *
 * @example
 * ```ts
 * import { smallest } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(smallest([5, 3, 4], 0), 0);
 * ```
 */
export function smallest(values: Iterable<number>, atMost: number = Infinity): number {
  let least = atMost;
  for (const value of values) least = Math.min(least, value);
  return least;
}
