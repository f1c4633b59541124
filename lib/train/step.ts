import * as tf from "@tensorflow/tfjs";
import { crossEntropy, forward, type ModelConfig } from "lib/model/mod.ts";
import {
  accumulate,
  applyUpdates,
  clipByGlobalNorm,
  type ScalarTensors,
  type Transform,
} from "lib/optimizer/mod.ts";
import { mapParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import type { DeviceBatch } from "./device_batch.ts";

/** One micro-batch, and the seed of its dropout. */
export type MicroBatch = DeviceBatch & {
  /** int32 [2]. */
  readonly dropoutSeed: tf.Tensor;
};

/** The input of one update: tensors only. */
export type StepInput = {
  /** The weights. */
  readonly params: Params;
  /** The optimizer's state. */
  readonly optimizer: Params;
  /** The micro-batches whose gradients are added up. */
  readonly microBatches: readonly MicroBatch[];
  /** float32 scalar: the number of targets in all micro-batches together. */
  readonly targetCount: tf.Tensor;
  /** The host numbers of this step. */
  readonly scalars: ScalarTensors;
  /**
   * float32 scalar, a power of 2: what the loss is multiplied by before the backward pass, and the gradients
   * are divided by after it; none if nothing is scaled.
   */
  readonly lossScale?: tf.Tensor;
};

/** The result of one update: tensors only. */
export type StepOutput = {
  /** The weights after the step. */
  readonly params: Params;
  /** The optimizer's state after the step. */
  readonly optimizer: Params;
  /** float32 scalar: mean loss over the step's targets, in nats, before the update. */
  readonly loss: tf.Tensor;
  /** float32 scalar: length of the whole gradient before clipping. */
  readonly gradNorm: tf.Tensor;
  /**
   * float32 scalar: {@linkcode sumOfWeights} of the weights after the step, from which the loop sees
   * whether they are finite. If it is left out, the loop computes it.
   */
  readonly weightSum?: tf.Tensor;
};

/** The settings that are fixed for a run; {@linkcode updateStep} takes everything else as input. */
export interface StepSettings {
  /** The model's settings. */
  readonly model: ModelConfig;
  /** The optimizer. */
  readonly transform: Transform;
  /** Probability spread over the vocabulary. */
  readonly labelSmoothing: number;
  /** Longest gradient; `Infinity` clips nothing. */
  readonly maxNorm: number;
}

/**
 * Makes one update: adds up the gradients of all micro-batches, clips the sum, applies the optimizer.
 *
 * @param settings What is fixed for the run.
 * @param input Tensors that go in; they are not freed.
 * @returns Tensors that come out; the caller owns them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
 * import { updateStep } from "lib/train/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const model = modelConfig({ layers: 1 }), transform = adamw(1e-3);
 * const params = initializeParams(model, 1);
 * const batch = {
 *   ids: tf.tensor2d([[1, 4]], [1, 2], "int32"),
 *   mask: tf.ones([1, 2]),
 *   labels: tf.tensor1d([4, 2], "int32"),
 *   dropoutSeed: tf.tensor1d([0, 0], "int32"),
 * };
 * const { loss } = updateStep({ model, transform, labelSmoothing: 0, maxNorm: 1 }, {
 *   params,
 *   optimizer: transform.init(params),
 *   microBatches: [batch],
 *   targetCount: tf.scalar(2),
 *   scalars: scalarTensors(transform.scalars(0)),
 * });
 * assertAlmostEquals(loss.dataSync()[0]!, Math.log(1000), 0.5);
 * ```
 */
export function updateStep(settings: StepSettings, input: StepInput): StepOutput {
  return tf.tidy((): StepOutput => {
    const { params, optimizer, scalars } = input;
    const { loss, gradients } = computeGradients(settings, input);
    return { loss, ...applyGradients(settings, { params, optimizer, gradients, scalars }) };
  });
}

/** The result of {@linkcode computeGradients}. */
export type Gradients = {
  /** float32 scalar: mean loss over the step's targets, in nats. */
  readonly loss: tf.Tensor;
  /** Its derivative with respect to each parameter. */
  readonly gradients: Params;
};

/**
 * The first half of an update: loss and gradients of all micro-batches together.
 *
 * @param settings What is fixed for the run.
 * @param input The weights and the micro-batches.
 * @returns Tensors; the caller owns them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { adamw } from "lib/optimizer/mod.ts";
 * import { computeGradients } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const model = modelConfig({ layers: 1 }), params = initializeParams(model, 1);
 * const batch = {
 *   ids: tf.tensor2d([[1, 4]], [1, 2], "int32"),
 *   mask: tf.ones([1, 2]),
 *   labels: tf.tensor1d([4, 2], "int32"),
 *   dropoutSeed: tf.tensor1d([0, 0], "int32"),
 * };
 * const settings = { model, transform: adamw(1e-3), labelSmoothing: 0, maxNorm: 1 };
 * const input = { params, microBatches: [batch], targetCount: tf.scalar(2) };
 * const { gradients } = computeGradients(settings, input);
 * assertEquals(Object.keys(gradients), Object.keys(params));
 * ```
 */
export function computeGradients(
  settings: StepSettings,
  input: Pick<StepInput, "params" | "microBatches" | "targetCount" | "lossScale">,
): Gradients {
  return tf.tidy((): Gradients => {
    const { params, microBatches, targetCount, lossScale } = input;
    let loss: tf.Tensor = tf.scalar(0), total: Params | undefined;
    for (const batch of microBatches) {
      const part = valueAndGradients(params, (p) => {
        const own = batchLoss(settings, p, batch, targetCount);
        return lossScale === undefined ? own : own.mul(lossScale);
      });
      loss = loss.add(part.value);
      total = accumulate(total, part.gradients);
    }
    if (lossScale === undefined || total === undefined) return { loss, gradients: total ?? {} };
    // Exact for a power of 2: only the float16 products in between had the larger numbers.
    return {
      loss: loss.div(lossScale),
      gradients: mapParams(total, (gradient) => gradient.div(lossScale)),
    };
  });
}

/** The input of {@linkcode applyGradients}. */
export type ApplyInput = Pick<StepInput, "params" | "optimizer" | "scalars"> & {
  /** The derivative of the loss with respect to each parameter. */
  readonly gradients: Params;
};

/**
 * The second half of an update: clips the gradients and applies the optimizer.
 *
 * @param settings What is fixed for the run.
 * @param input Weights, optimizer state, gradients, and the host numbers of this step.
 * @returns Tensors; the caller owns them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { modelConfig } from "lib/model/mod.ts";
 * import { scalarTensors, sgd } from "lib/optimizer/mod.ts";
 * import { applyGradients } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const transform = sgd(0.5), scalars = scalarTensors(transform.scalars(0));
 * const settings = { model: modelConfig(), transform, labelSmoothing: 0, maxNorm: Infinity };
 * const input = { params: { w: tf.scalar(3) }, optimizer: {}, gradients: { w: tf.scalar(2) } };
 * assertEquals(applyGradients(settings, { ...input, scalars }).params.w?.arraySync(), 2);
 * ```
 */
export function applyGradients(
  settings: StepSettings,
  input: ApplyInput,
): Omit<StepOutput, "loss"> {
  return tf.tidy((): Omit<StepOutput, "loss"> => {
    const { gradients, norm } = clipByGlobalNorm(input.gradients, settings.maxNorm);
    const { updates, state } = settings.transform
      .update(gradients, input.optimizer, input.params, input.scalars);
    const params = applyUpdates(input.params, updates);
    return { params, optimizer: state, gradNorm: norm, weightSum: sumOfWeights(params) };
  });
}

/**
 * Adds up all weights. The sum itself means nothing, but it is NaN or infinite if one of them is, and it
 * is the cheapest check for each step (about 1 % of the smallest step by XLA, less of larger ones).
 *
 * @param params The weights.
 * @returns float32 scalar; the caller owns it. Finite weights above 10³¹ may add up to infinity too.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { sumOfWeights } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const params = { a: tf.tensor2d([[1, 2], [3, 4]]), b: tf.tensor1d([5]) };
 * assertEquals(sumOfWeights(params).arraySync(), 15);
 * ```
 */
export function sumOfWeights(params: Params): tf.Tensor {
  return tf.tidy(() => {
    // First over the rows: XLA adds whole rows at once, but the numbers within a row one by one.
    const sums = Object.values(params).map((weights) =>
      (weights.rank > 1 ? weights.sum(0) : weights).sum()
    );
    return sums.reduce((total, sum) => total.add(sum), tf.scalar(0));
  });
}

function batchLoss(
  { model, labelSmoothing }: StepSettings,
  params: Params,
  batch: MicroBatch,
  targetCount: tf.Tensor,
): tf.Tensor {
  const { ids, mask, labels, dropoutSeed } = batch;
  const { logits } = forward(model, params, ids, { mask, dropoutSeed });
  return crossEntropy(logits, labels, { labelSmoothing, divisor: targetCount });
}
