import { describeError, type Failure } from "lib/core/mod.ts";
import { withFlagNames } from "./flag_names.ts";
import type { PlacedRun } from "./workspace.ts";

/**
 * Decides what a training program prints after an error: what happened, what is saved and where.
 *
 * @param error Whatever was thrown.
 * @param placed The run that was training, if it had been made already.
 * @returns What to say, and the exit code: {@linkcode describeError} decides it.
 *
 * @example
 * ```ts
 * import { ConfigError } from "lib/core/mod.ts";
 * import { describeFailure } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const failure = describeFailure(new ConfigError("Cannot train: expected a rate, got none"));
 * assertEquals(failure, { message: "Cannot train: expected a rate, got none", exitCode: 2 });
 * ```
 */
export function describeFailure(error: unknown, placed?: PlacedRun): Failure {
  const { message, exitCode } = describeError(error, { isSettingUp: placed === undefined });
  const safe = placed === undefined ? "" : `\n${whatIsSafe(placed)}`;
  return { message: `${withFlagNames(message)}${safe}`, exitCode };
}

/** What is saved of a run, and how to go on. */
function whatIsSafe({ name, run }: PlacedRun): string {
  const step = run.store?.lastStep();
  if (run.store === null || step === undefined) {
    return "Nothing of the run was saved yet; the same command starts it again";
  }
  return `The run is saved up to step ${step} in ${run.store.path}; ` +
    `go on with: ./denow task train --resume --name ${name}`;
}
