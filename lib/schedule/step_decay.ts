import { checkSteps } from "./_check.ts";
import type { Schedule } from "./schedule.ts";

/** Settings of {@linkcode stepDecay}. */
export interface StepDecayOptions {
  /** Updates between two drops. */
  readonly every: number;
  /** The factor of each drop, above 0 and at most 1. */
  readonly factor: number;
}

/**
 * Drops by a factor at regular steps: factor^⌊step / every⌋.
 *
 * @param options Distance and factor of the drops.
 * @returns A schedule that is 1 for the first `every` steps, then `factor`, then its square.
 * @throws {RangeError} If `every` is not an integer from 1, or `factor` is not above 0 and at most
 *   1.
 *
 * @example
 * ```ts
 * import { stepDecay } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 9, 10, 20].map(stepDecay({ every: 10, factor: 0.5 })), [1, 1, 0.5, 0.25]);
 * ```
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { every, factor } = options;
  checkSteps("decay in steps", "every", every);
  if (!(factor > 0 && factor <= 1)) {
    throw new RangeError(
      `Cannot decay in steps: expected factor as a number above 0 and at most 1, got ${factor}`,
    );
  }
  return (step) => factor ** Math.floor(step / every);
}
