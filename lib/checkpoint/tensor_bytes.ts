import * as tf from "@tensorflow/tfjs";
import type { TensorData } from "./safetensors.ts";

/**
 * Copies named tensors out of the backend, as they will lie in a file.
 *
 * @param tensors Tensors of dtype float32 or int32; they stay the caller's.
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
      // A copy, because some backends hand out the very memory they compute in.
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
 * Makes tensors of bytes that came from a file.
 *
 * @param tensors Bytes by name, of dtype F32 or I32.
 * @returns New tensors with the same names, shapes and bits; the caller disposes them.
 * @throws {TypeError} If a tensor has another dtype; no tensor is left behind.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { toBytes, toTensors } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tensors = toTensors(toBytes({ "norm.bias": tf.tensor1d([0.5, -1]) }));
 * assertEquals([...tensors["norm.bias"]!.dataSync()], [0.5, -1]);
 * tf.dispose(tensors);
 * ```
 */
export function toTensors(tensors: ReadonlyMap<string, TensorData>): Record<string, tf.Tensor> {
  return tf.tidy(() =>
    Object.fromEntries(
      Array.from(tensors, ([name, { dtype, shape, data }]) => {
        // Sliced, because a file's bytes may begin at any address, and a Float32Array may not.
        const { buffer } = data.slice();
        if (dtype === "F32") return [name, tf.tensor(new Float32Array(buffer), [...shape])];
        if (dtype === "I32") return [name, tf.tensor(new Int32Array(buffer), [...shape], "int32")];
        throw new TypeError(`Cannot load tensor "${name}": expected F32 or I32, got ${dtype}`);
      }),
    )
  );
}
