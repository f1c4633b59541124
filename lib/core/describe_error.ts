import {
  BackendError,
  CheckpointError,
  ClusterError,
  ConfigError,
  NonFiniteLossError,
} from "./errors.ts";
import { FileError, isSystemError } from "./file_error.ts";

/** How a program ends that could not do its task. */
export interface Failure {
  /** The message for the user: what went wrong, and the cure. */
  readonly message: string;
  /** 2 for a setting, 1 for everything else. */
  readonly exitCode: number;
}

/** Errors whose own message says what to do. */
const TOLD = [BackendError, CheckpointError, ClusterError, FileError, NonFiniteLossError];

/**
 * Decides what message and exit code an error gives at the end of a program. No other place decides
 * this.
 *
 * An error that the library throws on purpose keeps its own message, and an error of the operating
 * system gets a message of the same form. Anything else is a bug in the program, so the message is
 * the stack trace.
 *
 * @param error Whatever was thrown.
 * @param options.isSettingUp Whether the program was still reading its settings: then a
 *   `RangeError` means a wrong setting; later it means a bug. Default true.
 * @returns The message and the exit code.
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
