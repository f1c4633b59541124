import * as tf from "@tensorflow/tfjs";
import { type Batch, shareBatch } from "lib/data/mod.ts";
import { toDevice } from "./device_batch.ts";
import type { EvaluationSet, Measured, Reference } from "./evaluate.ts";
import { nextTurn } from "./next_turn.ts";
import { type Replicas, sumNumbers } from "./replicas.ts";

/** The share of a process that works alone: everything. */
const ALONE = { rank: 0, ranks: 1 };

/** The losses of one sentence, target by target: the model's and the oracle's. */
export interface SentenceLoss {
  readonly losses: Float32Array;
  readonly reference: Reference;
}

/**
 * Computes the losses of all sentences, in the order of the batches; null if asked to stop. Ranks with
 * the same model share each batch, and every one of them gets all losses.
 */
export async function sentenceLosses(
  model: Measured,
  set: EvaluationSet,
  signal?: AbortSignal,
): Promise<SentenceLoss[] | null> {
  const { replicas } = model, own = await ownLosses(model, set, signal);
  return replicas === undefined ? own : await exchange(replicas, own, set);
}

/** The same with zeros for the sentences of other ranks. */
async function ownLosses(
  model: Measured,
  set: EvaluationSet,
  signal: AbortSignal | undefined,
): Promise<SentenceLoss[] | null> {
  const { rank, ranks } = model.replicas ?? ALONE, sentences: SentenceLoss[] = [];
  for (const batch of set.batches()) {
    if (signal?.aborted) return null;
    const losses = batchLosses(model, shareBatch(batch, { rank, ranks })), [, T] = batch.shape;
    for (const [row, index] of batch.indices.entries()) {
      const reference = set.references[index];
      if (reference === undefined) {
        throw new RangeError(`Cannot evaluate: expected the oracle's losses of sentence ${index}`);
      }
      const start = Math.floor(row / ranks) * T, size = reference.losses.length;
      const isOwn = row % ranks === rank;
      const own = isOwn ? losses.subarray(start, start + size) : new Float32Array(size);
      sentences.push({ losses: own, reference });
    }
    await nextTurn();
  }
  return sentences;
}

/** Gathers the losses of all ranks; null on every rank if one was asked to stop. */
async function exchange(
  replicas: Replicas,
  own: readonly SentenceLoss[] | null,
  { references }: EvaluationSet,
): Promise<SentenceLoss[] | null> {
  const total = references.reduce((sum, { losses }) => sum + losses.length, 0);
  const vector = new Float32Array(total + 1); // at the end, whether this rank was asked to stop
  if (own === null) vector[total] = 1;
  else own.reduce((at, { losses }) => (vector.set(losses, at), at + losses.length), 0);
  const sum = await sumNumbers(replicas, vector);
  if (own === null || sum[total] !== 0) return null;
  let at = 0;
  return own.map(({ losses, reference }) => ({
    losses: sum.subarray(at, at += losses.length),
    reference,
  }));
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

/** The sum over some targets of a sentence, and the number of these targets. */
export interface TargetSum {
  readonly sum: number;
  readonly targets: number;
}

/**
 * The mean over all targets, and its standard error. A mean per target is a ratio of two sums, so the
 * error is √Σ(sᵢ − mean · nᵢ)² / Σnᵢ.
 */
export function meanOverTargets(
  sentences: readonly TargetSum[],
): { mean: number; standardError: number; targets: number } {
  const targets = sentences.reduce((total, sentence) => total + sentence.targets, 0);
  const mean = sentences.reduce((total, { sum }) => total + sum, 0) / targets;
  const squares = sentences.reduce((sum, own) => sum + (own.sum - mean * own.targets) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares) / targets, targets };
}
