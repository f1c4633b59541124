import { describeError, type Failure, NonFiniteLossError } from "lib/core/mod.ts";
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
  const safe = placed === undefined ? "" : `\n${whatIsSafe(placed, error)}`;
  return { message: `${withFlagNames(message)}${safe}`, exitCode };
}

/** What is saved of a run, and how to go on. */
function whatIsSafe({ name, run }: PlacedRun, error: unknown): string {
  const step = run.store?.lastStep();
  const saved = run.store === null || step === undefined
    ? "Nothing of the run was saved yet"
    : `The run is saved up to step ${step} in ${run.store.path}`;
  // A resumed run keeps its settings: it would make the very same steps.
  if (error instanceof NonFiniteLossError) {
    return `${saved}; the same settings would lead here again, also with --resume`;
  }
  return step === undefined
    ? `${saved}; the same command starts it again`
    : `${saved}; go on with: ./denow task train --resume --name ${name}`;
}
