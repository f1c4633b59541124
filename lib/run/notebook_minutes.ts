/**
 * How long each notebook ran with its solutions on the machine of {@linkcode REFERENCE_TOKENS}, in
 * seconds: two cores of an AMD EPYC (Zen 4), no GPU.
 */
const REFERENCE_SECONDS: Readonly<Record<string, number>> = {
  "01_data": 75,
  "02_model": 77,
  "03_loop": 240,
  "04_monitoring": 150,
  "05_experiments": 300,
  "06_challenges": 78,
};

/** Targets per second that training learned from there: 384 in a step of 41.8 ms (docs/PERFORMANCE.md). */
const REFERENCE_TOKENS = 9_200;

/**
 * Predicts how long each notebook runs with its solutions on a machine, in proportion to how
 * fast it trains: on a much faster one starting and drawing remain, and it takes a little longer.
 *
 * @param tokensPerSecond What the machine trains, by {@linkcode measureTraining}.
 * @returns Minutes by notebook.
 * @throws {RangeError} If the speed is not positive.
 *
 * @example
 * ```ts
 * import { predictMinutes } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const slow = predictMinutes(5000), fast = predictMinutes(10_000);
 * assertEquals(fast["03_loop"], (slow["03_loop"] ?? NaN) / 2);
 * ```
 */
export function predictMinutes(tokensPerSecond: number): Record<string, number> {
  if (!(tokensPerSecond > 0)) {
    throw new RangeError(
      `Cannot predict minutes: expected a positive number of tokens per second, got ${tokensPerSecond}`,
    );
  }
  const slowness = REFERENCE_TOKENS / tokensPerSecond;
  return Object.fromEntries(
    Object.entries(REFERENCE_SECONDS).map(([name, seconds]) => [name, seconds * slowness / 60]),
  );
}
