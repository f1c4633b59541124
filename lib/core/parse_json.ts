import { plain, quote } from "./quote.ts";

/**
 * Reads JSON, and refuses an object with the same key twice: JSON.parse() silently takes the last
 * one.
 *
 * @param text The text; a byte order mark at its start is ignored.
 * @returns The value.
 * @throws {SyntaxError} If it is not JSON, or an object has a key twice. The message is only the
 *   reason: the caller puts it into a sentence that says what was read.
 *
 * @example
 * ```ts
 * import { parseJson } from "lib/core/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseJson('{"a": [1]}'), { a: [1] });
 * assertThrows(() => parseJson('{"a": 1, "a": 2}'), SyntaxError, 'the key "a" twice in one object');
 * ```
 */
export function parseJson(text: string): unknown {
  const body = text.replace(/^\uFEFF/, "");
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(plain(reason), { cause });
  }
  const twice = keyTwice(body);
  if (twice === undefined) return value;
  const reason = `the key ${quote(twice)} twice in one object`;
  throw new SyntaxError(reason);
}

/** The first key that an object of a valid JSON text has twice. */
function keyTwice(text: string): string | undefined {
  const open: Set<string>[] = []; // the keys of each object that encloses this place
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      const key: string = JSON.parse(token.slice(0, -colon.length)), keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}
