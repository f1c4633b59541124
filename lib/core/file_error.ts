/** Thrown when the system refuses a file, a folder or a stream; its own error is the `cause`. */
export class FileError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name: string = "FileError";
}

/** The cures for the system's errors, by error code. */
const CURES: Readonly<Record<string, string>> = {
  ENOSPC: "free some space, start again",
  EDQUOT: "free some space, start again",
  EFBIG: "free some space, start again",
  EACCES: "make it writable for this user",
  EPERM: "make it writable for this user",
  EROFS: "choose a place that can be written to",
};

/** Error codes by the numbers that Linux and macOS share; on Windows Deno gives the codes. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: "EPERM",
  13: "EACCES",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
};

/**
 * Tells whether an error comes from the operating system, such as a full disk, a missing file or a
 * closed pipe.
 *
 * @param error Whatever was thrown.
 *
 * @example
 * ```ts
 * import { isSystemError } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const caught = (act: () => unknown) => {
 *   try {
 *     return act();
 *   } catch (error) {
 *     return isSystemError(error);
 *   }
 * };
 * assertEquals(caught(() => Deno.readFileSync("/none/at/all")), true);
 * assertEquals(caught(() => JSON.parse("{")), false);
 * ```
 */
export function isSystemError(error: unknown): boolean {
  return codeOf(error) !== undefined;
}

/** The system's error code; for some errors Deno gives only the number, in the text. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && /^E[A-Z0-9]+$/.test(String(error.code))) return String(error.code);
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number === undefined ? undefined : NUMBERS[number] ?? `E${number}`;
}

/**
 * Says why the system refused, and the cure if there is one.
 *
 * @param error What it threw.
 * @returns For example `No space left on device; free some space, start again`.
 *
 * @example
 * ```ts
 * import { reasonOf } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const full = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
 * assertEquals(reasonOf(full), "No space left on device; free some space, start again");
 * ```
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code === undefined) return error.message;
  const cure = CURES[code] === undefined ? "" : `; ${CURES[code]}`;
  // Windows ends its messages with a full stop.
  return error.message.replace(/\.? \(os error \d+\).*$/s, "") + cure;
}

/**
 * Does something to a file; if the system refuses, the error says what was tried.
 *
 * @param what The action and its file, such as `write runs/plain-001/metrics.csv`.
 * @param act Does it.
 * @returns What `act` gives.
 * @throws {FileError} If the system refuses; other errors are thrown unchanged.
 *
 * @example
 * ```ts
 * import { explainFile, FileError } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const read = () => explainFile("read /none", () => Deno.readFileSync("/none"));
 * assertThrows(read, FileError, "Cannot read /none: No such file or directory");
 * ```
 */
export function explainFile<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new FileError(`Cannot ${what}: ${reasonOf(cause)}`, { cause });
  }
}
