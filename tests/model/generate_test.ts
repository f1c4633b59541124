import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { Random } from "lib/core/mod.ts";
import {
  forward,
  generate,
  type GenerateOptions,
  type LanguageModel,
  sampleNext,
} from "lib/model/mod.ts";
import { mapParams } from "lib/tensor/mod.ts";
import { hashedModel } from "../support/golden.ts";
import { smallModel } from "../support/small_model.ts";
import { assertTensorsClose, assertTensorsKept } from "../support/tensors.ts";

/** A cached sum goes through products of other shapes. Measured: 1.7e-6 between float32 results. */
const LOGIT_TOLERANCE = 5e-6;

await useBackend();

const PROMPTS = [[1, 4], [3], [5, 6, 7], [1, 9], [12]];
const SAMPLED: GenerateOptions = {
  maxNewTokens: 5,
  temperature: 1.2,
  topK: 9,
  topP: 0.95,
  seed: 3,
};

/** The small model with room for longer sentences. */
function testModel(): LanguageModel {
  return smallModel({ maxLength: 16 });
}

/** What greedy generation must give, by the plainest way: one sentence, the whole pass each time. */
function greedyByHand({ config, params }: LanguageModel, prompt: number[], count: number) {
  const ids = [...prompt];
  while (ids.length < prompt.length + count) {
    const { logits } = forward(config, params, tf.tensor2d([ids], undefined, "int32"));
    const last = logits.slice([ids.length - 1, 0], [1, config.vocabSize]).dataSync();
    ids.push(sampleNext(last, { temperature: 0 }, new Random(0)));
  }
  return ids;
}

Deno.test("generate() is greedy at temperature 0: each token the likeliest after the ones before", () => {
  const model = testModel();
  assertEquals(
    generate(model, PROMPTS, { maxNewTokens: 10, temperature: 0 }),
    PROMPTS.map((prompt) => greedyByHand(model, prompt, 10)),
  );
});

Deno.test("generate() makes the same sentences with and without cache", () => {
  const model = testModel();
  for (const options of [{ maxNewTokens: 10, temperature: 0 }, SAMPLED]) {
    assertEquals(
      generate(model, PROMPTS, options),
      generate(model, PROMPTS, { ...options, useCache: false }),
    );
  }
});

Deno.test("generate() fills the exercise's model to its last place, with and without cache", () => {
  const model = hashedModel(), options = { maxNewTokens: 126, temperature: 0 };
  const [ids] = generate(model, [[1, 4, 9]], options);
  assertEquals(ids?.length, model.config.maxLength + 1);
  const short = { ...options, maxNewTokens: 20, useCache: false };
  assertEquals(generate(model, [[1, 4, 9]], short), [ids?.slice(0, 23)]);
});

Deno.test("forward() with a cache, token by token, gives the exercise's model the same logits", () => {
  const { config, params } = hashedModel();
  const ids = tf.tensor2d(
    [[1, 4, 9, 500, 999, 7, 7, 2], [1, 8, 16, 32, 64, 128, 256, 512]],
    [2, 8],
    "int32",
  );
  const full = forward(config, params, ids).logits.reshape([2, 8, -1]);
  let past = forward(config, params, ids.slice([0, 0], [2, 3])).cache;
  for (let place = 3; place < 8; place++) {
    const step = forward(config, params, ids.slice([0, place], [2, 1]), { past });
    const expected = full.slice([0, place], [2, 1]).reshape([2, -1]);
    assertTensorsClose(step.logits, expected, LOGIT_TOLERANCE, `place ${place}`);
    past = step.cache;
  }
});

Deno.test("generate() ends a sentence at eosId and lets the others go on", () => {
  const model = testModel();
  const free = generate(model, PROMPTS, SAMPLED);
  const eosId = free[0]?.[3] ?? NaN; // the second token that the first prompt gets
  const ended = generate(model, PROMPTS, { ...SAMPLED, eosId });
  const expected = free.map((ids, row) => {
    const start = PROMPTS[row]?.length ?? 0, end = ids.indexOf(eosId, start);
    return end < 0 ? ids : ids.slice(0, end + 1);
  });
  assertEquals(ended, expected);
  assertEquals(generate(model, PROMPTS, { ...SAMPLED, eosId, useCache: false }), expected);
  // Both kinds are there, or the test would show nothing.
  const lengths = new Set(ended.map((ids, row) => ids.length - (PROMPTS[row]?.length ?? 0)));
  assert(lengths.size > 1, `lengths ${[...lengths]}`);
});

Deno.test("generate() takes eosId inside a prompt for any other token", () => {
  const model = testModel(), options = { maxNewTokens: 3, temperature: 0 };
  const [free = []] = generate(model, [[1, 2, 4]], options);
  const end = free.indexOf(2, 3);
  const [ids] = generate(model, [[1, 2, 4]], { ...options, eosId: 2 });
  assertEquals(ids, end < 0 ? free : free.slice(0, end + 1));
});

Deno.test("generate() draws a sentence by seed and place alone, whatever stands beside it", () => {
  const model = testModel();
  const together = generate(model, PROMPTS, SAMPLED);
  const others = PROMPTS.map((prompt, row) => row === 3 ? prompt : [11, 0, 10, 1]);
  assertEquals(generate(model, others, SAMPLED)[3], together[3]);
  assertEquals(generate(model, PROMPTS.slice(0, 2), SAMPLED), together.slice(0, 2));
  assertNotEquals(generate(model, PROMPTS, { ...SAMPLED, seed: 4 }), together);
});

Deno.test("generate() draws equal prompts apart", () => {
  const sentences = generate(testModel(), new Array<number[]>(20).fill([1]), SAMPLED);
  assert(new Set(sentences.map(String)).size > 10);
});

Deno.test("generate() draws the first token as often as the model's softmax says", () => {
  const model = testModel(), count = 2000;
  const { logits } = forward(model.config, model.params, tf.tensor2d([[1]], [1, 1], "int32"));
  const probabilities = Array.from(tf.softmax(logits).dataSync());
  const prompts = new Array<number[]>(count).fill([1]);
  const counts = new Array<number>(probabilities.length).fill(0);
  for (const [, id = NaN] of generate(model, prompts, { maxNewTokens: 1, seed: 5 })) {
    counts[id] = (counts[id] ?? NaN) + 1;
  }
  const statistic = counts.reduce((sum, seen, id) => {
    const expected = count * (probabilities[id] ?? NaN);
    return sum + (seen - expected) ** 2 / expected;
  }, 0);
  assert(statistic < 32.9, `${statistic}`); // exceeded once in 1,000 with 12 degrees of freedom
});

Deno.test("generate() gives equal prompts one greedy sentence, each a list of its own", () => {
  const model = testModel(), options = { maxNewTokens: 4, temperature: 0 };
  const [first, other, again] = generate(model, [[1, 4], [3], [1, 4]], options);
  assertEquals([first], generate(model, [[1, 4]], options));
  assertEquals([other], generate(model, [[3]], options));
  assertEquals(again, first);
  assertEquals(again === first, false);
});

Deno.test("generate() draws a sentence the same in a batch of many as in one of few", () => {
  const model = testModel(), options = { ...SAMPLED, maxNewTokens: 12, eosId: 5 };
  // 700 sentences of 14 places are more than a batch holds; equal prompts stand in both.
  const prompts = Array.from({ length: 700 }, (_, row) => [1 + row % 12, row % 7, row % 5]);
  const sentences = generate(model, prompts, options);
  assertEquals(generate(model, prompts.slice(0, 40), options), sentences.slice(0, 40));
  assertEquals(new Set(sentences.map(({ length }) => length)).size, 12, "they end at all places");
});

Deno.test("generate() gives prompts back as they are when nothing is to be added", () => {
  assertEquals(generate(testModel(), PROMPTS, { maxNewTokens: 0 }), PROMPTS);
  assertEquals(generate(testModel(), [], SAMPLED), []);
});

Deno.test("generate() leaves the prompts as they were, and reads Int32Array", () => {
  const prompts = [Int32Array.of(1, 4), [3]], before = structuredClone(prompts);
  const sentences = generate(testModel(), prompts, SAMPLED);
  assertEquals(prompts, before);
  assertEquals(sentences, generate(testModel(), [[1, 4], [3]], SAMPLED));
});

Deno.test("generate() leaves no tensor behind, with cache, without, and after an error", () => {
  const model = testModel();
  const broken = { ...model, params: mapParams(model.params, (tensor) => tensor.mul(NaN)) };
  generate(model, PROMPTS, SAMPLED);
  const handles = handleCount();
  assertTensorsKept(0, () => generate(model, PROMPTS, SAMPLED));
  assertTensorsKept(0, () => generate(model, PROMPTS, { ...SAMPLED, useCache: false }));
  assertTensorsKept(0, () => {
    assertThrows(() => generate(broken, PROMPTS, SAMPLED), TypeError, "got NaN for id 0");
  });
  assertTensorsKept(0, () => {
    const options = { ...SAMPLED, temperature: -1 };
    assertThrows(() => generate(model, PROMPTS, options), RangeError, "expected a temperature");
  });
  assertEquals(handleCount(), handles);
});

Deno.test("generate() refuses what the model cannot do", () => {
  const model = testModel();
  const refused = (prompts: number[][], options: GenerateOptions, message: string) =>
    assertThrows(() => generate(model, prompts, options), RangeError, message);
  refused([[1], []], SAMPLED, "Cannot generate: expected a token in prompt 1, got none");
  refused([[1, 13]], SAMPLED, "Cannot generate: expected an id from 0 to 12 in prompt 0, got 13");
  refused([[-1]], SAMPLED, "Cannot generate: expected an id from 0 to 12 in prompt 0, got -1");
  refused([[0.5]], SAMPLED, "Cannot generate: expected an id from 0 to 12 in prompt 0, got 0.5");
  const endless = { maxNewTokens: 3, eosId: 13 };
  refused([[1]], endless, "Cannot generate: expected an id from 0 to 12 as eosId, got 13");
  refused(
    [[1]],
    { maxNewTokens: 0, topK: 0 },
    "Cannot choose a token: expected topK from 1 on, got 0",
  );
  refused([[1]], { maxNewTokens: 1.5 }, "expected a number of new tokens from 0, got 1.5");
  refused(
    [[1]],
    { maxNewTokens: -1 },
    "Cannot generate: expected a number of new tokens from 0, got -1",
  );
  refused(
    [[1], [1, 2]],
    { maxNewTokens: 16 },
    "Cannot generate: expected at most 16 places, got 17 for prompt 1; lower maxNewTokens",
  );
});
