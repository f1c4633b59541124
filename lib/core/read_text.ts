import { FileError } from "./file_error.ts";

/**
 * Reads a text file, without the byte order mark that some editors put at its start: it is not part
 * of the text, and JSON and CSV do not allow it.
 *
 * @param path The file, in UTF-8; invalid bytes become U+FFFD.
 * @returns The text.
 * @throws {Deno.errors.NotFound} If there is no such file. Other errors of the system are thrown
 *   unchanged.
 *
 * @example
 * ```ts
 * import { readText } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * Deno.writeTextFileSync(path, "\uFEFF{}");
 * assertEquals(readText(path), "{}");
 * ```
 */
export function readText(path: string | URL): string {
  return new TextDecoder().decode(readBytes(path)); // drops the mark
}

/**
 * Reads a file, and refuses what is none: reading a named pipe that nobody writes to would never
 * end, and no signal could end the process meanwhile.
 *
 * @param path The file. What the shell opens for a program, such as `/dev/fd/63` and `/dev/stdin`, is
 *   read too: it has a writer.
 * @returns Its bytes.
 * @throws {FileError} If it is a pipe or a device.
 * @throws {Deno.errors.NotFound} If there is no such file. Other errors of the system are thrown
 *   unchanged.
 *
 * @example
 * ```ts
 * import { readBytes } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * Deno.writeFileSync(path, Uint8Array.of(1, 2));
 * assertEquals(readBytes(path), Uint8Array.of(1, 2));
 * ```
 */
export function readBytes(path: string | URL): Uint8Array<ArrayBuffer> {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (isFile || isDirectory || `${path}`.startsWith("/dev/")) return Deno.readFileSync(path);
  throw new FileError(`Cannot read ${path}: expected a file, got a pipe or a device`);
}
