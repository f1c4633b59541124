import { assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import {
  crossEntropy,
  forward,
  type ModelConfig,
  modelConfig,
  paramShapes,
} from "lib/model/mod.ts";
import { adamw, applyUpdates, clipByGlobalNorm, scalarTensors } from "lib/optimizer/mod.ts";
import { mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import fullModel from "../golden/full_model.json" with { type: "json" };
import smallModels from "../golden/model.json" with { type: "json" };
import {
  assertMatches,
  hashed,
  hashedModel,
  recordedTensors,
  withoutKeyBias,
} from "../support/golden.ts";
import { testedBackend } from "../support/tested_backend.ts";
import { int32, numberOf, numbersOf } from "../support/tensors.ts";

interface Batch {
  /** int32 [B, T]. */
  readonly ids: tf.Tensor;
  /** float32 [B, T]. */
  readonly mask: tf.Tensor;
  /** int32 [B·T]. */
  readonly labels: tf.Tensor;
}

const { allowed } = await testedBackend();

function lossOf(config: ModelConfig, params: Params, batch: Batch, labelSmoothing = 0): tf.Tensor {
  const { logits } = forward(config, params, batch.ids, { mask: batch.mask });
  return crossEntropy(logits, batch.labels, { labelSmoothing });
}

for (const name of ["tied", "untied"] as const) {
  const recorded = smallModels[name], { expected } = recorded;
  const config = modelConfig(recorded.config);
  const params = recordedTensors(paramShapes(config), recorded.params);
  const batches = recorded.batches.map(({ ids, labels }): Batch => ({
    ids: tf.tensor2d(ids, undefined, "int32"),
    mask: tf.tensor2d(recorded.mask),
    labels: int32(labels.flat()),
  }));
  // The file has a batch for each of the ten steps.
  const batch = batches[0] as Batch;

  Deno.test(`forward() gives PyTorch's logits at every real token, ${name} head`, () => {
    const { logits } = forward(config, params, batch.ids, { mask: batch.mask });
    const places = recorded.mask.flat().flatMap((bit, place) => bit === 1 ? [place] : []);
    assertMatches(tf.gather(logits, int32(places)), expected.logits, allowed.logit);
  });

  Deno.test(`crossEntropy() gives PyTorch's loss, plain and smoothed, ${name} head`, () => {
    assertMatches(lossOf(config, params, batch), expected.loss, allowed.loss);
    const smoothed = lossOf(config, params, batch, recorded.labelSmoothing);
    assertMatches(smoothed, expected.smoothedLoss, allowed.loss);
  });

  Deno.test(`valueAndGradients() gives PyTorch's gradient of every parameter, ${name} head`, () => {
    const { gradients } = valueAndGradients(params, (p) => lossOf(config, p, batch));
    assertMatches(gradients, expected.gradients, allowed.modelGradient);
  });

  Deno.test(`adamw() takes PyTorch's ten clipped steps of the whole model, ${name} head`, () => {
    const { learningRates, weightDecay, maxNorm } = recorded;
    const optimizer = adamw(1, { weightDecay, schedule: (step) => learningRates[step] ?? NaN });
    let current = params, state = optimizer.init(params);
    const losses: number[] = [], norms: number[] = [];
    for (const [step, batch] of batches.entries()) {
      const { value, gradients } = valueAndGradients(current, (p) => lossOf(config, p, batch));
      const clipped = clipByGlobalNorm(gradients, maxNorm);
      const scalars = scalarTensors(optimizer.scalars(step));
      const next = optimizer.update(clipped.gradients, state, current, scalars);
      current = applyUpdates(current, next.updates);
      state = next.state;
      losses.push(numberOf(value));
      norms.push(numberOf(clipped.norm));
    }
    assertMatches(losses, expected.stepLosses, allowed.loss);
    assertMatches(norms, expected.gradNorms, allowed.norm);
    assertMatches(withoutKeyBias(current), expected.paramsAfter, allowed.param);
  });

  Deno.test(`the keys' bias has no gradient but rounding noise, ${name} head`, () => {
    const { gradients } = valueAndGradients(params, (p) => lossOf(config, p, batch));
    for (let block = 0; block < config.layers; block++) {
      const third = param(gradients, `blocks.${block}.attention.qkv.bias`).reshape([3, -1]);
      const largest = numberOf(third.slice([1, 0], [1, -1]).abs().max());
      // 2^-24 is float32's rounding of a number of size 1, which attention weights are below.
      assertLessOrEqual(largest, 2 ** -24);
    }
  });
}

/** The batch of `make_full_model.py`: hashed ids, each sentence padded at its end. */
function hashedBatch(vocabSize: number): Batch {
  const { lengths } = fullModel.tied, B = lengths.length, T = Math.max(...lengths);
  const draws = Array.from(hashed(B * (T + 1), 200), (draw) => draw % vocabSize);
  const rows = lengths.map((length, row) => {
    const sentence = draws.slice(row * (T + 1), (row + 1) * (T + 1));
    return {
      ids: sentence.slice(0, T),
      mask: sentence.slice(1).map((_, place) => place < length ? 1 : 0),
      labels: sentence.slice(1).map((id, place) => place < length ? id : IGNORE_INDEX),
    };
  });
  return {
    ids: tf.tensor2d(rows.map(({ ids }) => ids), [B, T], "int32"),
    mask: tf.tensor2d(rows.map(({ mask }) => mask), [B, T]),
    labels: int32(rows.flatMap(({ labels }) => labels)),
  };
}

/** The length of one tensor as a vector, added up in float64. */
function lengthOf(tensor: tf.Tensor): number {
  return Math.sqrt(numbersOf(tensor).reduce((sum, value) => sum + value * value, 0));
}

Deno.test("the exercise's model gives PyTorch's loss, logits and gradients", () => {
  const { config, params } = hashedModel(), batch = hashedBatch(config.vocabSize);
  const { expected } = fullModel.tied, T = Math.max(...fullModel.tied.lengths);
  const { logits } = forward(config, params, batch.ids, { mask: batch.mask });
  const kept = logits.slice([T - 1, 0], [1, expected.logits.length]);
  assertMatches(kept, expected.logits, allowed.logit);

  const { value, gradients } = valueAndGradients(params, (p) => lossOf(config, p, batch));
  assertMatches(value, expected.loss, allowed.loss);
  const first = mapParams(gradients, (gradient) => gradient.flatten().slice([0], [4]));
  assertMatches(first, expected.firstGradients, allowed.modelGradient);
  for (const [name, length] of Object.entries(expected.gradNorms)) {
    assertMatches(lengthOf(param(gradients, name)), length, allowed.modelGradient);
  }
});
