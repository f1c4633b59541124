import * as tf from "@tensorflow/tfjs";
import { disposeParams } from "lib/tensor/mod.ts";
import type { Replicas } from "./replicas.ts";
import type { Run } from "./run.ts";
import type { StepInput, StepOutput } from "./step.ts";
import type { StopSign } from "./stop_sign.ts";

/**
 * Makes one update: alone, or together with all ranks, which takes one sum over the ranks.
 *
 * @param run The run; its state stays as it is.
 * @param input What `stepInput()` made of the step's batches: this rank's share of them.
 * @param stop Whether this rank was asked to stop is part of the sum; so each rank learns whether any was.
 * @returns Tensors; the caller owns them.
 * @throws {ClusterError} If a rank is lost or late.
 */
export async function makeUpdate(
  run: Run,
  input: StepInput,
  stop: StopSign,
): Promise<StepOutput> {
  const { replicas, programs } = run;
  return replicas === null
    ? programs.update(input)
    : await updateTogether({ replicas, programs }, input, stop);
}

async function updateTogether(
  { replicas, programs }: { readonly replicas: Replicas; readonly programs: Run["programs"] },
  input: StepInput,
  stop: StopSign,
): Promise<StepOutput> {
  const { halves } = programs;
  if (halves === undefined) {
    throw new TypeError(
      "Cannot train on several ranks: expected programs with the two halves of an update, got none",
    );
  }
  const { params, optimizer, scalars } = input;
  const wish = tf.scalar(stop.isAsked ? 1 : 0), share = halves.share({ ...input, stop: wish });
  wish.dispose();
  let sum: tf.Tensor | undefined;
  try {
    sum = await replicas.sum(share);
    const { stop: asking, ...next } = halves.apply({ params, optimizer, scalars, sum });
    stop.note(asking.dataSync()[0] ?? 0);
    disposeParams({ asking });
    return next;
  } finally {
    tf.dispose(sum === undefined ? [share] : [share, sum]);
  }
}
