import type * as tf from "@tensorflow/tfjs";
import { differentiable, fusible } from "lib/tensor/mod.ts";

const SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const geluOf = fusible("gelu", (x: tf.Tensor): [value: tf.Tensor, tanh: tf.Tensor] => {
  const inner = x.square().mul(SCALE * CUBIC).add(SCALE).mul(x);
  const tanh = inner.tanh();
  return [tanh.add(1).mul(x).mul(0.5), tanh];
});

/**
 * Applies the Gaussian error linear unit in its tanh form: y = x/2 · (1 + t) with
 * t = tanh(√(2/π) · (x + 0.044715 x³)).
 *
 * The derivative is (1 + t)/2 + x/2 · (1 − t²) · √(2/π) · (1 + 3 · 0.044715 x²).
 *
 * @param x float32 of any shape.
 * @returns float32 of the same shape; the caller owns it.
 *
 * Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016, section 2; GPT-2 uses this form
 * (`nn.GELU(approximate="tanh")` in PyTorch).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { gelu } from "lib/model/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * assertAlmostEquals(gelu(tf.scalar(1)).dataSync()[0] ?? NaN, 0.841192, 1e-6);
 * ```
 */
export const gelu: (x: tf.Tensor) => tf.Tensor = differentiable(
  (x: tf.Tensor) => {
    const [value, tanh] = geluOf(x);
    return { value, saved: [x, tanh] };
  },
  fusible("geluGradient", (dy: tf.Tensor, x: tf.Tensor, tanh: tf.Tensor): [tf.Tensor] => {
    const dInner = x.square().mul(3 * SCALE * CUBIC).add(SCALE);
    const slope = tanh.square().neg().add(1).mul(dInner).mul(x).add(tanh).add(1).mul(0.5);
    return [dy.mul(slope)];
  }),
);
