/**
 * Reads a text file, without the byte order mark that some editors put in front: it is no part of the
 * text, and JSON and CSV have no place for it.
 *
 * @param path The file, in UTF-8; bytes that are no text become U+FFFD.
 * @returns The text.
 * @throws {Deno.errors.NotFound} If there is no such file, and others as the system says.
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
  return new TextDecoder().decode(Deno.readFileSync(path)); // leaves the mark out
}
