/** How many letters of a foreign text a message repeats. */
const MOST = 100;

/**
 * Invisible characters: control characters, and those that change the writing direction. JSON does
 * not escape all of them.
 */
// deno-lint-ignore no-control-regex -- the pattern must find control characters
const UNSEEN = /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

/**
 * Writes a foreign value into a message: short, on one line, and without control characters for a
 * terminal.
 *
 * @param value Any value; text is put in quotes, so that "4" and 4 look different.
 * @returns JSON if JSON can express it, `nothing` for undefined; cut after 100 letters.
 *
 * @example
 * ```ts
 * import { quote } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quote("red\u001B[31m"), '"red\\u001b[31m"');
 * assertEquals(quote("a".repeat(500)), `"${"a".repeat(99)} … (502 letters)`);
 * assertEquals(quote(undefined), "nothing");
 * ```
 */
export function quote(value: unknown): string {
  if (value === undefined) return "nothing";
  return plain(typeof value === "number" ? String(value) : toJson(value));
}

/**
 * Makes a foreign text safe for a message, without quotes: for names beside others that have no
 * quotes.
 *
 * @param text Any text.
 * @returns The text with its invisible characters written as escapes, cut after 100 letters.
 *
 * @example
 * ```ts
 * import { plain } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(plain("lr\u0007"), "lr\\u0007");
 * ```
 */
export function plain(text: string): string {
  const seen = text.slice(0, MOST).toWellFormed().replace(
    UNSEEN,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length <= MOST ? seen : `${seen} … (${text.length} letters)`;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a ${typeof value} that JSON has no form for`; // circular, bigint, too deep
  }
}
