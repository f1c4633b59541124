import type * as tf from "@tensorflow/tfjs";
import { differentiable, fusible } from "lib/tensor/mod.ts";
import { onRows } from "./_rows.ts";

/** Keeps the division defined where all channels are equal; PyTorch's default. */
const EPSILON = 1e-5;

/** All that the forward pass computes: [N, C], [N, C] and [N, 1]. */
type Normalized = [value: tf.Tensor, normalized: tf.Tensor, inverseDeviation: tf.Tensor];

const layerNormOf = fusible(
  "layerNorm",
  (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): Normalized => {
    const centered = x.sub(x.mean(-1, true));
    const variance = centered.square().mean(-1, true); // [N, 1]
    const inverseDeviation = variance.add(EPSILON).rsqrt(); // [N, 1]
    const normalized = centered.mul(inverseDeviation);
    return [normalized.mul(weight).add(bias), normalized, inverseDeviation];
  },
);

const layerNormOfRows = differentiable(
  (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
    const [value, normalized, inverseDeviation] = layerNormOf(x, weight, bias);
    return { value, saved: [normalized, inverseDeviation, weight] };
  },
  fusible(
    "layerNormGradient",
    (
      dy: tf.Tensor,
      normalized: tf.Tensor,
      inverseDeviation: tf.Tensor,
      weight: tf.Tensor,
    ): [dx: tf.Tensor, dWeight: tf.Tensor, dBias: tf.Tensor] => {
      const dNormalized = dy.mul(weight);
      const along = dNormalized.mul(normalized).mean(-1, true); // [N, 1]
      const dx = dNormalized.sub(dNormalized.mean(-1, true)).sub(normalized.mul(along));
      return [dx.mul(inverseDeviation), dy.mul(normalized).sum(0), dy.sum(0)];
    },
  ),
);

/**
 * Normalises each row to mean 0 and variance 1, then scales and shifts each channel.
 *
 * y = x̂ · weight + bias with x̂ = (x − mean) / √(variance + 1e-5), both over the channels. With
 * dx̂ = dy · weight, the gradient is dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂ · x̂)) / √(variance + 1e-5).
 *
 * @param x float32 [..., C]: each row by itself, with any axes before the channels.
 * @param weight float32 [C]; 1 at the start.
 * @param bias float32 [C]; 0 at the start.
 * @returns float32 [..., C]; the caller owns it.
 * @throws {TypeError} If x is a scalar.
 *
 * Source: Ba, Kiros and Hinton, "Layer normalization", 2016; their gain g and bias b.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { layerNorm } from "lib/model/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const [low = NaN] = layerNorm(tf.tensor2d([[2, 4]]), tf.ones([2]), tf.zeros([2])).dataSync();
 * assertAlmostEquals(low, -1, 1e-4);
 * ```
 */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return onRows(x, (rows) => layerNormOfRows(rows, weight, bias));
}
