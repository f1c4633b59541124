import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { accumulate, clipByGlobalNorm, globalNorm } from "lib/optimizer/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";

await useBackend();

/** float32 sums of a few squares. */
const TOLERANCE = 1e-5;

const gradients = (): Params => ({
  a: tf.tensor2d([[3, 0], [0, 0]]),
  b: tf.tensor1d([0, 4]),
  c: tf.scalar(12),
});

function flat(params: Params): number[] {
  return Object.values(params).flatMap((tensor) => [...tensor.dataSync()]);
}

Deno.test("globalNorm() is the length of all tensors as one vector, not a sum of lengths", () => {
  assertAlmostEquals(globalNorm(gradients()).dataSync()[0] ?? NaN, 13, TOLERANCE);
});

for (const backend of ["tensorflow", "wasm", "cpu"]) {
  Deno.test(`globalNorm() on ${backend} keeps five digits over a model's worth of numbers`, async () => {
    await tf.setBackend(backend);
    try {
      // No multiple of a row, and of a size at which a plain float32 sum is off by 1e-3.
      const values = Float32Array.from({ length: 2_400_001 }, (_, i) => 1e-3 * Math.sin(i));
      const expected = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
      tf.tidy(() => {
        const parts = { a: tf.tensor1d(values.subarray(0, 7)), b: tf.tensor1d(values.subarray(7)) };
        const [norm = NaN] = globalNorm(parts).dataSync();
        assertLess(Math.abs(norm / expected - 1), TOLERANCE);
      });
    } finally {
      await tf.setBackend("tensorflow");
    }
  });
}

Deno.test("clipByGlobalNorm() shortens to the bound and keeps the direction", () => {
  const clipped = clipByGlobalNorm(gradients(), 2);
  assertAlmostEquals(clipped.norm.dataSync()[0] ?? NaN, 13, TOLERANCE); // before clipping
  assertAlmostEquals(globalNorm(clipped.gradients).dataSync()[0] ?? NaN, 2, TOLERANCE);
  const before = flat(gradients());
  flat(clipped.gradients).forEach((value, i) =>
    assertAlmostEquals(value, (before[i] ?? NaN) * 2 / 13, TOLERANCE)
  );
});

Deno.test("clipByGlobalNorm() leaves gradients below the bound exactly as they are", () => {
  assertEquals(flat(clipByGlobalNorm(gradients(), 13.1).gradients), flat(gradients()));
  assertEquals(flat(clipByGlobalNorm(gradients(), Infinity).gradients), flat(gradients()));
});

Deno.test("clipByGlobalNorm() keeps zero gradients zero and lets NaN be seen", () => {
  const zero = clipByGlobalNorm({ a: tf.zeros([3]) }, 1);
  assertEquals(flat(zero.gradients), [0, 0, 0]);
  const norm = clipByGlobalNorm({ a: tf.tensor1d([1, NaN]) }, 1).norm.dataSync()[0];
  assertEquals(norm, NaN);
});

Deno.test("clipByGlobalNorm() refuses a bound that is not positive", () => {
  for (const bound of [0, -1, NaN, 1e-300, 1e39]) {
    const clip = () => clipByGlobalNorm(gradients(), bound);
    assertThrows(clip, RangeError, `expected a norm that is positive as float32, got ${bound}`);
  }
});

Deno.test("accumulate() adds up, in its own tensors", () => {
  const first = gradients(), sum = accumulate(accumulate(undefined, first), gradients());
  assertEquals(flat(sum), flat(first).map((value) => 2 * value));
  const copy = accumulate(undefined, first);
  param(copy, "a").dispose();
  assertEquals(param(first, "a").isDisposed, false);
});

Deno.test("clipping comes after accumulation: clipped parts add up to more than the bound", () => {
  const part = () => ({ a: tf.tensor1d([3]) });
  const after = clipByGlobalNorm(accumulate(accumulate(undefined, part()), part()), 1);
  assertLess(flat(after.gradients)[0] ?? NaN, 1 + TOLERANCE);
  const parts = [part(), part()].map((one) => clipByGlobalNorm(one, 1).gradients);
  const before = parts.reduce<Params | undefined>(accumulate, undefined) ?? {};
  assertAlmostEquals(flat(before)[0] ?? NaN, 2, TOLERANCE);
});
