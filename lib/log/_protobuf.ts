/**
 * The few parts of Protocol Buffers that an event file needs. A message is a sequence of fields;
 * each begins with its number and its wire type: 0 varint, 1 eight bytes, 2 length and bytes,
 * 5 four bytes.
 */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return join(parts);
}

/** The same of any number of parts. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A field of type int64 or enum. */
export function intField(field: number, value: number): Uint8Array {
  return concat(key(field, 0), varint(value));
}

/** A field of type double. */
export function doubleField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return concat(key(field, 1), bytes);
}

/** A field of type float. */
export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat(key(field, 5), bytes);
}

/** A field that holds bytes, text in UTF-8, or another message. */
export function bytesField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return concat(key(field, 2), varint(bytes.length), bytes);
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  // Division, because shifts would cut a step to 32 bits.
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return Uint8Array.from([...bytes, value]);
}
