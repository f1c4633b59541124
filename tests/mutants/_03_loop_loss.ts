import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import {
  type BatchLoss,
  checkBatchLoss,
  checkCrossEntropy,
  checkEvaluate,
  type CrossEntropy,
  type Evaluate,
  type MeasuredBatch,
} from "lib/grade/mod.ts";
import { crossEntropy, forward, type ModelConfig, targetLosses } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

/** The parts of a cross-entropy, for answers that put them together wrongly. */
function partsOf(logits: tf.Tensor, labels: tf.Tensor) {
  const shifted = logits.sub(logits.max(1, true));
  const isTarget = labels.notEqual(IGNORE_INDEX).cast("float32");
  const oneHot = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0).cast("float32");
  const losses = shifted.exp().sum(1).log().sub(shifted.mul(oneHot).sum(1));
  return { shifted, isTarget, oneHot, losses };
}

/** −Σ one-hot · log p, over the targets; `p` are probabilities. */
function fromProbabilities(p: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const { oneHot, isTarget } = partsOf(p, labels);
  return p.log().mul(oneHot).sum(1).neg().mul(isTarget).sum().div(isTarget.sum());
}

const naive: CrossEntropy = (logits, labels, { divisor } = {}) => {
  const { oneHot, isTarget } = partsOf(logits, labels), exponentials = logits.exp();
  const p = exponentials.div(exponentials.sum(1, true)).mul(oneHot).sum(1);
  const losses = tf.where(isTarget.equal(1), p.log().neg(), 0);
  return losses.sum().div(divisor ?? isTarget.sum());
};

const hiddenZero: CrossEntropy = (logits, labels, { divisor } = {}) => {
  const { oneHot, isTarget } = partsOf(logits, labels);
  const p = logits.softmax().mul(oneHot).sum(1);
  return p.add(1e-9).log().neg().mul(isTarget).sum().div(divisor ?? isTarget.sum());
};

const inNumbers: CrossEntropy = (logits, labels, options) =>
  tf.scalar(crossEntropy(logits, labels, options).dataSync()[0] ?? NaN);

const zeroIgnored: CrossEntropy = (logits, labels) => {
  const { losses, isTarget } = partsOf(logits, labels);
  const counts = labels.notEqual(0).cast("float32").mul(isTarget);
  return losses.mul(counts).sum().div(counts.sum());
};

const CROSS_ENTROPY = exercise<CrossEntropy>("crossEntropy", checkCrossEntropy, [
  ["unstable softmax", naive, /overflows/],
  ["a small number inside the logarithm", hiddenZero, /hides that p became 0/],
  [
    "mean over pads",
    (logits, labels) => targetLosses(logits, labels).mean(),
    /mean over pads/,
  ],
  [
    "ignore index not ignored",
    (logits, labels) => partsOf(logits, labels).losses.mean(),
    /-100 is not ignored/,
  ],
  [
    "ignore index in the sum only",
    (logits, labels) => {
      const { losses, isTarget } = partsOf(logits, labels);
      return losses.sum().div(isTarget.sum());
    },
    /-100 is not ignored/,
  ],
  ["label 0 ignored", zeroIgnored, /label 0 is left out/],
  ["sum for mean", (logits, labels) => targetLosses(logits, labels).sum(), /this is the sum/],
  ["sign", (logits, labels) => crossEntropy(logits, labels).neg(), /the sign is wrong/],
  ["bits", (logits, labels) => crossEntropy(logits, labels).div(Math.LN2), /in bits/],
  [
    "softmax twice",
    (logits, labels) => crossEntropy(logits.softmax(), labels),
    /softmax is taken twice/,
  ],
  [
    "softmax over the wrong axis",
    (logits, labels) => fromProbabilities(logits.transpose().softmax().transpose(), labels),
    /softmax goes over the rows/,
  ],
  [
    "no logarithm",
    (logits, labels) => {
      const { oneHot, isTarget } = partsOf(logits, labels);
      const misses = tf.scalar(1).sub(logits.softmax().mul(oneHot).sum(1));
      return misses.mul(isTarget).sum().div(isTarget.sum());
    },
    /the logarithm is missing/,
  ],
  [
    "label 0 ignored and -100 not",
    (logits, labels) => {
      const isTarget = labels.notEqual(0).cast("float32");
      const { shifted, oneHot } = partsOf(logits, labels);
      const losses = logits.logSumExp(1).sub(logits.mul(oneHot).sum(1));
      return losses.mul(isTarget).sum().div(isTarget.sum()).add(shifted.sum().mul(0));
    },
    /label 0 is left out and -100 is not/,
  ],
  [
    "wrong gradient",
    (logits, labels, options) => {
      const value = crossEntropy(logits, labels, options).dataSync()[0] ?? NaN;
      return logits.sum().sub(logits.sum().dataSync()[0] ?? NaN).add(value);
    },
    /it is \(softmax − one-hot\) \/ targets/,
  ],
  ["no gradient", inNumbers, /nothing leads back to the logits/],
  [
    "divided twice",
    (logits, labels, { divisor } = {}) => crossEntropy(logits, labels).div(divisor ?? 1),
    /divided twice/,
  ],
  [
    "divisor not used",
    (logits, labels) => crossEntropy(logits, labels),
    /the divisor is not used/,
  ],
]);

/** The loss of ids against labels, both given as rows. */
function lossOf(
  { params, model }: { readonly params: Params; readonly model: ModelConfig },
  ids: tf.Tensor,
  labels: tf.Tensor,
): tf.Tensor {
  const { logits } = forward(model, params, ids);
  return crossEntropy(logits, labels.reshape([-1]));
}

function without(tokens: tf.Tensor, from: number, cut: number): tf.Tensor {
  const [B = 0, length = 0] = tokens.shape;
  return tokens.slice([0, from], [B, length - from - cut]);
}

function ignorePads(labels: tf.Tensor): tf.Tensor {
  return tf.where(labels.equal(0), tf.scalar(IGNORE_INDEX, "int32"), labels);
}

const BATCH_LOSS = exercise<BatchLoss>("batchLoss", checkBatchLoss, [
  [
    "labels not shifted",
    (params, tokens, model) => lossOf({ params, model }, tokens, ignorePads(tokens)),
    /labels are not shifted/,
  ],
  [
    "labels cut and not shifted",
    (params, tokens, model) =>
      lossOf({ params, model }, without(tokens, 0, 1), ignorePads(without(tokens, 0, 1))),
    /labels are not shifted/,
  ],
  [
    "labels shifted twice",
    (params, tokens, model) =>
      lossOf({ params, model }, without(tokens, 0, 2), ignorePads(without(tokens, 2, 0))),
    /labels are shifted twice/,
  ],
  [
    "labels shifted the other way",
    (params, tokens, model) =>
      lossOf({ params, model }, without(tokens, 1, 0), ignorePads(without(tokens, 0, 1))),
    /predicts the token before/,
  ],
  [
    "pads learned",
    (params, tokens, model) =>
      lossOf({ params, model }, without(tokens, 0, 1), without(tokens, 1, 0)),
    /pads are learned/,
  ],
]);

/** The sum of a batch's losses. */
function sumOf(
  { params, model }: { readonly params: Params; readonly model: ModelConfig },
  batch: MeasuredBatch,
  isDropping = false,
): number {
  return tf.tidy(() => {
    const { mask, dropoutSeed } = batch;
    const options = isDropping ? { mask, dropoutSeed } : { mask };
    const { logits } = forward(model, params, batch.ids, options);
    return targetLosses(logits, batch.labels).sum().dataSync()[0] ?? NaN;
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

const right: Evaluate = (params, batches, model) => {
  const loss = total(batches.map((batch) => sumOf({ params, model }, batch))) /
    total(batches.map((batch) => batch.targets));
  return { loss, perplexity: Math.exp(loss) };
};

const ofMeans = (isDropping: boolean): Evaluate => (params, batches, model) => {
  const means = batches.map((batch) => sumOf({ params, model }, batch, isDropping) / batch.targets);
  const loss = total(means) / means.length;
  return { loss, perplexity: Math.exp(loss) };
};

const EVALUATE = exercise<Evaluate>("evaluate", checkEvaluate, [
  ["mean of the batches' means", ofMeans(false), /mean of the batches' means/],
  ["dropout on in evaluation", ofMeans(true), /dropout is on/],
  [
    "dropout on, weights right",
    (params, batches, model) => {
      const sums = batches.map((batch) => sumOf({ params, model }, batch, true));
      const loss = total(sums) / total(batches.map((batch) => batch.targets));
      return { loss, perplexity: Math.exp(loss) };
    },
    /dropout is on/,
  ],
  [
    "pads counted",
    (params, batches, model) => {
      const places = total(batches.map((batch) => batch.ids.size));
      const loss = total(batches.map((batch) => sumOf({ params, model }, batch))) / places;
      return { loss, perplexity: Math.exp(loss) };
    },
    /pads are counted/,
  ],
  [
    "perplexity as a mean of perplexities",
    (params, batches, model) => {
      const each = batches.map((batch) =>
        Math.exp(sumOf({ params, model }, batch) / batch.targets)
      );
      const { loss } = right(params, batches, model);
      return { loss, perplexity: total(each) / each.length };
    },
    /mean of the batches' perplexities/,
  ],
  [
    "perplexity to the base 2",
    (params, batches, model) => {
      const { loss } = right(params, batches, model);
      return { loss, perplexity: 2 ** loss };
    },
    /2 to the loss/,
  ],
  [
    "divided by the number of batches",
    (params, batches, model) => {
      const loss = total(batches.map((batch) => sumOf({ params, model }, batch))) / batches.length;
      return { loss, perplexity: Math.exp(loss) };
    },
    /divided by the number of batches/,
  ],
  [
    "a sum",
    (params, batches, model) => {
      const loss = total(batches.map((batch) => sumOf({ params, model }, batch)));
      return { loss, perplexity: Math.exp(loss) };
    },
    /this is the sum/,
  ],
  [
    "tensors left behind",
    (params, batches, model) => {
      batches.forEach((batch) => forward(model, params, batch.ids));
      return right(params, batches, model);
    },
    /no tensor left behind, got \d+; .*tf\.tidy/,
  ],
]);

/** The exercises about the loss. */
export const LOSS_EXERCISES: readonly Exercise[] = [CROSS_ENTROPY, BATCH_LOSS, EVALUATE];
