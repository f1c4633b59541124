/**
 * Tensors to test with, and what can be asserted of them.
 *
 * @module
 */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";

/** Draws a float32 tensor from normal(0, scale), the same one on every machine. */
export function normalTensor(shape: readonly number[], seed: number, scale = 1): tf.Tensor {
  const random = new Random(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => scale * random.normal()), [...shape]);
}

/** Draws an int32 tensor of ids from 0 to `below - 1`. */
export function randomIds(shape: readonly number[], below: number, seed: number): tf.Tensor {
  const random = new Random(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Int32Array.from({ length: size }, () => random.integer(below)), [...shape]);
}

/** Makes an int32 tensor of a list: labels, ids, a seed. */
export function int32(values: readonly number[]): tf.Tensor {
  return tf.tensor1d([...values], "int32");
}

/** The numbers of a tensor, row after row. */
export function numbersOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** The number of a scalar. */
export function numberOf(scalar: tf.Tensor): number {
  assertEquals(scalar.shape, []);
  return scalar.dataSync()[0] ?? NaN;
}

/** Fails unless both have one shape and the same numbers, bit for bit. */
export function assertTensorsEqual(actual: tf.Tensor, expected: tf.Tensor, what = ""): void {
  assertEquals(actual.shape, expected.shape, what);
  assertEquals(numbersOf(actual), numbersOf(expected), what);
}

/** Fails unless both have one shape and no number differs by more than `tolerance`. */
export function assertTensorsClose(
  actual: tf.Tensor,
  expected: tf.Tensor,
  tolerance: number,
  what = "",
): void {
  assertEquals(actual.shape, expected.shape, what);
  const others = numbersOf(expected);
  // Not Math.max: a NaN on either side must fail, and `NaN <= tolerance` does.
  const worst = numbersOf(actual).reduce((largest, value, i) => {
    const difference = Math.abs(value - (others[i] ?? NaN));
    return difference <= largest ? largest : difference;
  }, 0);
  assertLessOrEqual(worst, tolerance, `${what}: differs by ${worst}, allowed is ${tolerance}`);
}

/** Fails unless `fn` leaves exactly `kept` tensors more than there were. */
export function assertTensorsKept(kept: number, fn: () => void): void {
  const before = tf.memory().numTensors;
  fn();
  assertEquals(tf.memory().numTensors - before, kept, "tensors left behind");
}
