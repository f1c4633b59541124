import {
  BackendError,
  CheckpointError,
  ClusterError,
  ConfigError,
  NonFiniteLossError,
} from "./errors.ts";
import { FileError, isSystemError } from "./file_error.ts";

/** How a program ends that could not do what it was asked to. */
export interface Failure {
  /** What a person reads: what went wrong, and the cure. */
  readonly message: string;
  /** 2 for a setting, 1 for everything else. */
  readonly exitCode: number;
}

/** Errors that tell in their own words what to do. */
const TOLD = [BackendError, CheckpointError, ClusterError, FileError, NonFiniteLossError];

/**
 * Decides what an error comes to at the end of a program: the one place that does.
 *
 * What the library throws on purpose is told in its own words, an error of the operating system in
 * the same form. Of anything else, a fault of the program, the stack trace counts.
 *
 * @param error Whatever was thrown.
 * @param options.isSettingUp Whether settings were being put together: then a `RangeError` is one
 *   that a part has refused; later it is a fault of the program. Default true.
 * @returns What to say, and the exit code.
 *
 * @example
 * ```ts
 * import { ConfigError, describeError } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const failure = describeError(new ConfigError("Cannot train: expected a rate, got none"));
 * assertEquals(failure, { message: "Cannot train: expected a rate, got none", exitCode: 2 });
 * ```
 */
export function describeError(
  error: unknown,
  { isSettingUp = true }: { readonly isSettingUp?: boolean } = {},
): Failure {
  const isSetting = error instanceof ConfigError || (isSettingUp && error instanceof RangeError);
  return { message: tell(error, isSetting), exitCode: isSetting ? 2 : 1 };
}

function tell(error: unknown, isSetting: boolean): string {
  if (!(error instanceof Error)) return `Cannot go on: expected no error, got ${error}`;
  if (isSetting || TOLD.some((kind) => error instanceof kind)) return error.message;
  if (isSystemError(error)) return `Cannot go on: ${error.message}`;
  return error.stack ?? String(error);
}
