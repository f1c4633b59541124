import type { Run } from "./run.ts";

/** Steps with an extra validation: here the loss falls fastest. */
const EARLY_STEPS: readonly number[] = [10, 20, 50];

/**
 * Says whether a validation is due after a step. A regular one is due before the first step, every
 * `evalEvery` steps, after each epoch and at the end; an early one after 10, 20 and 50 steps of the
 * first epoch.
 *
 * An early validation only adds a point to the curve. It takes as long as 3 to 5 steps, with the whole
 * validation set. It does not count for the best weights or for the patience; no sentence is generated,
 * and nothing is saved.
 *
 * @param run Settings and length of the run.
 * @param step Updates made.
 * @returns The kind of validation that is due; null if none is.
 *
 * @example
 * ```ts
 * import { runConfig, validationDue } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const run = { config: runConfig(), plan: { stepsPerEpoch: 141, totalSteps: 846 } };
 * assertEquals([0, 10, 11, 141].map((step) => validationDue(run, step)), [
 *   "regular",
 *   "early",
 *   null,
 *   "regular",
 * ]);
 * ```
 */
export function validationDue(
  { config, plan }: Pick<Run, "config" | "plan">,
  step: number,
): "regular" | "early" | null {
  const { evalEvery, earlyValidations } = config.train, { stepsPerEpoch, totalSteps } = plan;
  const isAtEpoch = step % stepsPerEpoch === 0 || step === totalSteps;
  if (isAtEpoch || (evalEvery > 0 && step % evalEvery === 0)) return "regular";
  return earlyValidations && step < stepsPerEpoch && EARLY_STEPS.includes(step) ? "early" : null;
}
