import { checkSteps } from "./_check.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Rises to the peak in equal steps: min(1, (step + 1) / steps).
 *
 * The first update already uses 1 / `steps` of the peak rate; with step / `steps` its rate would be
 * 0.
 *
 * @param steps The number of updates that warm up; the last of them uses the peak rate.
 * @returns A schedule that is 1 / `steps` at step 0 and 1 from step `steps` − 1 on.
 * @throws {RangeError} If `steps` is not an integer from 1.
 *
 * @example
 * ```ts
 * import { warmup } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 1, 2, 3, 4].map(warmup(4)), [0.25, 0.5, 0.75, 1, 1]);
 * ```
 *
 * Source: Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2,
 * https://arxiv.org/abs/1706.02677
 */
export function warmup(steps: number): Schedule {
  checkSteps("warm up", "steps", steps);
  return (step) => Math.min(1, (step + 1) / steps);
}
