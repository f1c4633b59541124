import * as tf from "@tensorflow/tfjs";
import {
  checkClipByGlobalNorm,
  checkStepGradients,
  type ClipByGlobalNorm,
  type StepGradients,
  type StepGradientsParts,
} from "lib/grade/mod.ts";
import { accumulate, clipByGlobalNorm, globalNorm } from "lib/optimizer/mod.ts";
import { mapParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

/** Scales by min(1, max / length), with a wrong idea of the length. */
const byLength = (lengthOf: (gradients: Params) => tf.Tensor): ClipByGlobalNorm => (g, maxNorm) => {
  const factor = tf.minimum(1, tf.div(maxNorm, lengthOf(g)));
  return { gradients: mapParams(g, (one) => one.mul(factor)), norm: globalNorm(g) };
};

const CLIP = exercise<ClipByGlobalNorm>("clipByGlobalNorm", checkClipByGlobalNorm, [
  [
    "clipping per tensor",
    (gradients, maxNorm) => ({
      gradients: mapParams(gradients, (one) => one.mul(tf.minimum(1, tf.div(maxNorm, one.norm())))),
      norm: globalNorm(gradients),
    }),
    /each tensor is clipped alone/,
  ],
  [
    "clipping by value",
    (gradients, maxNorm) => ({
      gradients: mapParams(gradients, (one) => one.clipByValue(-maxNorm, maxNorm)),
      norm: globalNorm(gradients),
    }),
    /values are clipped one by one/,
  ],
  [
    "short gradients made longer",
    (gradients, maxNorm) => {
      const norm = globalNorm(gradients);
      return { gradients: mapParams(gradients, (one) => one.mul(maxNorm).div(norm)), norm };
    },
    /short gradients are made longer/,
  ],
  ["no root", byLength((gradients) => globalNorm(gradients).square()), /the root is missing/],
  [
    "norms added",
    byLength((gradients) => tf.addN(Object.values(gradients).map((one) => one.norm()))),
    /norms are added/,
  ],
  [
    "largest value",
    byLength((gradients) =>
      Object.values(gradients).map((one) => one.abs().max()).reduce((a, b) => tf.maximum(a, b))
    ),
    /this is the largest value/,
  ],
  [
    "norm after clipping",
    (gradients, maxNorm) => {
      const clipped = clipByGlobalNorm(gradients, maxNorm).gradients;
      return { gradients: clipped, norm: globalNorm(clipped) };
    },
    /the norm after clipping/,
  ],
  [
    "nothing clipped",
    (gradients) => ({ gradients, norm: globalNorm(gradients) }),
    /nothing is clipped/,
  ],
]);

/** What is done to each micro-batch's gradients, and to their sum. */
interface Way {
  /** Each loss's divisor; none leaves the micro-batch's own targets. */
  readonly divisorOf: (targetCount: number | tf.Tensor) => number | tf.Tensor | undefined;
  readonly each?: (gradients: Params, maxNorm: number) => Params;
  readonly scale?: (count: number) => number;
  readonly isClippedAtEnd?: boolean;
}

const accumulated =
  (way: Way): StepGradients =>
  <B>(params: Params, microBatches: readonly B[], parts: StepGradientsParts<B>) => {
    const { lossOf, targetCount, maxNorm } = parts, { each = (g: Params) => g } = way;
    let loss: tf.Tensor = tf.scalar(0), total: Params | undefined;
    for (const batch of microBatches) {
      const divisor = way.divisorOf(targetCount);
      const part = valueAndGradients(params, (p) => lossOf(p, batch, divisor));
      loss = loss.add(part.value);
      total = accumulate(total, each(part.gradients, maxNorm));
    }
    const scale = way.scale?.(microBatches.length) ?? 1;
    const sum = mapParams(total ?? {}, (one) => one.mul(scale));
    const { isClippedAtEnd = true } = way;
    const { gradients, norm } = clipByGlobalNorm(sum, isClippedAtEnd ? maxNorm : Infinity);
    return { loss: loss.mul(scale), gradients, norm };
  };

const right = accumulated({ divisorOf: (targetCount) => targetCount });
const clipEach = (gradients: Params, maxNorm: number) =>
  clipByGlobalNorm(gradients, maxNorm).gradients;

const STEP = exercise<StepGradients>("stepGradients", checkStepGradients, [
  [
    "accumulation not divided",
    accumulated({ divisorOf: () => undefined }),
    /the sum is not divided/,
  ],
  [
    "mean of unequal micro-batches",
    accumulated({ divisorOf: () => undefined, scale: (count) => 1 / count }),
    /mean of means/,
  ],
  [
    "clipping before accumulation",
    accumulated({
      divisorOf: (targetCount) => targetCount,
      each: clipEach,
      isClippedAtEnd: false,
    }),
    /each micro-batch is clipped before they are added/,
  ],
  [
    "clipping before accumulation and after it",
    accumulated({ divisorOf: (targetCount) => targetCount, each: clipEach }),
    /each micro-batch is clipped before they are added/,
  ],
  [
    "no clipping",
    accumulated({ divisorOf: (targetCount) => targetCount, isClippedAtEnd: false }),
    /the gradient is not clipped/,
  ],
  [
    "only the last micro-batch",
    (params, microBatches, parts) => right(params, microBatches.slice(-1), parts),
    /only the last micro-batch counts/,
  ],
  [
    "loss of the last micro-batch",
    (params, microBatches, parts) => ({
      ...right(params, microBatches, parts),
      loss: right(params, microBatches.slice(-1), parts).loss,
    }),
    /last micro-batch's loss alone/,
  ],
  [
    "losses added without a common divisor",
    (params, microBatches, parts) => ({
      ...right(params, microBatches, parts),
      loss: accumulated({ divisorOf: () => undefined })(params, microBatches, parts).loss,
    }),
    /without a common divisor/,
  ],
  [
    "mean of the losses' means",
    (params, microBatches, parts) => {
      const { loss } = accumulated({ divisorOf: () => undefined })(params, microBatches, parts);
      return { ...right(params, microBatches, parts), loss: loss.div(microBatches.length) };
    },
    /mean of the micro-batches' means/,
  ],
  [
    "norm after clipping",
    (params, microBatches, parts) => {
      const { loss, gradients } = right(params, microBatches, parts);
      return { loss, gradients, norm: globalNorm(gradients) };
    },
    /the norm after clipping/,
  ],
]);

/** The exercises about the step's gradient. */
export const STEP_EXERCISES: readonly Exercise[] = [CLIP, STEP];
