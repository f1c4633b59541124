import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { gelu } from "lib/model/mod.ts";
import { assertTensorsClose, normalTensor, numbersOf } from "../support/tensors.ts";

await useBackend();

Deno.test("gelu() is x for large x and 0 for very negative x, and so is its slope 1 and 0", () => {
  const x = tf.tensor1d([-1e15, -1e4, -20, 0, 20, 1e4, 1e15]);
  assertEquals(numbersOf(gelu(x)), [-0, -0, -0, 0, 20, 1e4, Math.fround(1e15)]);
  assertEquals(numbersOf(tf.grad(gelu)(x)), [0, 0, 0, 0.5, 1, 1, 1]);
});

Deno.test("gelu(x) − gelu(−x) is x", () => {
  const x = normalTensor([64], 1, 3);
  /** Two roundings of values up to 10. */
  const rounding = 1e-6;
  assertTensorsClose(gelu(x).sub(gelu(x.neg())), x, rounding);
});
