import { type Dtype, DTYPE_BYTES, MAX_HEADER_BYTES, type TensorData } from "./safetensors.ts";

const DTYPE_ORDER = Object.keys(DTYPE_BYTES);

/**
 * Writes tensors as a safetensors file, byte for byte as the official writer does.
 *
 * A file is the header's length (8 bytes), the header (JSON, padded with spaces to a multiple of 8
 * bytes), and the data without gaps: widest elements first, then by name.
 *
 * @param tensors Tensors by name, for example `blocks.0.attention.qkv.weight`.
 * @param metadata Free text by key; none by default.
 * @returns The bytes of the file.
 * @throws {TypeError} If a name is reserved, a name or metadata is not Unicode text, a length is
 *   not a whole number, or the bytes do not match dtype and shape.
 * @throws {RangeError} If the header would be larger than {@linkcode MAX_HEADER_BYTES}.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bias = { dtype: "F32", shape: [2], data: new Uint8Array(8) } as const;
 * const bytes = encodeSafetensors(new Map([["bias", bias]]), { step: "846" });
 * assertEquals(decodeSafetensors(bytes).tensors.get("bias")?.shape, [2]);
 * ```
 *
 * Source: the format's description at https://github.com/huggingface/safetensors.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const layout = layOut(tensors), entries = metadataEntry(metadata);
  let size = 0;
  for (const [name, { dtype, shape, data }] of layout) {
    const entry = { dtype, shape, data_offsets: [size, size += data.length] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  return assemble(`{${entries.join(",")}}`, layout.map(([, { data }]) => data));
}

/**
 * Checks tensors and puts them in the order in which a file holds their data.
 *
 * @param tensors Tensors by name.
 * @returns Names and tensors, widest elements first, then by the names' UTF-8 bytes.
 * @throws {TypeError} As {@linkcode encodeSafetensors} does.
 *
 * @example
 * ```ts
 * import { layOut } from "lib/checkpoint/encode_safetensors.ts";
 * import type { TensorData } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mask: TensorData = { dtype: "BOOL", shape: [1], data: new Uint8Array(1) };
 * const bias: TensorData = { dtype: "F32", shape: [1], data: new Uint8Array(4) };
 * const layout = layOut(new Map([["mask", mask], ["bias", bias]]));
 * assertEquals(layout.map(([name]) => name), ["bias", "mask"]);
 * ```
 */
export function layOut(tensors: ReadonlyMap<string, TensorData>): [string, TensorData][] {
  const keyed = Array.from(tensors, (pair) => {
    checkTensor(...pair);
    return { pair, rank: rank(pair[1].dtype), key: new TextEncoder().encode(pair[0]) };
  });
  keyed.sort((a, b) => b.rank - a.rank || compareBytes(a.key, b.key));
  return keyed.map(({ pair }) => pair);
}

function assemble(header: string, parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const headerSize = Math.ceil(text.length / 8) * 8;
  if (headerSize > MAX_HEADER_BYTES) {
    throw new RangeError(
      `Cannot write safetensors: expected a header of at most ${MAX_HEADER_BYTES} bytes, ` +
        `got ${headerSize}; shorten names or metadata`,
    );
  }
  const size = parts.reduce((sum, part) => sum + part.length, 8 + headerSize);
  const bytes = new Uint8Array(size).fill(0x20, 8, 8 + headerSize);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerSize), true);
  bytes.set(text, 8);
  let offset = 8 + headerSize;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function metadataEntry(metadata: Readonly<Record<string, string>>): string[] {
  const texts = Object.entries(metadata);
  const broken = texts.flat().find((text) => !text.isWellFormed());
  if (broken !== undefined) {
    throw new TypeError(
      `Cannot write safetensors: expected metadata in Unicode, got ${JSON.stringify(broken)}`,
    );
  }
  return texts.length === 0 ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
}

function checkTensor(name: string, { dtype, shape, data }: TensorData): void {
  if (name === "__metadata__" || !name.isWellFormed()) {
    throw new TypeError(
      `Cannot write safetensors: expected a tensor's name, got ${JSON.stringify(name)}`,
    );
  }
  const expected = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new TypeError(
      `Cannot write tensor "${name}": expected whole lengths, got [${shape.join(", ")}]`,
    );
  }
  if (data.length !== expected) {
    throw new TypeError(
      `Cannot write tensor "${name}": expected ${expected} bytes for ${dtype} ` +
        `[${shape.join(", ")}], got ${data.length}`,
    );
  }
}

function rank(dtype: Dtype): number {
  return DTYPE_ORDER.indexOf(dtype);
}

/**
 * Names are ordered by their UTF-8 bytes; `<` compares UTF-16 units, whose order differs beyond
 * U+FFFF.
 */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}
