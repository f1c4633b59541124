import { assertEquals, assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { layerNorm } from "lib/model/mod.ts";
import { assertTensorsClose, normalTensor, numbersOf } from "../support/tensors.ts";

await useBackend();

/** Moments of values of size 3, a handful of float32 roundings each; the worst seen is 2e-7. */
const ROUNDING = 8e-7;

/** A shift to size 8 rounds each value to 2⁻²², and gains of 2 pass that on; the worst seen is 1.5e-6. */
const SHIFT_ROUNDING = 6e-6;

/**
 * At variance 1, an epsilon of 1e-5 in place of 1e-5 / 1024² changes a value by a share of 1e-5 / 2:
 * the largest value, 6, by 3e-5; the worst seen is 3.4e-5.
 */
const SCALE_TOLERANCE = 4e-5;

/** Mean and variance of each row, in float64. */
function rowMoments(matrix: tf.Tensor): [mean: number, variance: number][] {
  const [rows = 0, size = 0] = matrix.shape;
  const values = numbersOf(matrix);
  return Array.from({ length: rows }, (_, row) => {
    const own = values.slice(row * size, (row + 1) * size);
    const mean = own.reduce((sum, value) => sum + value, 0) / size;
    return [mean, own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size];
  });
}

Deno.test("layerNorm() gives each row mean 0 and variance v / (v + 1e-5)", () => {
  const scales = tf.tensor2d([[1], [100], [0.003], [0.001]]);
  const x = normalTensor([4, 32], 1).mul(scales).add(scales);
  const normalized = rowMoments(layerNorm(x, tf.ones([32]), tf.zeros([32])));
  for (const [row, [, v]] of rowMoments(x).entries()) {
    const [mean = NaN, variance = NaN] = normalized[row] ?? [];
    assertLessOrEqual(Math.abs(mean), ROUNDING);
    assertLessOrEqual(Math.abs(variance - v / (v + 1e-5)), ROUNDING);
  }
});

Deno.test("layerNorm() gives the bias where all channels are equal, not NaN", () => {
  const y = layerNorm(tf.fill([2, 3], 7), tf.tensor1d([2, 3, 4]), tf.tensor1d([1, -1, 0]));
  assertEquals(numbersOf(y), [1, -1, 0, 1, -1, 0]);
});

Deno.test("layerNorm() does not see a shift or a scale of a row, up to the 1e-5", () => {
  const x = normalTensor([5, 16], 2), weight = normalTensor([16], 3), bias = normalTensor([16], 4);
  const shifted = layerNorm(x.add(4), weight, bias);
  assertTensorsClose(shifted, layerNorm(x, weight, bias), SHIFT_ROUNDING);
  const scaled = layerNorm(x.mul(1024), weight, bias);
  assertTensorsClose(scaled, layerNorm(x, weight, bias), SCALE_TOLERANCE);
});
