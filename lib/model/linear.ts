import * as tf from "@tensorflow/tfjs";
import { differentiable } from "lib/tensor/mod.ts";
import { onRows } from "./_rows.ts";

const linearOfRows = differentiable(
  (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => ({
    value: tf.matMul(x, weight).add(bias),
    saved: [x, weight],
  }),
  (dy, x, weight) => [
    tf.matMul(dy, weight, false, true),
    tf.matMul(x, dy, true, false),
    dy.sum(0),
  ],
);

/**
 * Applies a linear layer: y = x W + b, with dx = dy Wᵀ, dW = xᵀ dy, db = Σ dy over the rows.
 *
 * PyTorch's `nn.Linear` stores W as [out, in]; here it is [in, out], as in the formula.
 *
 * @param x float32 [..., in]: any number of rows, for example [B·T, in] or [B, T, in].
 * @param weight float32 [in, out].
 * @param bias float32 [out].
 * @returns float32 [..., out]; the caller owns it.
 * @throws {TypeError} If x is a scalar.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { linear } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const y = linear(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 0], [0, 3]]), tf.tensor1d([10, 20]));
 * assertEquals(y.arraySync(), [[11, 26]]);
 * ```
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return onRows(x, (rows) => linearOfRows(rows, weight, bias));
}

const tiedHeadOfRows = differentiable(
  (x: tf.Tensor, table: tf.Tensor) => ({
    value: tf.matMul(x, table, false, true),
    saved: [x, table],
  }),
  (dy, x, table) => [tf.matMul(dy, table), tf.matMul(dy, x, true, false)],
);

/**
 * Scores rows against every row of a table: y = x Eᵀ, the tied output head.
 *
 * @param x float32 [..., C].
 * @param table float32 [V, C], the token embedding.
 * @returns float32 [..., V]; the caller owns it.
 * @throws {TypeError} If x is a scalar.
 *
 * Source: Press and Wolf, "Using the output embedding to improve language models", 2017.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tiedHead } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const scores = tiedHead(tf.tensor2d([[1, 2]]), tf.tensor2d([[1, 0], [0, 1], [1, 1]]));
 * assertEquals(scores.arraySync(), [[1, 2, 3]]);
 * ```
 */
export function tiedHead(x: tf.Tensor, table: tf.Tensor): tf.Tensor {
  return onRows(x, (rows) => tiedHeadOfRows(rows, table));
}
