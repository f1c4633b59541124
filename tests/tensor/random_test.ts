import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { seededUniform } from "lib/tensor/mod.ts";
import { assertTensorsKept, int32, numbersOf } from "../support/tensors.ts";

await useBackend();

const DRAWS = 100_000;

Deno.test("seededUniform() repeats per seed and stream and differs in each of them", () => {
  const draws = (run: number, step: number, stream: number) =>
    numbersOf(seededUniform([2, 5], int32([run, step]), stream));
  assertEquals(draws(1, 7, 0), draws(1, 7, 0));
  const all = [draws(1, 7, 0), draws(2, 7, 0), draws(1, 8, 0), draws(7, 1, 0), draws(1, 7, 1)];
  assertEquals(new Set(all.map(String)).size, all.length);
});

Deno.test("seededUniform() draws from [0, 1) with mean 1/2 and variance 1/12 within 4 standard errors", () => {
  const values = numbersOf(seededUniform([DRAWS], int32([3, 4]), 2));
  assert(values.every((value) => value >= 0 && value < 1));
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
  assertLess(Math.abs(mean - 1 / 2), 4 * Math.sqrt(1 / 12 / DRAWS));
  // The variance of (u − 1/2)² is 1/180.
  assertLess(Math.abs(variance - 1 / 12), 4 * Math.sqrt(1 / 180 / DRAWS));
});

Deno.test("seededUniform() has streams and seeds that are uncorrelated within 4 standard errors", () => {
  const centered = (step: number, stream: number) =>
    seededUniform([DRAWS], int32([3, step]), stream).sub(1 / 2);
  const first = centered(4, 0);
  for (const other of [centered(4, 1), centered(5, 0)]) {
    const correlation = 12 * (first.mul(other).mean().dataSync()[0] ?? NaN);
    assertLess(Math.abs(correlation), 4 / Math.sqrt(DRAWS));
  }
});

Deno.test("seededUniform() keeps shape and type, also of a scalar, and leaves one tensor", () => {
  const seed = int32([0, -1]);
  for (const shape of [[], [3], [2, 3, 4, 1]]) {
    assertTensorsKept(1, () => {
      const drawn = seededUniform(shape, seed, 0);
      assertEquals([drawn.shape, drawn.dtype], [shape, "float32"]);
    });
  }
  assertNotEquals(numbersOf(seededUniform([9], seed, 0)), numbersOf(tf.zeros([9])));
});

Deno.test("seededUniform() refuses seeds and streams it cannot use", () => {
  const draw = (seed: tf.Tensor, stream = 0) => () => seededUniform([2], seed, stream);
  const got = (what: string) => `Cannot draw: expected a seed of int32 [2], got ${what}`;
  assertThrows(draw(tf.tensor1d([1, 2])), TypeError, got("float32 [2]"));
  assertThrows(draw(int32([1, 2, 3])), TypeError, got("int32 [3]"));
  assertThrows(draw(int32([1, 2]).reshape([2, 1])), TypeError, got("int32 [2,1]"));
  const stream = "Cannot draw: expected a stream from 0 on, got ";
  assertThrows(draw(int32([1, 2]), -1), RangeError, `${stream}-1`);
  assertThrows(draw(int32([1, 2]), 0.5), RangeError, `${stream}0.5`);
});
