import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, useBackend } from "lib/backend/mod.ts";
import {
  forward,
  headMask,
  type HeadPlace,
  inspect,
  type Inspection,
  modelConfig,
  paramShapes,
  tokenVectors,
} from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import inspections from "../golden/inspection.json" with { type: "json" };
import smallModels from "../golden/model.json" with { type: "json" };
import { assertMatches, recordedTensors } from "../support/golden.ts";
import { SMALL_LENGTH, smallBatch, smallModel } from "../support/small_model.ts";
import { assertTensorsClose, assertTensorsKept, numbersOf } from "../support/tensors.ts";

await useBackend();

/** Measured: 2.6e-6, in the hidden states; PyTorch's own float32 differs from its float64 by as much. */
const GOLDEN_TOLERANCE = 1e-5;
/** The same numbers by products of other shapes, whose sums run in another order. */
const ROUNDING = 6e-6;

/**
 * A model to compute by hand: two heads of one channel, and two tokens, (1, −1) and (−1, 1), which a
 * layer norm leaves as they are. Head 0 looks three times as much at the first token as at the
 * second; head 1 looks at all alike. Each hands on +1 for the first token and −1 for the second.
 */
function handModel() {
  const config = modelConfig({
    vocabSize: 2,
    hiddenSize: 2,
    heads: 2,
    layers: 1,
    feedForwardSize: 1,
    maxLength: 2,
  });
  const half = Math.log(3) / 2, gain = Math.sqrt(1 + 1e-5); // undoes the norm's epsilon
  const given: Record<string, number[]> = {
    "tokenEmbedding.weight": [1, -1, -1, 1],
    "blocks.0.attentionNorm.weight": [gain, gain],
    // Columns: the queries of head 0 and 1, their keys, their values.
    "blocks.0.attention.qkv.weight": [[0, 0, half, half, 1, 1], [0, 0, 0, 0, 0, 0]].flat(),
    "blocks.0.attention.qkv.bias": [1, 0, 0, 0, 0, 0],
    "blocks.0.attention.output.weight": [1, 0, 0, 1],
    "finalNorm.weight": [gain, gain],
  };
  const params = Object.fromEntries(
    Object.entries(paramShapes(config)).map(([name, shape]) => {
      const zeros = new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
      return [name, tf.tensor(given[name] ?? zeros, [...shape])] as const;
    }),
  );
  return { config, params };
}

function single(seen: Iterable<Inspection>): Inspection {
  const [first, ...others] = seen;
  assert(first !== undefined && others.length === 0);
  return first;
}

/** Hidden states after the block, as rows. */
function lastHidden({ hidden }: Inspection): number[][] {
  return (hidden.at(-1) ?? []).map((row) => [...row]);
}

function assertClose(actual: readonly number[][], expected: number[][]): void {
  assertTensorsClose(tf.tensor(actual.flat()), tf.tensor(expected.flat()), 1e-6);
}

Deno.test("inspect() sees what a small case gives by hand: attention, hidden states, probabilities", () => {
  const seen = single(inspect(handModel(), [[0, 1]]));
  assertEquals(seen.ids, [0, 1]);
  const [first = [], second = []] = seen.attention[0] ?? [];
  assertClose(first.map((row) => [...row]), [[1, 0], [3 / 4, 1 / 4]]);
  assertClose(second.map((row) => [...row]), [[1, 0], [1 / 2, 1 / 2]]);
  assertEquals(seen.hidden[0]?.map((row) => [...row]), [[1, -1], [-1, 1]]);
  // (1, −1) + (1, 1), and (−1, 1) + (3/4 − 1/4, 1/2 − 1/2).
  assertClose(lastHidden(seen), [[2, 0], [-1 / 2, 1]]);
  // Normed, the first is (1, −1): scores 2 and −2.
  assertClose([[...seen.probabilities[0] ?? []]], [[
    1 / (1 + Math.exp(-4)),
    1 / (1 + Math.exp(4)),
  ]]);
});

Deno.test("inspect() switches heads off: what they handed on is missing, their weights are seen", () => {
  const model = handModel(), whole = single(inspect(model, [[0, 1]]));
  const off = (...headsOff: HeadPlace[]) => single(inspect(model, [[0, 1]], { headsOff }));
  const [first, second] = [{ layer: 0, head: 0 }, { layer: 0, head: 1 }];
  assertClose(lastHidden(off(first)), [[1, 0], [-1, 1]]);
  assertClose(lastHidden(off(second)), [[2, -1], [-1 / 2, 1]]);
  assertEquals(lastHidden(off(first, second)), [[1, -1], [-1, 1]]);
  assertEquals(off(first, second).attention, whole.attention);
  assertEquals(off(), whole);
});

for (const name of ["tied", "untied"] as const) {
  const recorded = smallModels[name], golden = inspections[name];
  const config = modelConfig(recorded.config);
  const params = recordedTensors(paramShapes(config), recorded.params);
  const sentences = golden.lengths.map((length, row) =>
    (recorded.batches[0]?.ids[row] ?? []).slice(0, length)
  );
  const flat = (rows: readonly (readonly ArrayLike<number>[])[]) =>
    rows.flatMap((row) => row.flatMap((values) => Array.from(values)));

  Deno.test(`inspect() sees PyTorch's weights, states and probabilities, ${name} head`, () => {
    const seen = [...inspect({ config, params }, sentences)];
    for (const [index, one] of seen.entries()) {
      const expected = golden.expected[`sentence${index}` as "sentence0" | "sentence1"];
      assertMatches(flat(one.attention.flat()), expected.attention, GOLDEN_TOLERANCE);
      assertMatches(flat(one.hidden), expected.hidden, GOLDEN_TOLERANCE);
      assertMatches(flat([one.probabilities]), expected.probabilities, GOLDEN_TOLERANCE);
    }
  });

  Deno.test(`inspect() with heads off computes what PyTorch does without them, ${name} head`, () => {
    const headsOff = golden.headsOff.map(([layer = NaN, head = NaN]) => ({ layer, head }));
    const seen = [...inspect({ config, params }, sentences, { headsOff })];
    for (const [index, one] of seen.entries()) {
      const expected = golden.expected[`sentence${index}` as "sentence0" | "sentence1"];
      assertMatches(flat(one.hidden), expected.hiddenOff, GOLDEN_TOLERANCE);
      assertMatches(flat([one.probabilities]), expected.probabilitiesOff, GOLDEN_TOLERANCE);
    }
  });
}

Deno.test("inspect() is the forward pass of training: the same bits", () => {
  const { config, params } = smallModel(), ids = [3, 1, 4, 1, 5];
  const seen = single(inspect({ config, params }, [ids]));
  const result = forward(config, params, tf.tensor2d([ids], undefined, "int32"));
  assertEquals(seen.attention.flat(3), result.attention.flatMap(numbersOf));
  assertEquals(
    seen.hidden.map((rows) => rows.flatMap((row) => [...row])),
    result.hidden.map(numbersOf),
  );
  const probabilities = numbersOf(tf.softmax(result.logits));
  assertEquals(seen.probabilities.flatMap((row) => [...row]), probabilities);
});

Deno.test("inspect() sees the same of a sentence whatever stands beside it", () => {
  const model = smallModel(), sentences = [[7], [3, 1, 4, 1, 5], [2, 12], [0, 1, 2, 3, 4, 5, 6]];
  const together = [...inspect(model, sentences, { batchSize: 3 })];
  assertEquals(together.map(({ ids }) => ids), sentences);
  for (const [index, ids] of sentences.entries()) {
    const alone = single(inspect(model, [ids])), other = together[index];
    assert(other !== undefined);
    const pairs = [
      [alone.attention.flat(3), other.attention.flat(3)],
      [alone.hidden, other.hidden].map((states) =>
        states.flatMap((rows) => rows.map((r) => [...r])).flat()
      ),
      [alone.probabilities, other.probabilities].map((rows) => rows.flatMap((row) => [...row])),
    ];
    for (const [a = [], b = []] of pairs) assertTensorsClose(tf.tensor(b), tf.tensor(a), ROUNDING);
  }
});

Deno.test("inspect() computes a batch when it is asked for, and leaves no tensor behind", () => {
  const model = smallModel();
  assertTensorsKept(0, () => void [...inspect(model, [[1], [2, 3]], { batchSize: 1 })]);
  assertTensorsKept(0, () => void inspect(model, [[1], [2, 3]]).next());
  assertEquals([...inspect(model, [])], []);
});

Deno.test("inspect() refuses sentences that the model cannot read, before it computes any", () => {
  const { config, params } = smallModel();
  const refused = (sentences: number[][], options = {}) =>
    assertThrows(() => inspect({ config, params }, sentences, options).next(), RangeError).message;
  assertEquals(refused([[1], []]), "Cannot inspect: expected 1 to 7 tokens in sentence 1, got 0");
  assertEquals(
    refused([[1, 2, 3, 4, 5, 6, 7, 8]]),
    "Cannot inspect: expected 1 to 7 tokens in sentence 0, got 8",
  );
  for (const id of [13, -1, 0.5, NaN]) {
    const message = `Cannot inspect: expected ids from 0 to 12 in sentence 0, got ${id}`;
    assertEquals(refused([[1, id]]), message);
  }
  for (const batchSize of [0, 1.5, NaN]) {
    const message = `Cannot inspect: expected a batch size from 1, got ${batchSize}`;
    assertEquals(refused([[1]], { batchSize }), message);
  }
});

Deno.test("tokenVectors() gives the rows of the embedding, as numbers of their own", () => {
  const { params } = smallModel(), vectors = tokenVectors(params);
  const table = param(params, "tokenEmbedding.weight");
  assertEquals(vectors.flatMap((row) => [...row]), numbersOf(table));
  vectors[0]?.fill(0);
  assertEquals(tokenVectors(params).flatMap((row) => [...row]), numbersOf(table));
});

Deno.test("headMask() refuses a head that the model does not have", () => {
  const { config } = smallModel(); // two layers of two heads
  for (
    const [place, message] of [
      [{ layer: 2, head: 0 }, "expected a layer from 0 to 1, got 2"],
      [{ layer: 0, head: -1 }, "expected a head from 0 to 1, got -1"],
      [{ layer: 0.5, head: 0 }, "expected a layer from 0 to 1, got 0.5"],
    ] as const
  ) {
    const error = assertThrows(() => headMask(config, [place]), RangeError);
    assertEquals(error.message, `Cannot switch a head off: ${message}`);
  }
});

Deno.test("forward() with a head off is the model whose output layer does not hear that head", () => {
  const { config, params } = smallModel(), { ids, mask } = smallBatch();
  const D = config.hiddenSize / config.heads, C = config.hiddenSize;
  for (const place of [{ layer: 0, head: 1 }, { layer: 1, head: 0 }]) {
    const name = `blocks.${place.layer}.attention.output.weight`;
    const heard = Array.from({ length: C }, (_, row) => Math.floor(row / D) === place.head ? 0 : 1);
    const deaf: Params = { ...params, [name]: param(params, name).mul(tf.tensor2d(heard, [C, 1])) };
    const off = forward(config, params, ids, { mask, headMask: headMask(config, [place]) });
    const other = forward(config, deaf, ids, { mask });
    assertTensorsClose(off.logits, other.logits, 0);
  }
});

Deno.test("forward() with all heads on has the logits of no mask, bit for bit", () => {
  const { config, params } = smallModel(), { ids } = smallBatch();
  const on = forward(config, params, ids, { headMask: headMask(config, []) });
  assertTensorsClose(on.logits, forward(config, params, ids).logits, 0);
});

Deno.test("forward() refuses a head mask of another model", () => {
  const { config, params } = smallModel(), { ids } = smallBatch();
  const error = assertThrows(
    () => forward(config, params, ids, { headMask: tf.ones([4]) }),
    TypeError,
  );
  assertEquals(error.message, "Cannot use the head mask: expected shape [layers 2, H 2], got [4]");
});

Deno.test("forward() lets the head mask be an input of a compiled program", () => {
  const { config, params } = smallModel(), ids = smallBatch().ids;
  const program = compile(
    (input: { params: Params; headMask: tf.Tensor }) =>
      forward(config, input.params, ids, { headMask: input.headMask }).logits,
    { mode: "graph" },
  );
  assertEquals(program({ params, headMask: headMask(config, []) }).shape, [3 * SMALL_LENGTH, 13]);
  const off = headMask(config, [{ layer: 0, head: 0 }]);
  const expected = forward(config, params, ids, { headMask: off }).logits;
  assertTensorsClose(program({ params, headMask: off }), expected, ROUNDING);
});

Deno.test("forward() hands on all hidden states at no cost: a compiled program has the ops of what is read", () => {
  const { config, params } = smallModel(), ids = smallBatch().ids;
  const operations = (read: (result: ReturnType<typeof forward>) => tf.Tensor[]) => {
    let count = 0;
    const onCompile = (event: { operations: number }) => count = event.operations;
    compile(() => read(forward(config, params, ids)), { mode: "graph", onCompile })([]);
    return count;
  };
  const logitsAlone = operations(({ logits }) => [logits]);
  const all = operations(({ logits, hidden, attention }) => [logits, ...hidden, ...attention]);
  assertEquals(all, logitsAlone);
});
