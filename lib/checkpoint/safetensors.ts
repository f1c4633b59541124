/**
 * Bytes per element by dtype. The official writer orders tensors by this list, from the last dtype
 * to the first: widest elements first, so that every tensor is aligned.
 *
 * The 4- and 6-bit floats of the format are left out: they are packed, so an element is not a whole
 * number of bytes.
 */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  F8_E4M3FNUZ: 1,
  F8_E5M2FNUZ: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;

/** The element types of a safetensors file that are read and written here. */
export type Dtype = keyof typeof DTYPE_BYTES;

/** A tensor as bytes, which is stored but not computed with. */
export interface TensorData {
  /** Element type, by the format's name for it. */
  readonly dtype: Dtype;
  /** Length of each axis; `[]` is a scalar, and a length may be 0. */
  readonly shape: readonly number[];
  /** The elements, row-major and little-endian. */
  readonly data: Uint8Array;
}

/** The size in bytes above which a header is refused: 1 MiB, about ten thousand tensors. */
export const MAX_HEADER_BYTES = 1 << 20;

/**
 * Why a file was refused, in the words of the official reader: by size (`HeaderTooSmall`,
 * `HeaderTooLarge`, `InvalidHeaderLength`), by text (`InvalidHeader`: not UTF-8,
 * `InvalidHeaderDeserialization`: not JSON of the right form), by meaning (`UnsupportedDtype`,
 * `InvalidOffset`, `ValidationOverflow`, `TensorInvalidInfo`, `MetadataIncompleteBuffer`).
 */
export type SafetensorsErrorCode =
  | "HeaderTooSmall"
  | "HeaderTooLarge"
  | "InvalidHeaderLength"
  | "InvalidHeader"
  | "InvalidHeaderDeserialization"
  | "UnsupportedDtype"
  | "InvalidOffset"
  | "ValidationOverflow"
  | "TensorInvalidInfo"
  | "MetadataIncompleteBuffer";

/** Thrown when bytes are not a well-formed safetensors file. */
export class SafetensorsError extends Error {
  /** The name of the class, as it is printed. */
  override readonly name = "SafetensorsError";
  /** Which rule was broken. */
  readonly code: SafetensorsErrorCode;

  /**
   * Makes the error of one broken rule.
   *
   * @param code Which rule.
   * @param message What was expected, and what was there.
   * @param options The error that led to this one, as `cause`.
   *
   * @example
   * ```ts
   * import { SafetensorsError } from "lib/checkpoint/mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(new SafetensorsError("HeaderTooSmall", "Cannot read").code, "HeaderTooSmall");
   * ```
   */
  constructor(code: SafetensorsErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
