/**
 * The few parts of the Protocol Buffers format that this project writes. A message is a sequence of
 * fields; each begins with its number and its wire type: 0 varint, 1 eight bytes, 2 length and
 * bytes, 5 four bytes. A message is the bytes of its fields, one after the other
 * ({@linkcode joinBytes}).
 *
 * @module
 */

/**
 * Joins byte arrays, one after the other.
 *
 * @param parts Any number of byte arrays; they are copied.
 *
 * @example
 * ```ts
 * import { joinBytes } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(joinBytes([Uint8Array.of(1), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3));
 * ```
 */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/**
 * A field of type int64, bool or enum.
 *
 * @param field Its number.
 * @param value A whole number from 0 on.
 *
 * @example
 * ```ts
 * import { intField } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(intField(1, 150), Uint8Array.of(0x08, 0x96, 0x01)); // as in protobuf's manual
 * ```
 */
export function intField(field: number, value: number): Uint8Array<ArrayBuffer> {
  return joinBytes([key(field, 0), varint(value)]);
}

/**
 * A field of type double.
 *
 * @param field Its number.
 * @param value Any number.
 *
 * @example
 * ```ts
 * import { doubleField } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(doubleField(1, 1), Uint8Array.of(0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f));
 * ```
 */
export function doubleField(field: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return joinBytes([key(field, 1), bytes]);
}

/**
 * A field of type float.
 *
 * @param field Its number.
 * @param value Any number; it is rounded to float32.
 *
 * @example
 * ```ts
 * import { floatField } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(floatField(2, 1), Uint8Array.of(0x15, 0, 0, 0x80, 0x3f));
 * ```
 */
export function floatField(field: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joinBytes([key(field, 5), bytes]);
}

/**
 * A field that holds bytes, text in UTF-8, or another message.
 *
 * @param field Its number.
 * @param value The bytes, or the text.
 *
 * @example
 * ```ts
 * import { bytesField } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bytesField(2, "hi"), Uint8Array.of(0x12, 2, 0x68, 0x69));
 * ```
 */
export function bytesField(field: number, value: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return joinBytes([key(field, 2), varint(bytes.length), bytes]);
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits per byte, lowest first; the top bit says that more bytes follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  // Division, because shifts would cut the value to 32 bits.
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Uint8Array.from([...bytes, value]);
}
