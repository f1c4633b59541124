const encoder = new TextEncoder();

/**
 * The bytes of a string with a closing zero, as C takes them.
 *
 * @param text Any text without a zero character.
 * @returns Its UTF-8 bytes and the zero.
 *
 * @example
 * ```ts
 * import { cString } from "lib/backend/c_library/c_string.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(cString("T"), Uint8Array.of(84, 0));
 * ```
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${text}\0`);
}

/**
 * The text at a C string's address.
 *
 * @param pointer The address, or null.
 * @returns The text, copied; empty for null.
 *
 * @example
 * ```ts
 * import { cString, readCString } from "lib/backend/c_library/c_string.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = cString("MatMul");
 * assertEquals(readCString(Deno.UnsafePointer.of(bytes)), "MatMul");
 * ```
 */
export function readCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : new Deno.UnsafePointerView(pointer).getCString();
}

const cStrings = new Map<string, Uint8Array<ArrayBuffer>>();

/** {@linkcode cString} for a name that is used many times: it is encoded only once. */
export function cName(name: string): Uint8Array<ArrayBuffer> {
  let bytes = cStrings.get(name);
  if (bytes === undefined) cStrings.set(name, bytes = cString(name));
  return bytes;
}
