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
  return new TextDecoder().decode(Deno.readFileSync(path)); // drops the mark
}
