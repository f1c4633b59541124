import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { toDevice } from "./device_batch.ts";
import type { EvaluationSet, Measured, Reference } from "./evaluate.ts";
import { nextTurn } from "./next_turn.ts";

/** A sentence's losses by the model, target by target, and what the oracle says of it. */
export interface SentenceLoss {
  readonly losses: Float32Array;
  readonly reference: Reference;
}

/** Computes the losses of all sentences, in the order of the batches; null if asked to stop. */
export async function sentenceLosses(
  model: Measured,
  set: EvaluationSet,
  signal?: AbortSignal,
): Promise<SentenceLoss[] | null> {
  const sentences: SentenceLoss[] = [];
  for (const batch of set.batches()) {
    if (signal?.aborted) return null;
    const losses = batchLosses(model, batch), [, T] = batch.shape;
    for (const [row, index] of batch.indices.entries()) {
      const reference = set.references[index];
      if (reference === undefined) {
        throw new RangeError(`Cannot evaluate: expected the oracle's losses of sentence ${index}`);
      }
      const start = row * T;
      const own = losses.subarray(start, start + reference.losses.length);
      sentences.push({ losses: own, reference });
    }
    await nextTurn();
  }
  return sentences;
}

function batchLosses(model: Measured, batch: Batch): Float32Array {
  return tf.tidy(() => {
    const { params, headMask } = model;
    const losses = model.programs.losses({
      params,
      batch: toDevice(batch),
      ...(headMask !== undefined && { headMask }),
    });
    return losses.dataSync() as Float32Array; // losses are float32
  });
}

/** A sum over some of a sentence's targets, and how many these are. */
export interface TargetSum {
  readonly sum: number;
  readonly targets: number;
}

/**
 * The mean over all targets, and its standard error by the spread over sentences: that of a ratio of
 * sums, √Σ(sᵢ − mean · nᵢ)² / Σnᵢ.
 */
export function meanOverTargets(
  sentences: readonly TargetSum[],
): { mean: number; standardError: number; targets: number } {
  const targets = sentences.reduce((total, sentence) => total + sentence.targets, 0);
  const mean = sentences.reduce((total, { sum }) => total + sum, 0) / targets;
  const squares = sentences.reduce((sum, own) => sum + (own.sum - mean * own.targets) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares) / targets, targets };
}
