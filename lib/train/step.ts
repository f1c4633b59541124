import * as tf from "@tensorflow/tfjs";
import { crossEntropy, forward, type ModelConfig } from "lib/model/mod.ts";
import {
  accumulate,
  applyUpdates,
  clipByGlobalNorm,
  type ScalarTensors,
  type Transform,
} from "lib/optimizer/mod.ts";
import { type Params, valueAndGradients } from "lib/tensor/mod.ts";
import type { DeviceBatch } from "./device_batch.ts";

/** One micro-batch, and what dropout drops of it. */
export type MicroBatch = DeviceBatch & {
  /** int32 [2]. */
  readonly dropoutSeed: tf.Tensor;
};

/** All that one update takes: tensors only. */
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
};

/** All that one update gives: tensors only. */
export type StepOutput = {
  /** The weights after the step. */
  readonly params: Params;
  /** The optimizer's state after the step. */
  readonly optimizer: Params;
  /** float32 scalar: mean loss over the step's targets, in nats, before the update. */
  readonly loss: tf.Tensor;
  /** float32 scalar: length of the whole gradient before clipping. */
  readonly gradNorm: tf.Tensor;
};

/** The settings that are fixed for a run, {@linkcode updateStep} is a function of the rest. */
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
 * Makes one update: gradients of all micro-batches, added up, clipped, turned into a step.
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
    let loss = tf.scalar(0) as tf.Tensor, total: Params | undefined;
    for (const batch of input.microBatches) {
      const part = valueAndGradients(
        input.params,
        (params) => batchLoss(settings, params, batch, input),
      );
      loss = loss.add(part.value);
      total = accumulate(total, part.gradients);
    }
    const { gradients, norm } = clipByGlobalNorm(total ?? {}, settings.maxNorm);
    const { updates, state } = settings.transform
      .update(gradients, input.optimizer, input.params, input.scalars);
    const params = applyUpdates(input.params, updates);
    return { params, optimizer: state, loss, gradNorm: norm };
  });
}

function batchLoss(
  settings: StepSettings,
  params: Params,
  batch: MicroBatch,
  { targetCount }: StepInput,
): tf.Tensor {
  const { mask, dropoutSeed } = batch;
  const { logits } = forward(settings.model, params, batch.ids, { mask, dropoutSeed });
  const { labelSmoothing } = settings;
  return crossEntropy(logits, batch.labels, { labelSmoothing, divisor: targetCount });
}
