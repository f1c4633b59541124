import {
  BackendError,
  CheckpointError,
  ConfigError,
  FileError,
  isSystemError,
  NonFiniteLossError,
} from "lib/core/mod.ts";
import type { PlacedRun } from "./workspace.ts";

/** How a program ends that could not do what it was asked to. */
export interface Failure {
  /** What a person reads: what went wrong, the cure, and what is safe and where. */
  readonly message: string;
  /** 2 for a setting, 1 for everything else. */
  readonly exitCode: number;
}

/** Errors that tell in their own words what to do. */
const TOLD = [BackendError, CheckpointError, FileError, NonFiniteLossError];

/**
 * Decides what an error of a training program comes to: the one place that does.
 *
 * What the library throws on purpose is told in its own words, an error of the operating system in
 * the same form. Of anything else, a fault of the program, the stack trace counts.
 *
 * @param error Whatever was thrown.
 * @param placed The run that was under way, if it had come so far. Before, a `RangeError` is a
 *   setting that one of the parts has refused; after, it is a fault of the program.
 * @returns What to say, and the exit code.
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
  const isSetting = error instanceof ConfigError ||
    (placed === undefined && error instanceof RangeError);
  const safe = placed === undefined ? "" : `\n${whatIsSafe(placed)}`;
  return { message: `${tell(error, isSetting)}${safe}`, exitCode: isSetting ? 2 : 1 };
}

function tell(error: unknown, isSetting: boolean): string {
  if (!(error instanceof Error)) return `Cannot go on: expected no error, got ${error}`;
  if (isSetting || TOLD.some((kind) => error instanceof kind)) return error.message;
  if (isSystemError(error)) return `Cannot go on: ${error.message}`;
  return error.stack ?? String(error);
}

/** What of a run lies on the disk, and how to go on. */
function whatIsSafe({ name, run }: PlacedRun): string {
  const step = run.store?.lastStep();
  if (run.store === null || step === undefined) {
    return "Nothing of the run was saved yet; the same command begins it anew";
  }
  return `The run is saved up to step ${step} in ${run.store.path}; ` +
    `go on with: ./denow task train --resume --name ${name}`;
}
