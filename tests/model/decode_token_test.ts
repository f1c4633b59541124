import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type CompileMode, useBackend } from "lib/backend/mod.ts";
import { decodeToken, forward, type ModelCache, prefill } from "lib/model/mod.ts";
import { mapParams } from "lib/tensor/mod.ts";
import { hashedModel } from "../support/golden.ts";
import { smallModel } from "../support/small_model.ts";
import {
  assertTensorsClose,
  assertTensorsEqual,
  assertTensorsKept,
  int32,
  numbersOf,
  randomIds,
} from "../support/tensors.ts";

/** Sums over slots go through products of other shapes. Measured: 2.2e-6 between float32 results. */
const LOGIT_TOLERANCE = 5e-6;

await useBackend();

const SLOTS = 7, B = 3;
const model = smallModel();
const ids = randomIds([B, SLOTS], model.config.vocabSize, 5);

/** Slots filled with `value`, which nobody may look at. */
function slotsOf(
  value: number,
  { rows = B, slots = SLOTS, config = model.config } = {},
): ModelCache {
  const shape = [rows, config.heads, slots, config.hiddenSize / config.heads];
  return Array.from({ length: config.layers }, () => ({
    keys: tf.fill(shape, value),
    values: tf.fill(shape, value),
  }));
}

/** The column of one place: the newest token of each row. */
function column(place: number): tf.Tensor {
  return ids.slice([0, place], [B, 1]).flatten();
}

function decode(cache: ModelCache, place: number) {
  const input = { params: model.params, cache, ids: column(place) };
  return decodeToken(model.config, { ...input, positions: tf.fill([B], place, "int32") });
}

/** Writes a beginning's keys and values into the first slots, in front of `value`. */
function withSlots(cache: ModelCache, value: number): ModelCache {
  const read = cache[0]?.keys.shape[2] ?? 0;
  const free = slotsOf(value, { slots: SLOTS - read });
  return cache.map(({ keys, values }, block) => ({
    keys: tf.concat([keys, free[block]?.keys ?? keys], 2),
    values: tf.concat([values, free[block]?.values ?? values], 2),
  }));
}

const full = forward(model.config, model.params, ids).logits.reshape([B, SLOTS, -1]);
const fullAt = (place: number) => full.slice([0, place], [B, 1]).reshape([B, -1]);

for (const read of [0, 1, 3, 6]) {
  Deno.test(`decodeToken() after prefill() of ${read} tokens gives the full pass's logits at every place`, () => {
    const beginning = () => prefill(model.config, { ...model, ids: ids.slice([0, 0], [B, read]) });
    let cache = read === 0 ? slotsOf(0) : withSlots(beginning(), 0);
    for (let place = read; place < SLOTS; place++) {
      const next = decode(cache, place);
      assertTensorsClose(next.logits, fullAt(place), LOGIT_TOLERANCE, `place ${place}`);
      assertEquals(numbersOf(next.likeliest), numbersOf(fullAt(place).argMax(-1)));
      cache = next.cache;
    }
  });
}

Deno.test("decodeToken() keeps the shape of the cache and all slots but the token's own", () => {
  const past = slotsOf(0.25), { cache } = decode(past, 4);
  for (const [block, { keys, values }] of cache.entries()) {
    for (const [now, before] of [[keys, past[block]?.keys], [values, past[block]?.values]]) {
      const isKept = numbersOf(tf.equal(now ?? 0, before ?? 0).all([0, 1, 3]));
      assertEquals(isKept, [1, 1, 1, 1, 0, 1, 1]);
    }
  }
});

Deno.test("decodeToken() does not look at slots that are not in use, its own included", () => {
  const beginning = prefill(model.config, { ...model, ids: ids.slice([0, 0], [B, 2]) });
  const clean = decode(withSlots(beginning, 0), 2);
  assertTensorsEqual(decode(withSlots(beginning, 1000), 2).logits, clean.logits);
});

Deno.test("decodeToken() serves rows of different places side by side", () => {
  const { config, params } = model;
  // The second row has one token less: its last place is filled up with any id.
  const cache = withSlots(prefill(config, { params, ids: ids.slice([0, 0], [B, 3]) }), 0);
  const newest = numbersOf(column(3)), filledUp = numbersOf(column(2));
  const mixed = int32([newest[0] ?? 0, filledUp[1] ?? 0, newest[2] ?? 0]);
  const { logits } = decodeToken(config, {
    params,
    cache,
    ids: mixed,
    positions: int32([3, 2, 3]),
  });
  const rows = [[0, 3], [1, 2], [2, 3]].map(([row = 0, place = 0]) =>
    full.slice([row, place], [1, 1]).reshape([1, -1])
  );
  assertTensorsClose(logits, tf.concat(rows), LOGIT_TOLERANCE);
});

Deno.test("prefill() gives a row the keys and values that it has alone, whatever it is filled up with", () => {
  const { config, params } = model;
  const alone = prefill(config, { params, ids: ids.slice([1, 0], [1, 2]) });
  const filledUp = prefill(config, { params, ids });
  for (const [block, { keys }] of alone.entries()) {
    const row = filledUp[block]?.keys.slice([1, 0, 0], [1, 2, 2]) ?? keys;
    assertTensorsClose(row, keys, LOGIT_TOLERANCE);
  }
});

for (const mode of ["off", "graph", "xla"] as const satisfies readonly CompileMode[]) {
  Deno.test(`decodeToken() takes the lowest id of equals and tells of NaN: ${mode}`, () => {
    // Without weights, the head's bias is all that a score depends on.
    const untied = smallModel({ vocabSize: 4, tiedHead: false });
    const flat = (bias: number[]) => ({
      ...mapParams(untied.params, (tensor) => tf.zerosLike(tensor)),
      "head.bias": tf.tensor1d(bias),
    });
    const decodeFlat = compile(
      (input: Parameters<typeof decodeToken>[1]) => decodeToken(untied.config, input),
      { mode },
    );
    const likeliest = (bias: number[]) =>
      numbersOf(
        decodeFlat({
          params: flat(bias),
          cache: slotsOf(0, { rows: 2 }),
          ids: int32([1, 2]),
          positions: int32([0, 0]),
        }).likeliest,
      );
    assertEquals(likeliest([1, 7, 3, 7]), [1, 1]);
    assertEquals(likeliest([-5, -5, -5, -5]), [0, 0]);
    assertEquals(likeliest([1, 7, NaN, 3]), [-1, -1]);
    assertEquals(likeliest([NaN, 7, 2, 3]), [-1, -1]);
  });

  Deno.test(`decodeToken() gives the exercise's model the full pass's logits: ${mode}`, () => {
    const { config, params } = hashedModel();
    const sentences = randomIds([2, 6], config.vocabSize, 8);
    const expected = forward(config, params, sentences).logits.reshape([2, 6, -1]);
    const run = compile((input: Parameters<typeof decodeToken>[1]) => decodeToken(config, input), {
      mode,
    });
    let cache = slotsOf(0, { rows: 2, slots: 8, config });
    for (let place = 0; place < 6; place++) {
      const newest = sentences.slice([0, place], [2, 1]).flatten();
      const next = run({ params, cache, ids: newest, positions: tf.fill([2], place, "int32") });
      const there = expected.slice([0, place], [2, 1]).reshape([2, -1]);
      assertTensorsClose(next.logits, there, LOGIT_TOLERANCE, `place ${place}`);
      cache = next.cache;
    }
  });
}

Deno.test("prefill() and decodeToken() leave what they give, and no other tensor", () => {
  const cache = slotsOf(0), newest = column(0), positions = tf.fill([B], 0, "int32");
  assertTensorsKept(2 * model.config.layers, () => prefill(model.config, { ...model, ids }));
  assertTensorsKept(2 + 2 * model.config.layers, () => {
    decodeToken(model.config, { ...model, cache, ids: newest, positions });
  });
});

Deno.test("prefill() refuses what forward() refuses", () => {
  const read = (ids: tf.Tensor) => () => prefill(model.config, { ...model, ids });
  assertThrows(
    read(tf.zeros([1, 8], "int32")),
    RangeError,
    "Cannot run the model: expected at most 7 tokens, got 8",
  );
  assertThrows(
    read(tf.zeros([4], "int32")),
    TypeError,
    "Cannot run the model: expected ids of int32 [B, T], got int32 [4]",
  );
});

Deno.test("decodeToken() refuses inputs that are not of one batch and one model", () => {
  const good = {
    params: model.params,
    cache: slotsOf(0),
    ids: column(0),
    positions: tf.fill([B], 0, "int32"),
  };
  const refused = (bad: Partial<typeof good>, error: ErrorConstructor, message: string) =>
    assertThrows(() => decodeToken(model.config, { ...good, ...bad }), error, message);
  refused(
    { cache: slotsOf(0).slice(1) },
    RangeError,
    "Cannot run the model: expected a past of 2 blocks, got 1",
  );
  refused({ ids }, TypeError, "Cannot use the ids: expected shape [B 3], got [3, 7]");
  refused(
    { positions: int32([0]) },
    TypeError,
    "Cannot use the positions: expected shape [B 3], got [1]",
  );
  refused(
    { cache: slotsOf(0, { rows: 2 }) },
    TypeError,
    "Cannot use the cache: expected shape [B 3, H 2, S 7, D], got [2, 2, 7, 4]",
  );
});
