/**
 * Derivatives measured by evaluating a function beside the point, to hold computed ones against.
 *
 * @module
 */
import { assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { param, type Params, valueAndGradients } from "lib/tensor/mod.ts";

/**
 * How far the point is moved: a float32 function is known to about 10^-7, so what its rounding does
 * to the quotient falls with the step, while the stencil's own error grows with the step's fourth
 * power; between values of size 1 the two meet near 2^-5. A power of two adds no rounding of its
 * own where the value has bits to spare.
 */
const STEP = 2 ** -5;

/**
 * What may lie between the measured and the computed derivative, as a share of 1 or of the
 * derivative, the larger one. Values of size 8 are rounded to 5e-7, which the stencil turns into at
 * most 1.5 * 5e-7 / STEP = 2.4e-5; its own error is STEP^4 / 30 = 3e-8 times the fifth derivative.
 * The worst seen in all tests is 7e-5, on the whole model.
 */
export const DIFFERENCE_TOLERANCE = 1.5e-4;

/** A scalar function of named tensors. */
export type ScalarFunction = (params: Params) => tf.Tensor;

/**
 * Measures the derivative of `fn` by one entry, by the central difference over four points:
 * (8 (f(x+h) − f(x−h)) − (f(x+2h) − f(x−2h))) / 12h.
 */
export function measureDerivative(
  fn: ScalarFunction,
  params: Params,
  entry: { readonly name: string; readonly index: number },
): number {
  const center = param(params, entry.name);
  const valueAt = (steps: number) => {
    const values = Float32Array.from(center.dataSync());
    values[entry.index] = (values[entry.index] ?? NaN) + steps * STEP;
    const moved = tf.tensor(values, center.shape);
    const result = fn({ ...params, [entry.name]: moved });
    const [value = NaN] = result.dataSync();
    result.dispose();
    moved.dispose();
    return value;
  };
  return (8 * (valueAt(1) - valueAt(-1)) - (valueAt(2) - valueAt(-2))) / (12 * STEP);
}

/**
 * Fails unless the computed gradients of `fn` are those that finite differences find: per tensor at
 * the entry with the largest gradient, where a mistake weighs most, and at random other ones.
 */
export function assertGradientsMatchDifferences(
  fn: ScalarFunction,
  params: Params,
  entriesPerTensor: number,
): void {
  const { gradients } = valueAndGradients(params, fn);
  const random = new Random(entriesPerTensor);
  for (const name of Object.keys(params)) {
    const computed = param(gradients, name).dataSync();
    const sizes = Array.from(computed, Math.abs);
    const indices = new Set([sizes.indexOf(Math.max(...sizes))]);
    while (indices.size < Math.min(entriesPerTensor, sizes.length)) {
      indices.add(random.integer(sizes.length));
    }
    for (const index of indices) {
      const measured = measureDerivative(fn, params, { name, index });
      const difference = Math.abs(measured - (computed[index] ?? NaN));
      assertLessOrEqual(
        difference,
        DIFFERENCE_TOLERANCE * Math.max(1, Math.abs(measured)),
        `${name}[${index}]: computed ${computed[index]}, measured ${measured}`,
      );
    }
  }
}
