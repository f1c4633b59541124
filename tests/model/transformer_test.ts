import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { forward, type ForwardOptions } from "lib/model/mod.ts";
import {
  SMALL_LENGTH,
  SMALL_VOCABULARY,
  smallBatch,
  type SmallModel,
  smallModel,
} from "../support/small_model.ts";
import {
  assertTensorsClose,
  assertTensorsEqual,
  int32,
  numbersOf,
  randomIds,
} from "../support/tensors.ts";

await useBackend();

/**
 * The same logits, of size 1 to 10, by matrix products of other shapes, whose sums run in another
 * order; the worst seen is 1.5e-6.
 */
const ROUNDING = 6e-6;

const V = SMALL_VOCABULARY, T = SMALL_LENGTH;
const { ids, mask } = smallBatch();

function logitsOf(model: SmallModel, tokens: tf.Tensor, options?: ForwardOptions): tf.Tensor {
  const [B = 0, length = 0] = tokens.shape;
  return forward(model.config, model.params, tokens, options).logits.reshape([B, length, V]);
}

/** `tokens` with one other token at [row, place]. */
function withToken(tokens: tf.Tensor, row: number, place: number): tf.Tensor {
  const values = Int32Array.from(tokens.dataSync());
  const index = row * (tokens.shape[1] ?? 0) + place;
  values[index] = ((values[index] ?? 0) + 1) % V;
  return tf.tensor(values, tokens.shape);
}

Deno.test("forward() is causal: no earlier logit changes with a token, its own and later ones do", () => {
  const model = smallModel();
  const before = logitsOf(model, ids);
  for (let place = 0; place < T; place++) {
    const after = logitsOf(model, withToken(ids, 1, place));
    const earlier = (logits: tf.Tensor) => logits.slice([1, 0], [1, place]);
    assertTensorsEqual(earlier(after), earlier(before), `before place ${place}`);
    for (let later = place; later < T; later++) {
      const at = (logits: tf.Tensor) => numbersOf(logits.slice([1, later], [1, 1]));
      assertNotEquals(at(after), at(before), `place ${later} after ${place}`);
    }
  }
});

Deno.test("forward() keeps the sequences of a batch apart", () => {
  const model = smallModel();
  const before = logitsOf(model, ids), after = logitsOf(model, withToken(ids, 1, 0));
  for (const row of [0, 2]) assertTensorsEqual(after.slice(row, 1), before.slice(row, 1));
});

Deno.test("forward() shows no real place what stands in the padding, at either end", () => {
  const model = smallModel();
  const padding = [
    { rows: [[1, 1, 1, 0, 0]], places: [3, 4], first: 0 },
    { rows: [[0, 0, 1, 1, 1]], places: [0, 1], first: 2 },
  ];
  const sentence = ids.slice(0, 1);
  for (const { rows, places, first } of padding) {
    const real = (tokens: tf.Tensor) =>
      logitsOf(model, tokens, { mask: tf.tensor2d(rows) }).slice([0, first], [1, 3]);
    const before = real(sentence);
    for (const place of places) assertTensorsEqual(real(withToken(sentence, 0, place)), before);
  }
});

Deno.test("forward() gives a padded sentence the logits that it has alone", () => {
  const model = smallModel();
  const batch = logitsOf(model, ids, { mask });
  for (const [row, length] of [5, 3, 4].entries()) {
    const alone = logitsOf(model, ids.slice([row, 0], [1, length]));
    assertTensorsClose(batch.slice([row, 0], [1, length]), alone, ROUNDING, `sentence ${row}`);
  }
});

Deno.test("forward() gives places of their own: a token seen twice has other logits each time", () => {
  const model = smallModel();
  const [first, second] = tf.unstack(logitsOf(model, tf.tensor2d([[3, 3]], [1, 2], "int32")), 1);
  assert(first !== undefined && second !== undefined);
  assertNotEquals(numbersOf(first), numbersOf(second));
});

for (const pieces of [[1, 1, 1, 1, 1], [2, 3], [4, 1], [1, 3, 1]]) {
  Deno.test(`forward() with a past, in pieces of ${pieces}, gives the full pass's logits`, () => {
    const model = smallModel();
    const full = forward(model.config, model.params, ids, { mask });
    let past: ForwardOptions["past"], start = 0;
    for (const length of pieces) {
      const end = start + length;
      const piece = ids.slice([0, start], [3, length]), seen = mask.slice([0, 0], [3, end]);
      const step = forward(model.config, model.params, piece, {
        mask: seen,
        ...past && { past },
      });
      const rows = full.logits.reshape([3, T, V]).slice([0, start], [3, length]);
      assertTensorsClose(step.logits.reshape([3, length, V]), rows, ROUNDING, `from ${start}`);
      for (const [block, weights] of step.attention.entries()) {
        const whole = full.attention[block]?.slice([0, 0, start], [3, 2, length, end]);
        assertTensorsClose(weights, whole ?? tf.zeros([0]), ROUNDING, `attention ${block}`);
      }
      past = step.cache;
      start = end;
    }
    assertEquals(past?.map(({ keys }) => keys.shape), [[3, 2, T, 4], [3, 2, T, 4]]);
  });
}

Deno.test("forward() gives each block's attention: rows sum to 1, hidden places are exactly 0", () => {
  const { config, params } = smallModel();
  const { attention } = forward(config, params, ids, { mask });
  assertEquals(attention.map(({ shape }) => shape), [[3, 2, T, T], [3, 2, T, T]]);
  const real = [5, 3, 4];
  for (const weights of attention) {
    assertTensorsClose(weights.sum(-1), tf.ones([3, 2, T]), ROUNDING);
    for (const [i, weight] of numbersOf(weights).entries()) {
      const key = i % T, query = Math.floor(i / T) % T, row = Math.floor(i / (2 * T * T));
      assertEquals(weight > 0, key <= query && key < (real[row] ?? 0), `entry ${i}`);
    }
  }
});

Deno.test("forward() drops nothing in evaluation, and by its seed in training", () => {
  const plain = smallModel(), model = smallModel({ dropout: 0.3 });
  const drawn = (run: number, step: number) =>
    logitsOf(model, ids, { dropoutSeed: int32([run, step]) });
  assertTensorsEqual(logitsOf(model, ids), logitsOf(plain, ids));
  assertTensorsEqual(logitsOf(plain, ids, { dropoutSeed: int32([1, 1]) }), logitsOf(plain, ids));
  assertTensorsEqual(drawn(1, 1), drawn(1, 1));
  for (const other of [drawn(1, 2), drawn(2, 1), logitsOf(model, ids)]) {
    assertNotEquals(numbersOf(drawn(1, 1)), numbersOf(other));
  }
});

Deno.test("forward() drops at one site and three a block, each with a stream of its own", () => {
  const { config, params } = smallModel({ dropout: 0.3 });
  const kernel = tf.getKernel("SeededUniform", tf.getBackend());
  const draws: [stream: unknown, shape: unknown][] = [];
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      draws.push([call.attrs?.stream, call.attrs?.shape]);
      return kernel.kernelFunc(call);
    },
  });
  try {
    forward(config, params, ids, { dropoutSeed: int32([1, 2]) });
  } finally {
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
  const rows = [3 * T, 8], weights = [3, 2, T, T];
  assertEquals(draws.map(([, shape]) => shape), [rows, weights, rows, rows, weights, rows, rows]);
  assertEquals(new Set(draws.map(([stream]) => stream)).size, 7);
});

Deno.test("forward() refuses ids, masks, lengths and pasts that do not fit", () => {
  const model = smallModel();
  const run = (tokens: tf.Tensor, options?: ForwardOptions) => () =>
    logitsOf(model, tokens, options);
  const wrongIds = "Cannot run the model: expected ids of int32 [B, T], got ";
  assertThrows(run(tf.zeros([1, 2])), TypeError, `${wrongIds}float32 [1,2]`);
  assertThrows(run(int32([1, 2])), TypeError, `${wrongIds}int32 [2]`);
  assertThrows(
    run(randomIds([1, 8], V, 1)),
    RangeError,
    "Cannot run the model: expected at most 7 tokens, got 8",
  );
  const { cache: past } = forward(model.config, model.params, ids);
  assertThrows(
    run(ids.slice([0, 0], [3, 3]), { past }),
    RangeError,
    "Cannot run the model: expected at most 7 tokens, got 8",
  );
  assertThrows(
    run(ids.slice([0, 0], [3, 1]), { past: past.slice(1) }),
    RangeError,
    "Cannot run the model: expected a past of 2 blocks, got 1",
  );
  const wrongMask = "Cannot use the mask: expected shape [B 3, T 5], got ";
  assertThrows(run(ids, { mask: tf.ones([3, 4]) }), TypeError, `${wrongMask}[3, 4]`);
  assertThrows(run(ids, { mask: tf.ones([1, 5]) }), TypeError, `${wrongMask}[1, 5]`);
  assertThrows(
    run(ids.slice([0, 0], [3, 1]), { past, mask: tf.ones([3, 1]) }),
    TypeError,
    "Cannot use the mask: expected shape [B 3, T 6], got [3, 1]",
  );
});
