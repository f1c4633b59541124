import type { Run } from "./run.ts";

/** Updates after which a run is measured too: the loss falls fastest here. */
const EARLY_STEPS: readonly number[] = [10, 20, 50];

/**
 * Says whether a run is measured after a step: regularly before the first step, every `evalEvery`
 * steps, after each epoch and at the end; early, besides, after 10, 20 and 50 steps of its first epoch.
 *
 * An early validation is there to be looked at. It takes as long as 3 to 5 steps, so the whole
 * validation set is measured; it counts neither for the best weights nor for the patience, no sentence
 * is generated, and nothing is saved.
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
