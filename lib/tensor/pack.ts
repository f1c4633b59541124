import * as tf from "@tensorflow/tfjs";
import type { Params } from "./params.ts";

/**
 * Puts all numbers of named tensors into one vector, in the order of the names.
 *
 * @param params float32 tensors, at least one.
 * @returns float32 [N], with N as {@linkcode countParams} gives it; the caller owns it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { packParams } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const vector = packParams({ a: tf.tensor2d([[1, 2], [3, 4]]), b: tf.scalar(5) });
 * assertEquals(vector.arraySync(), [1, 2, 3, 4, 5]);
 * ```
 */
export function packParams(params: Params): tf.Tensor {
  return tf.tidy(() => tf.concat(Object.values(params).map((tensor) => tensor.reshape([-1]))));
}

/**
 * Splits a vector into named tensors: the inverse of {@linkcode packParams}.
 *
 * @param vector float32 [N or more]; numbers after those of the tensors are ignored.
 * @param like Tensors with the names and shapes wanted; their values do not matter.
 * @returns New tensors; the caller owns them.
 * @throws {RangeError} If the vector is too short.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { unpackParams } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const like = { a: tf.zeros([2, 2]), b: tf.scalar(0) };
 * const { a, b } = unpackParams(tf.tensor1d([1, 2, 3, 4, 5]), like);
 * assertEquals([a?.arraySync(), b?.arraySync()], [[[1, 2], [3, 4]], 5]);
 * ```
 */
export function unpackParams(vector: tf.Tensor, like: Params): Params {
  const size = Object.values(like).reduce((sum, tensor) => sum + tensor.size, 0);
  if (vector.size < size) {
    throw new RangeError(
      `Cannot unpack parameters: expected at least ${size} numbers, got ${vector.size}`,
    );
  }
  return tf.tidy(() => {
    let start = 0;
    return Object.fromEntries(
      Object.entries(like).map(([name, { shape, size }]) => {
        const part = vector.slice([start], [size]).reshape(shape);
        start += size;
        return [name, part];
      }),
    );
  });
}
