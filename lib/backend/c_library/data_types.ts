/**
 * TensorFlow's numbers for element types (`tensorflow/c/tf_datatype.h`) and how each one looks in
 * JavaScript.
 */

/** The element types that the binding passes. */
export const DataType = {
  FLOAT32: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  UINT16: 17,
  RESOURCE: 20,
  UINT64: 23,
} as const;

/** The values of a tensor, to write or to read: one array, or one byte array per string. */
export type TensorValues =
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array[];

/** An array of numbers, laid out as in a tensor's memory. */
export type NumericArray = Exclude<TensorValues, Uint8Array[]>;

interface Layout {
  /** Makes the array into which a tensor of this many bytes is read. */
  readonly read: (bytes: number) => NumericArray & ArrayBufferView<ArrayBuffer>;
  /**
   * The array types that a tensor is made from, and how many array elements make one tensor
   * element.
   */
  readonly write: Readonly<Record<string, number>>;
}

const BYTES: Layout = { read: (bytes) => new Uint8Array(bytes), write: { Uint8Array: 1 } };

const LAYOUTS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [DataType.FLOAT32, { read: (bytes) => new Float32Array(bytes / 4), write: { Float32Array: 1 } }],
  [DataType.INT32, { read: (bytes) => new Int32Array(bytes / 4), write: { Int32Array: 1 } }],
  [DataType.UINT8, BYTES],
  [DataType.BOOL, BYTES],
  // The real and the imaginary part alternate.
  [DataType.COMPLEX64, {
    read: (bytes) => new Float32Array(bytes / 4),
    write: { Float32Array: 2 },
  }],
  // TensorFlow.js passes an int64 as two int32, the low one first.
  [DataType.INT64, {
    read: (bytes) => new BigInt64Array(bytes / 8),
    write: { Int32Array: 2, BigInt64Array: 1 },
  }],
  [DataType.UINT64, {
    read: (bytes) => new BigUint64Array(bytes / 8),
    write: { BigUint64Array: 1 },
  }],
  // The bytes of a handle have no meaning for the reader.
  [DataType.RESOURCE, { read: (bytes) => new Uint8Array(bytes), write: {} }],
]);

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "float32"],
  [2, "float64"],
  [3, "int32"],
  [4, "uint8"],
  [5, "int16"],
  [6, "int8"],
  [7, "string"],
  [8, "complex64"],
  [9, "int64"],
  [10, "bool"],
  [14, "bfloat16"],
  [17, "uint16"],
  [18, "complex128"],
  [19, "float16"],
  [20, "resource"],
  [21, "variant"],
  [22, "uint32"],
  [23, "uint64"],
]);

/** The name of an element type, as error messages show it. */
export function dataTypeName(dtype: number): string {
  return NAMES.get(dtype) ?? `data type ${dtype}`;
}

/**
 * An empty array for the bytes of a tensor, or undefined if JavaScript has no array for its type.
 */
export function arrayFor(
  dtype: number,
  bytes: number,
): (NumericArray & ArrayBufferView<ArrayBuffer>) | undefined {
  return LAYOUTS.get(dtype)?.read(bytes);
}

/**
 * Checks that a tensor of this type and shape can be made from `values`.
 *
 * @throws {TypeError} If the type cannot be made, or if the kind or number of values does not fit.
 */
export function assertValuesFit(
  values: unknown,
  expected: { readonly dtype: number; readonly shape: readonly number[] },
): asserts values is NumericArray {
  const { dtype, shape } = expected;
  const write = Object.entries(LAYOUTS.get(dtype)?.write ?? {});
  if (write.length === 0) {
    throw new TypeError(
      `Cannot create a tensor: expected a data type that holds values, got ${dataTypeName(dtype)}`,
    );
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    const array = values as Uint8Array; // every view but a DataView has `length` and a tag
    const kind = array[Symbol.toStringTag] as string; // a subclass like Node's Buffer keeps the name
    if (write.some(([name, per]) => name === kind && array.length === elements * per)) return;
  }
  const wanted = write.map(([name, per]) => `${name} of ${elements * per}`).join(" or ");
  throw new TypeError(
    `Cannot create a tensor ${dataTypeName(dtype)} [${shape}]: expected ${wanted}, got ${
      describeValues(values)
    }`,
  );
}

/** What was given instead, for an error message. */
export function describeValues(values: unknown): string {
  if (values === null || typeof values !== "object") return String(values);
  return `${values.constructor?.name ?? "object"} of ${"length" in values ? values.length : "no"}`;
}
