import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { slotBias } from "lib/model/attention.ts";
import { attention, attentionBias } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import {
  assertTensorsClose,
  assertTensorsEqual,
  assertTensorsKept,
  normalTensor,
  numbersOf,
} from "../support/tensors.ts";

await useBackend();

/** Three matrix products and a softmax of values of size 1 to 10; the worst seen is 2e-6. */
const ROUNDING = 8e-6;

const B = 2, T = 5, C = 6, H = 2, D = 3;
const params: Params = {
  "a.qkv.weight": normalTensor([C, 3 * C], 1),
  "a.qkv.bias": normalTensor([3 * C], 2),
  "a.output.weight": normalTensor([C, C], 3),
  "a.output.bias": normalTensor([C], 4),
};
const x = normalTensor([B * T, C], 5);
const mask = tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]);
const options = { batchSize: B, heads: H, bias: attentionBias(T, T, mask) };

/** The numbers of x W + b, row after row, in float64. */
function project(rows: number[][], layer: string): number[][] {
  const weight = param(params, `a.${layer}.weight`).arraySync() as number[][]; // it has two axes
  const bias = numbersOf(param(params, `a.${layer}.bias`));
  return rows.map((row) =>
    bias.map((start, out) => row.reduce((sum, value, i) => sum + value * at(weight, i, out), start))
  );
}

function at(matrix: readonly (readonly number[])[], row: number, column: number): number {
  return matrix[row]?.[column] ?? NaN;
}

/** Attention by its definition: one number after the other, no key that must not be seen. */
function define(): { output: number[][]; weights: number[] } {
  const qkv = project(x.arraySync() as number[][], "qkv"); // it has two axes
  const seen = mask.arraySync();
  const mixed = qkv.map(() => new Array<number>(C).fill(0)), weights: number[] = [];
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      for (let query = 0; query < T; query++) {
        const scores = Array.from({ length: T }, (_, key) => {
          if (key > query || at(seen, b, key) === 0) return -Infinity;
          let score = 0;
          for (let d = 0; d < D; d++) {
            const column = h * D + d;
            score += at(qkv, b * T + query, column) * at(qkv, b * T + key, C + column);
          }
          return score / Math.sqrt(D);
        });
        const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
        const row = scores.map((score) => Math.exp(score) / sum);
        weights.push(...row);
        for (let column = h * D; column < (h + 1) * D; column++) {
          const value = row.reduce((v, w, key) => v + w * at(qkv, b * T + key, 2 * C + column), 0);
          mixed[b * T + query]?.splice(column, 1, value);
        }
      }
    }
  }
  return { output: project(mixed, "output"), weights };
}

Deno.test("attention() is softmax(q kᵀ / √D) v per head over the keys that a query may see", () => {
  const expected = define(), actual = attention(params, "a", x, options);
  assertTensorsClose(actual.weights, tf.tensor(expected.weights, [B, H, T, T]), ROUNDING);
  assertTensorsClose(actual.output, tf.tensor(expected.output, [B * T, C]), ROUNDING);
});

Deno.test("attention() has weights that sum to 1, with exactly 0 at hidden keys", () => {
  const { weights } = attention(params, "a", x, options);
  assertTensorsClose(weights.sum(-1), tf.ones([B, H, T]), ROUNDING);
  const values = numbersOf(weights), hidden = numbersOf(options.bias.tile([1, H, 1, 1]));
  assertEquals(values.map((weight) => weight === 0), hidden.map((bias) => bias !== 0));
});

Deno.test("attention() drops weights after the softmax and gives them as they were", () => {
  const plain = attention(params, "a", x, options);
  const dropped = attention(params, "a", x, { ...options, dropout: (weights) => weights.mul(0) });
  assertTensorsEqual(dropped.weights, plain.weights);
  // Nothing mixed: the output layer's bias is left.
  assertTensorsEqual(dropped.output, param(params, "a.output.bias").expandDims().tile([B * T, 1]));
});

Deno.test("attention() gives keys and values by head, the past's first", () => {
  const whole = attention(params, "a", x, options).cache;
  assertEquals(whole.keys.shape, [B, H, T, D]);
  const past = { keys: tf.zeros([B, H, 2, D]), values: tf.ones([B, H, 2, D]) };
  const bias = attentionBias(T, T + 2);
  const { cache, weights } = attention(params, "a", x, { ...options, bias, past });
  assertTensorsEqual(cache.keys, tf.concat([past.keys, whole.keys], 2));
  assertTensorsEqual(cache.values, tf.concat([past.values, whole.values], 2));
  assertEquals(weights.shape, [B, H, T, T + 2]);
});

Deno.test("attention() stays finite at scores of 10⁷", () => {
  const large = { ...params, "a.qkv.weight": param(params, "a.qkv.weight").mul(1000) };
  const { output, weights } = attention(large, "a", x, options);
  assert([...numbersOf(output), ...numbersOf(weights)].every(Number.isFinite));
  assertTensorsClose(weights.sum(-1), tf.ones([B, H, T]), ROUNDING);
});

Deno.test("attention() in a tidy leaves what is returned from there", () => {
  assertTensorsKept(1, () => tf.tidy(() => attention(params, "a", x, options).output));
});

Deno.test("attentionBias() hides the keys after each query", () => {
  const bias = attentionBias(3, 3);
  assertEquals(bias.shape, [1, 1, 3, 3]);
  assertEquals(numbersOf(bias), [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0]);
});

Deno.test("attentionBias() lets queries that follow a past see all of it", () => {
  assertEquals(numbersOf(attentionBias(2, 5)), [0, 0, 0, 0, -1e9, 0, 0, 0, 0, 0]);
  assertEquals(numbersOf(attentionBias(1, 4)), [0, 0, 0, 0]);
});

Deno.test("attentionBias() hides padding of each sequence, whatever the mask's number type", () => {
  for (const dtype of ["float32", "int32", "bool"] as const) {
    const bias = attentionBias(2, 2, tf.tensor2d([[1, 0], [0, 1], [1, 1]], [3, 2], dtype));
    assertEquals(bias.shape, [3, 1, 2, 2]);
    assertEquals(
      numbersOf(bias),
      [0, -1e9, 0, -1e9, -1e9, -1e9, -1e9, 0, 0, -1e9, 0, 0].map(Math.fround),
    );
  }
});

Deno.test("attentionBias() leaves a query without any key finite: it sees all alike", () => {
  const bias = attentionBias(T, T, tf.tensor2d([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]));
  const { weights } = attention(params, "a", x, { ...options, bias });
  assertTensorsClose(weights.slice([0, 0, 1], [1, H, 1]), tf.fill([1, H, 1, T], 1 / T), ROUNDING);
});

Deno.test("attentionBias() refuses more queries than keys and masks of another length", () => {
  assertThrows(
    () => attentionBias(3, 2),
    RangeError,
    "Cannot mask: expected at most 2 queries, as many as keys, got 3",
  );
  assertThrows(
    () => attentionBias(3, 6, tf.ones([2, 3])),
    TypeError,
    "Cannot use the mask: expected shape [B, keys 6], got [2, 3]",
  );
});

Deno.test("attentionBias() leaves one tensor behind", () => {
  assertTensorsKept(1, () => attentionBias(T, T));
  assertTensorsKept(1, () => attentionBias(T, T, mask));
});

Deno.test("slotBias() shows each row its slots up to its own place, exactly", () => {
  const bias = slotBias(tf.tensor1d([0, 2, 3], "int32"), 4);
  assertEquals(bias.shape, [3, 1, 1, 4]);
  const [off, on] = [-1e9, 0];
  assertEquals(bias.reshape([3, 4]).arraySync(), [
    [on, off, off, off],
    [on, on, on, off],
    [on, on, on, on],
  ]);
  const positions = tf.tensor1d([0], "int32");
  assertTensorsKept(1, () => void slotBias(positions, 4));
});
