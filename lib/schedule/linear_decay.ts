import { checkShare, checkSteps } from "./_check.ts";
import type { Schedule } from "./schedule.ts";

/** Settings of {@linkcode linearDecay} and {@linkcode cosineDecay}. */
export interface DecayOptions {
  /** The number of updates that decay; from this step on the value is `end`. */
  readonly steps: number;
  /** The multiplier at the end of the decay, 0..1; default 0. */
  readonly end?: number;
}

/**
 * Falls from 1 to `end` in equal steps: 1 + (end − 1) · min(step, steps) / steps.
 *
 * The value `end` is reached at step `steps`, one step after the last update of a run of that
 * length, so that no update is wasted on a rate of 0.
 *
 * @param options Length and end of the decay.
 * @returns A schedule that is 1 at step 0 and `end` from step `steps` on.
 * @throws {RangeError} If `steps` is not an integer from 1, or `end` lies outside 0..1.
 *
 * @example
 * ```ts
 * import { linearDecay } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = linearDecay({ steps: 4, end: 0.5 });
 * assertEquals([0, 2, 4, 5].map(schedule), [1, 0.75, 0.5, 0.5]);
 * ```
 */
export function linearDecay(options: DecayOptions): Schedule {
  const { steps, end = 0 } = options;
  checkSteps("decay linearly", "steps", steps);
  checkShare("decay linearly", "end", end);
  return (step) => end + (1 - end) * (1 - Math.min(step, steps) / steps);
}
