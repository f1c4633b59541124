import { plain, quote } from "lib/core/mod.ts";
import {
  type Dtype,
  DTYPE_BYTES,
  MAX_HEADER_BYTES,
  SafetensorsError,
  type SafetensorsErrorCode,
  type TensorData,
} from "./safetensors.ts";

/** A tensor's place in the file, before its data is read. */
interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** Free text by key. */
  readonly metadata: Map<string, string>;
  /** Tensors by name; their data are views into the bytes that were read. */
  readonly tensors: Map<string, TensorData>;
}

/**
 * Reads a safetensors file, and refuses everything that the official reader refuses.
 *
 * It also refuses what can only be a mistake or an attack: duplicate names, unknown fields, sizes
 * of 2^53 and more, a header above the limit. The format has no checksum, so changed data is not
 * detected; {@linkcode CheckpointStore} therefore keeps one.
 *
 * @param bytes The whole file.
 * @param options.maxHeaderBytes Largest header; default {@linkcode MAX_HEADER_BYTES}.
 * @returns Tensors and metadata, in the order of the header; data are views, nothing is copied.
 * @throws {SafetensorsError} If a rule of the format is broken; `code` says which.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, SafetensorsError } from "lib/checkpoint/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => decodeSafetensors(new Uint8Array(3)), SafetensorsError, "got 3");
 * ```
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: { readonly maxHeaderBytes?: number } = {},
): Safetensors {
  const headerSize = readHeaderSize(bytes, options.maxHeaderBytes ?? MAX_HEADER_BYTES);
  const dataStart = 8 + headerSize;
  const header = parseHeader(bytes.subarray(8, dataStart));
  const metadata = readMetadata(header.get("__metadata__"));
  header.delete("__metadata__");
  const entries = [...header].map(([name, value]) => readEntry(name, value));
  checkLayout(entries, bytes.length - dataStart);
  const tensors = new Map(entries.map(({ name, dtype, shape, start, end }) => [
    name,
    { dtype, shape, data: bytes.subarray(dataStart + start, dataStart + end) },
  ]));
  return { metadata, tensors };
}

function refuse(code: SafetensorsErrorCode, expected: string, got: string, cause?: unknown): never {
  const message = `Cannot read safetensors: expected ${expected}, got ${plain(got)} (${code})`;
  throw new SafetensorsError(code, message, cause === undefined ? {} : { cause });
}

function readHeaderSize(bytes: Uint8Array, limit: number): number {
  if (bytes.length < 8) refuse("HeaderTooSmall", "at least 8 bytes", `${bytes.length}`);
  const size = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (size > BigInt(limit)) {
    refuse("HeaderTooLarge", `a header of at most ${limit} bytes`, `${size}`);
  }
  if (size > BigInt(bytes.length - 8)) {
    refuse("InvalidHeaderLength", `a header within the ${bytes.length} bytes`, `${size}`);
  }
  return Number(size);
}

/** A Map, so that a tensor named `__proto__` is a name like any other. */
function parseHeader(bytes: Uint8Array): Map<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return refuse("InvalidHeader", "a header in UTF-8", "other bytes", cause);
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    return refuse("InvalidHeaderDeserialization", "a header in JSON", got, cause);
  }
  if (!isObject(header)) {
    return refuse("InvalidHeaderDeserialization", "a JSON object", text.slice(0, 40));
  }
  checkSource(text, header);
  return new Map(Object.entries(header));
}

/**
 * Refuses what `JSON.parse` accepts silently: keys given twice, and numbers such as `1.0` or `-0`.
 */
function checkSource(text: string, header: Record<string, unknown>): void {
  const inner = Object.values(header).filter(isObject);
  const expected = inner.reduce((sum, value) => sum + Object.keys(value).length, inner.length);
  const others = Object.keys(header).length - inner.length;
  let keys = 0;
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g)) {
    if (colon !== undefined) keys++;
    if (!token.startsWith('"') && !/^\d+$/.test(token)) {
      refuse("InvalidHeaderDeserialization", "whole numbers", token);
    }
  }
  if (keys !== expected + others) {
    refuse(
      "InvalidHeaderDeserialization",
      "every key once, and no objects deeper down",
      `${keys} keys for ${expected + others}`,
    );
  }
}

function readMetadata(value: unknown): Map<string, string> {
  if (value === undefined || value === null) return new Map();
  const entries = isObject(value) ? Object.entries(value) : [["", undefined] as const];
  return new Map(entries.map(([key, text]) => {
    if (typeof text === "string" && text.isWellFormed() && key.isWellFormed()) return [key, text];
    return refuse("InvalidHeaderDeserialization", "text by key in __metadata__", quote(value));
  }));
}

function readEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets, ...others } = isObject(value) ? value : {};
  if (
    !name.isWellFormed() || typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) ||
    offsets.length !== 2 || Object.keys(others).length > 0
  ) {
    return refuse(
      "InvalidHeaderDeserialization",
      `dtype, shape and data_offsets for ${quote(name)}`,
      quote(value),
    );
  }
  if (!isDtype(dtype)) {
    return refuse("UnsupportedDtype", `one of ${Object.keys(DTYPE_BYTES).join(", ")}`, dtype);
  }
  const [start = 0, end = 0] = offsets;
  return { name, dtype, shape, start, end };
}

/** Tensors must cover the data from its first byte to its last, without overlap and without gap. */
function checkLayout(entries: readonly Entry[], dataSize: number): void {
  let covered = 0;
  for (const entry of entries.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const { name, dtype, shape, start, end } = entry;
    if (start !== covered || end < start) {
      refuse("InvalidOffset", `tensor ${quote(name)} to begin at ${covered}`, `${start} to ${end}`);
    }
    const size = shape.reduce((product, length) => multiply(product, length), DTYPE_BYTES[dtype]);
    if (end - start !== size) {
      const text = `${quote(name)} ${plain(`[${shape.join(", ")}]`)}`;
      refuse("TensorInvalidInfo", `${size} bytes for ${text}`, `${end - start}`);
    }
    covered = end;
  }
  if (covered !== dataSize) {
    refuse("MetadataIncompleteBuffer", `${covered} bytes of data`, `${dataSize}`);
  }
}

function multiply(a: number, b: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return product;
  return refuse("ValidationOverflow", "a size below 2^53 bytes", `${a} x ${b}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(DTYPE_BYTES, text);
}
