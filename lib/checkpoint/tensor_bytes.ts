import * as tf from "@tensorflow/tfjs";
import { type Elements, READABLE, readElements } from "./element_types.ts";
import type { TensorData } from "./safetensors.ts";

/**
 * Copies named tensors out of the backend, as the bytes that a file will hold.
 *
 * @param tensors Tensors of dtype float32 or int32; the caller still owns them.
 * @returns Their bytes by name, in the same order.
 * @throws {TypeError} If a tensor has another dtype.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { toBytes } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = toBytes({ "norm.bias": tf.tensor1d([1, 0]) });
 * assertEquals([...bytes.get("norm.bias")!.data], [0, 0, 128, 63, 0, 0, 0, 0]);
 * ```
 */
export function toBytes(tensors: Readonly<Record<string, tf.Tensor>>): Map<string, TensorData> {
  return new Map(
    Object.entries(tensors).map(([name, tensor]) => {
      if (tensor.dtype !== "float32" && tensor.dtype !== "int32") {
        throw new TypeError(
          `Cannot save tensor "${name}": expected float32 or int32, got ${tensor.dtype}`,
        );
      }
      const { buffer, byteOffset, byteLength } = tensor.dataSync();
      // A copy, because some backends return the memory in which they compute.
      const data = new Uint8Array(buffer, byteOffset, byteLength).slice();
      return [name, {
        dtype: tensor.dtype === "float32" ? "F32" : "I32",
        shape: tensor.shape,
        data,
      }];
    }),
  );
}

/**
 * Makes tensors from bytes that came from a file.
 *
 * | in the file                     | in TensorFlow.js | elements                                      |
 * | ------------------------------- | ---------------- | --------------------------------------------- |
 * | F32, I32                        | float32, int32   | bit for bit                                   |
 * | F16, BF16                       | float32          | exact                                         |
 * | F64                             | float32          | rounded to the nearest; refused beyond float32 |
 * | I16, I8, U16, U8                | int32            | exact                                         |
 * | I64, U32, U64                   | int32            | exact; refused beyond int32                   |
 * | BOOL                            | bool             | zero or not                                   |
 *
 * @param tensors Bytes by name, of one of these types.
 * @returns New tensors with the same names and shapes; the caller disposes them.
 * @throws {TypeError} If a tensor has another dtype; no tensor is left behind.
 * @throws {RangeError} If an element does not fit; no tensor is left behind.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { toTensors } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const half = { dtype: "BF16", shape: [2], data: Uint8Array.of(0, 0x3f, 0x80, 0xbf) } as const;
 * const tensors = toTensors(new Map([["norm.bias", half]]));
 * assertEquals([...tensors["norm.bias"]!.dataSync()], [0.5, -1]);
 * tf.dispose(tensors);
 * ```
 */
export function toTensors(tensors: ReadonlyMap<string, TensorData>): Record<string, tf.Tensor> {
  return tf.tidy(() =>
    Object.fromEntries(Array.from(tensors, ([name, data]) => [name, toTensor(name, data)]))
  );
}

function toTensor(name: string, data: TensorData): tf.Tensor {
  const elements = elementsOf(name, data);
  if (elements !== undefined) return tf.tensor(elements.values, [...data.shape], elements.dtype);
  throw new TypeError(`Cannot load tensor "${name}": expected ${READABLE}, got ${data.dtype}`);
}

function elementsOf(name: string, data: TensorData): Elements | undefined {
  try {
    return readElements(data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message.replace("Cannot read an element: ", "");
    throw new RangeError(`Cannot load tensor "${name}" (${data.dtype}): ${reason}`, {
      cause: error,
    });
  }
}
