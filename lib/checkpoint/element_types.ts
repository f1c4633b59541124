import type { Dtype, TensorData } from "./safetensors.ts";

/** A tensor's elements in an array that TensorFlow.js takes, and its name of their type. */
export type Elements =
  | { readonly dtype: "float32"; readonly values: Float32Array }
  | { readonly dtype: "int32"; readonly values: Int32Array }
  | { readonly dtype: "bool"; readonly values: Uint8Array };

type Read = (buffer: ArrayBuffer) => Elements;

/** The element types that can be read, as error messages list them. */
export const READABLE = "F32, F16, BF16, F64, I32, I64, I16, I8, U32, U64, U16, U8 or BOOL";

/** The format is little-endian, and so is every machine that TensorFlow runs on. */
const READERS: Partial<Record<Dtype, Read>> = {
  F32: (buffer) => ({ dtype: "float32", values: new Float32Array(buffer) }),
  F16: (buffer) => ({ dtype: "float32", values: Float32Array.from(new Float16Array(buffer)) }),
  BF16: (buffer) => {
    // A bfloat16 is the upper half of a float32; the lower half is zeros.
    const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
    return { dtype: "float32", values: new Float32Array(bits.buffer) };
  },
  F64: (buffer) => ({ dtype: "float32", values: rounded(new Float64Array(buffer)) }),
  I32: (buffer) => ({ dtype: "int32", values: new Int32Array(buffer) }),
  I64: (buffer) => ({ dtype: "int32", values: narrowed(new BigInt64Array(buffer)) }),
  I16: (buffer) => ({ dtype: "int32", values: Int32Array.from(new Int16Array(buffer)) }),
  I8: (buffer) => ({ dtype: "int32", values: Int32Array.from(new Int8Array(buffer)) }),
  U32: (buffer) => ({ dtype: "int32", values: narrowed(new Uint32Array(buffer)) }),
  U64: (buffer) => ({ dtype: "int32", values: narrowed(new BigUint64Array(buffer)) }),
  U16: (buffer) => ({ dtype: "int32", values: Int32Array.from(new Uint16Array(buffer)) }),
  U8: (buffer) => ({ dtype: "int32", values: Int32Array.from(new Uint8Array(buffer)) }),
  BOOL: (buffer) => ({ dtype: "bool", values: Uint8Array.from(new Uint8Array(buffer), toBit) }),
};

/**
 * Reads a tensor's elements; undefined if TensorFlow.js has no type for them.
 *
 * @param tensor Bytes at any address; they are copied.
 * @throws {RangeError} If an element does not fit into its type in TensorFlow.js.
 */
export function readElements({ dtype, data }: TensorData): Elements | undefined {
  // Copied by slice(), because a file's bytes may begin at any address, but a typed array may not.
  return READERS[dtype]?.(data.slice().buffer);
}

function rounded(values: Float64Array): Float32Array {
  const result = Float32Array.from(values);
  const lost = result.findIndex((value, i) =>
    !Number.isFinite(value) && Number.isFinite(values[i])
  );
  if (lost < 0) return result;
  throw new RangeError(`Cannot read an element: expected one within float32, got ${values[lost]}`);
}

function narrowed(values: BigInt64Array | BigUint64Array | Uint32Array): Int32Array {
  return Int32Array.from(values as Iterable<number | bigint>, (value) => {
    const number = Number(value);
    if ((number | 0) === number) return number;
    throw new RangeError(`Cannot read an element: expected one within int32, got ${value}`);
  });
}

function toBit(value: number): number {
  return value === 0 ? 0 : 1;
}
