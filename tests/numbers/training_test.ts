import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { forward, generate, modelConfig, paramShapes, sampleNext } from "lib/model/mod.ts";
import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams, mapParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { createPrograms } from "lib/train/mod.ts";
import { crossEntropy } from "lib/model/mod.ts";
import golden from "../golden/training.json" with { type: "json" };
import { assertMatches, hashed } from "../support/golden.ts";
import { testedBackend } from "../support/tested_backend.ts";
import { int32, numberOf, numbersOf } from "../support/tensors.ts";

const { name: backend, allowed } = await testedBackend();
const { batches, continued, expected, lengths, learningRates, maxNorm, prompts, weightDecay } =
  golden.tied;
const config = modelConfig(golden.tied.config);
const B = lengths.length, T = Math.max(...lengths);

/** Weights by a formula, uniform within 0.3; the gains of layer norms around 1. */
function initialParams(): Params {
  const tensors = Object.entries(paramShapes(config)).map(([name, shape], salt) => {
    const center = name.endsWith("orm.weight") ? 1 : 0;
    const draws = hashed(shape.reduce((product, size) => product * size, 1), salt);
    const values = Float32Array.from(draws, (draw) => center + 0.3 * (draw / 2 ** 31 - 1));
    return [name, tf.tensor(values, [...shape])] as const;
  });
  return Object.fromEntries(tensors);
}

function batchOf(step: number) {
  const { ids = [], labels = [] } = batches[step % batches.length] ?? {};
  const isReal = lengths.flatMap((length) => Array.from({ length: T }, (_, i) => +(i < length)));
  return {
    ids: tf.tensor2d(ids, [B, T], "int32"),
    mask: tf.tensor2d(isReal, [B, T]),
    labels: int32(labels),
  };
}

const optimizer = adamw(1, { weightDecay, schedule: (step) => learningRates[step] ?? NaN });
const settings = { model: config, transform: optimizer, labelSmoothing: 0, maxNorm };

/** Twenty steps as a run makes them, on TensorFlow compiled. */
function trained(): { params: Params; losses: number[]; norms: number[] } {
  const { update } = createPrograms(settings, { mode: "xla", precision: "float32" });
  let params = initialParams(), state = optimizer.init(params);
  const losses: number[] = [], norms: number[] = [];
  for (const step of learningRates.keys()) {
    const batch = { ...batchOf(step), dropoutSeed: int32([0, 0]) };
    const targetCount = tf.scalar(numbersOf(batch.labels).filter((label) => label >= 0).length);
    const scalars = scalarTensors(optimizer.scalars(step));
    const next = update({ params, optimizer: state, microBatches: [batch], targetCount, scalars });
    losses.push(numberOf(next.loss));
    norms.push(numberOf(next.gradNorm));
    const { loss, gradNorm } = next;
    disposeParams(params, state, scalars, batch, { targetCount, loss, gradNorm });
    next.weightSum?.dispose();
    ({ params, optimizer: state } = next);
  }
  disposeParams(state);
  return { params, losses, norms };
}

Deno.test(`the model's first gradient on ${backend} is PyTorch's`, () => {
  const params = initialParams(), { ids, mask, labels } = batchOf(0);
  const { value, gradients } = valueAndGradients(
    params,
    (p) => crossEntropy(forward(config, p, ids, { mask }).logits, labels),
  );
  assertAlmostEquals(numberOf(value), expected.losses[0] ?? NaN, allowed.loss);
  const first = mapParams(gradients, (gradient) => gradient.flatten().slice([0], [4]));
  assertMatches(first, expected.firstGradients, allowed.modelGradient);
});

// Trained once: the tests below look at what came of it.
const before = tf.memory().numTensors, result = trained();
const kept = tf.memory().numTensors - before;

Deno.test(`twenty steps on ${backend} have PyTorch's losses and norms, and leave no tensor`, () => {
  assertMatches(result.losses, expected.losses, allowed.stepLoss);
  assertMatches(result.norms, expected.gradNorms, allowed.stepNorm);
  assertEquals(kept, Object.keys(result.params).length);
  assertLess(result.losses.at(-1) ?? NaN, (result.losses[0] ?? NaN) / 2);
});

Deno.test(`after twenty steps ${backend} continues sentences as PyTorch does`, () => {
  const count = (continued[0]?.length ?? 0) - (prompts[0]?.length ?? 0);
  for (const useCache of [true, false]) {
    const options = { maxNewTokens: count, temperature: 0, useCache };
    assertEquals(generate({ config, params: result.params }, prompts, options), continued);
  }
});

Deno.test(`after twenty steps ${backend} draws the tokens that PyTorch's logits make likely`, () => {
  const { ids, mask } = batchOf(0), { logits } = forward(config, result.params, ids, { mask });
  const rows = expected.logits.map((wanted, place) => {
    const row = numbersOf(logits.slice([place, 0], [1, config.vocabSize]));
    assertMatches(row, wanted, allowed.trainedLogit);
    return { row, wanted };
  });
  const cuts = [{}, { temperature: 0.7 }, { topK: 5 }, { topP: 0.9 }];
  for (const { row, wanted } of rows) {
    for (const options of cuts) {
      const draws = (values: readonly number[]) => {
        const random = new Random(7);
        return Array.from({ length: 50 }, () => sampleNext(values, options, random));
      };
      assertEquals(draws(row), draws(wanted));
    }
  }
});
