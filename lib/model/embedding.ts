import * as tf from "@tensorflow/tfjs";
import { differentiable } from "lib/tensor/mod.ts";

/**
 * Looks up rows of a table; the gradient of a row is the sum of dy over the places that used it.
 *
 * @param table float32 [V, C].
 * @param ids int32 of any shape, N ids in all, each from 0 to V − 1.
 * @returns float32 [N, C]; the caller owns it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { embed } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const rows = embed(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([1, 0, 1], "int32"));
 * assertEquals(rows.arraySync(), [[3, 4], [1, 2], [3, 4]]);
 * ```
 */
export function embed(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const [vocabSize = 0] = table.shape;
  const lookUp = differentiable(
    (weights: tf.Tensor) => {
      const rows = ids.cast("int32").flatten();
      return { value: tf.gather(weights, rows), saved: [rows] };
    },
    // `rows` is flat already, but its type does not say so.
    (dy, rows) => [tf.unsortedSegmentSum(dy, rows.flatten(), vocabSize)],
  );
  return lookUp(table);
}
