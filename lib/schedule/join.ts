import { checkSteps } from "./_check.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Follows one schedule, then another one that counts from 0 again.
 *
 * Steps 0 to `at` − 1 use `first(step)`, later steps `second(step - at)`, as in PyTorch's
 * `SequentialLR` with one milestone.
 *
 * @param first The schedule before `at`.
 * @param second The schedule from `at` on; its own step 0 is step `at`.
 * @param options `at`, the first step that follows the second schedule.
 * @returns The joined schedule; join it again for more than two parts.
 * @throws {RangeError} If `at` is not an integer from 1.
 *
 * @example
 * ```ts
 * import { constant, join, linearDecay } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const holdThenFall = join(constant(), linearDecay({ steps: 4 }), { at: 10 });
 * assertEquals([9, 10, 11, 14].map(holdThenFall), [1, 1, 0.75, 0]);
 * ```
 */
export function join(
  first: Schedule,
  second: Schedule,
  options: { readonly at: number },
): Schedule {
  const { at } = options;
  checkSteps("join schedules", "at", at);
  return (step) => step < at ? first(step) : second(step - at);
}
