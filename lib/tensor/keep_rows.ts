import * as tf from "@tensorflow/tfjs";

/**
 * Sets to 0 the rows of a matrix that are not kept, even if they hold NaN or infinity, which a
 * product with 0 would turn into NaN.
 *
 * No gradient flows through it: use it inside a function that has its own gradient.
 *
 * @param x float32 [N, V].
 * @param isKept bool [N].
 * @returns float32 [N, V]; the caller owns it.
 * @throws {TypeError} If there is not one truth value per row.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { keepRows } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const x = tf.tensor2d([[1, 2], [NaN, Infinity]]), isKept = tf.tensor1d([true, false], "bool");
 * assertEquals(keepRows(x, isKept).arraySync(), [[1, 2], [0, 0]]);
 * ```
 */
export function keepRows(x: tf.Tensor, isKept: tf.Tensor): tf.Tensor {
  const [rows] = x.shape;
  if (x.rank !== 2 || isKept.rank !== 1 || isKept.shape[0] !== rows) {
    throw new TypeError(
      `Cannot keep rows: expected [N, V] and [N], got [${x.shape}] and [${isKept.shape}]`,
    );
  }
  return tf.tidy(() => {
    const nothing = tf.zerosLike(x);
    if (tf.getBackend() === "tensorflow") {
      // TensorFlow's kernel takes one truth value per row; with it, WASM gives wrong numbers.
      const inputs = { condition: isKept.cast("bool"), t: x, e: nothing };
      return tf.engine().runKernel("Select", inputs) as tf.Tensor; // a kernel with one output
    }
    // Broadcast by a product: if tf.where() broadcasts, WASM takes a hundred times as long.
    const isKeptHere = tf.onesLike(x).mul(isKept.cast("float32").expandDims(1)).cast("bool");
    return tf.where(isKeptHere, x, nothing);
  });
}
