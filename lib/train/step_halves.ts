import * as tf from "@tensorflow/tfjs";
import { packParams, unpackParams } from "lib/tensor/mod.ts";
import {
  applyGradients,
  computeGradients,
  type StepInput,
  type StepOutput,
  type StepSettings,
} from "./step.ts";

/** The input of the first half: this rank's micro-batches, and the target count of all ranks. */
export type ShareInput =
  & Pick<StepInput, "params" | "microBatches" | "targetCount" | "lossScale">
  & {
    /** float32 scalar: 1 if this rank asks to stop after the step, else 0. */
    readonly stop: tf.Tensor;
  };

/** The input of the second half. */
export type SumInput = Pick<StepInput, "params" | "optimizer" | "scalars"> & {
  /** float32 [N + 2]: what {@linkcode shareOfStep} gave, added up over all ranks. */
  readonly sum: tf.Tensor;
};

/** The result of the second half. */
export type SumOutput = StepOutput & {
  /** float32 scalar: how many ranks ask to stop. */
  readonly stop: tf.Tensor;
};

/**
 * The first half of an update that ranks make together: this rank's part of loss and gradient.
 *
 * Each rank divides by the targets of all ranks, so the parts add up to the mean over all targets,
 * however unevenly these are spread.
 *
 * @param settings What is fixed for the run.
 * @param input The weights, this rank's micro-batches, the step's targets on all ranks.
 * @returns float32 [N + 2]: the gradient in one piece, the loss, and 1 if asked to stop. So one sum over
 *   all ranks per step is enough. The caller owns it.
 */
export function shareOfStep(settings: StepSettings, input: ShareInput): tf.Tensor {
  return tf.tidy(() => {
    const { loss, gradients } = computeGradients(settings, input);
    return tf.concat([packParams(gradients), loss.reshape([1]), input.stop.reshape([1])]);
  });
}

/**
 * The second half: clips the whole gradient and applies the optimizer; bit-equal on each rank.
 *
 * @param settings What is fixed for the run.
 * @param input Weights, optimizer state, the sum of all parts, the host numbers of this step.
 * @returns Tensors; the caller owns them.
 */
export function stepFromSum(settings: StepSettings, input: SumInput): SumOutput {
  return tf.tidy((): SumOutput => {
    const { params, optimizer, scalars, sum } = input;
    const gradients = unpackParams(sum, params), last = sum.size - 2;
    const at = (place: number) => sum.slice([place], [1]).reshape([]);
    const next = applyGradients(settings, { params, optimizer, gradients, scalars });
    return { loss: at(last), stop: at(last + 1), ...next };
  });
}
