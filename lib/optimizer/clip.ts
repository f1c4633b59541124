import * as tf from "@tensorflow/tfjs";
import { fitsFloat32 } from "lib/core/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";

/** Keeps the division defined for gradients that are all 0; PyTorch's value. */
const EPSILON = 1e-6;

/** Numbers that are added up at once; a power of 2. */
const ROW = 1024;

/**
 * Computes the length of all gradients taken as one vector: √ Σ g².
 *
 * @param gradients Tensors by name.
 * @returns float32 scalar; the caller owns it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { globalNorm } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(globalNorm({ a: tf.tensor1d([3]), b: tf.tensor2d([[4]]) }).arraySync(), 5);
 * ```
 */
export function globalNorm(gradients: Params): tf.Tensor {
  return tf.tidy(() => {
    // One long vector: a sum for each tensor would give XLA thirty more kernels to compile.
    const all = tf.concat(Object.values(gradients).map((gradient) => gradient.flatten()));
    // Row by row: WASM adds one number after the other, and a million of them lose four digits.
    const rows = all.pad([[0, -all.size & (ROW - 1)]]).reshape([-1, ROW]);
    return rows.square().sum(1).sum().sqrt();
  });
}

/** The result of {@linkcode clipByGlobalNorm}. */
export interface Clipped {
  /** The gradients, all scaled by one factor. */
  readonly gradients: Params;
  /** Their norm before that, float32 scalar. */
  readonly norm: tf.Tensor;
}

/**
 * Shortens the gradient if it is longer than allowed, and keeps its direction:
 * g ← g · min(1, max / (norm + 1e-6)), with the norm over all tensors together.
 *
 * Clipping comes after accumulation: it bounds the gradient of the whole step.
 *
 * @param gradients Tensors by name.
 * @param maxNorm The longest that is allowed, positive; `Infinity` clips nothing.
 * @returns New gradients, and the norm; the caller owns both.
 * @throws {RangeError} If the bound is not positive as float32.
 *
 * Source: Pascanu, Mikolov and Bengio, 2013, algorithm 1; the factor is PyTorch's
 * `clip_grad_norm_`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { clipByGlobalNorm } from "lib/optimizer/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const { gradients, norm } = clipByGlobalNorm({ a: tf.tensor1d([3, 4]) }, 1);
 * assertAlmostEquals(norm.dataSync()[0]!, 5);
 * assertAlmostEquals(gradients.a!.dataSync()[0]!, 0.6, 1e-5);
 * ```
 */
export function clipByGlobalNorm(gradients: Params, maxNorm: number): Clipped {
  // Infinity clips nothing; any other bound goes into a tensor.
  if (!(maxNorm > 0 && (maxNorm === Infinity || fitsFloat32(maxNorm)))) {
    throw new RangeError(
      `Cannot clip gradients: expected a norm that is positive as float32, got ${maxNorm}`,
    );
  }
  const norm = globalNorm(gradients);
  if (maxNorm === Infinity) return { gradients: mapParams(gradients, (g) => g.clone()), norm };
  const factor = tf.minimum(1, tf.div(maxNorm, norm.add(EPSILON)));
  return { gradients: mapParams(gradients, (gradient) => gradient.mul(factor)), norm };
}
