/**
 * What the loops of notebook 3 take and give, and a loop that stands in for the student's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Batch, Cursor, DataLoader } from "lib/data/mod.ts";
import { applyUpdates, scalarTensors, type Transform } from "lib/optimizer/mod.ts";
import { disposeParams, type Params } from "lib/tensor/mod.ts";
import type { MicroBatch } from "lib/train/mod.ts";

/** All that changes while a loop runs: what a student's loop is handed and gives back. */
export interface LoopState {
  /** Updates made so far. */
  readonly step: number;
  /** The next batch. */
  readonly cursor: Cursor;
  /** The weights. */
  readonly params: Params;
  /** The optimizer's state. */
  readonly optimizer: Params;
}

/** What a loop logs of each step. */
export interface LoopRow {
  /** Updates made so far, this one counted. */
  readonly step: number;
  /** Epochs begun so far, counted from 1. */
  readonly epoch: number;
  /** Mean loss of the step before its update, in nats. */
  readonly trainLoss: number;
  /** The learning rate of the update. */
  readonly lr: number;
  /** Length of the gradient before clipping. */
  readonly gradNorm: number;
}

/** What a loop is made from. */
export interface LoopParts {
  /** Batches from a place on, without end. */
  readonly loader: Pick<DataLoader, "batches">;
  /** The optimizer. */
  readonly transform: Transform;
  /** Passes over the training data. */
  readonly epochs: number;
  /** Loss, clipped gradients and norm of one batch. */
  readonly gradientsOf: (params: Params, batch: Batch) => StepGradients;
  /** Takes note of a step. */
  readonly log: (row: LoopRow) => void;
}

/** The gradient of a step. */
export interface StepGradients {
  /** float32 scalar: mean loss over all targets of the step. */
  readonly loss: tf.Tensor;
  /** The clipped gradients by name. */
  readonly gradients: Params;
  /** float32 scalar: the length before clipping. */
  readonly norm: tf.Tensor;
}

/** What a step's gradients are computed from, besides the parameters and the micro-batches. */
export interface StepGradientsParts<B> {
  /** The loss of a micro-batch: the sum over its targets, divided by `divisor`; default their number. */
  readonly lossOf: (params: Params, batch: B, divisor?: number | tf.Tensor) => tf.Tensor;
  /** The targets of all micro-batches together. */
  readonly targetCount: number | tf.Tensor;
  /** Longest gradient of the step. */
  readonly maxNorm: number;
}

/** What a loop with accumulation is made from. */
export interface AccumulationParts {
  /** Batches from a place on, without end. */
  readonly loader: Pick<DataLoader, "batches">;
  /** The optimizer. */
  readonly transform: Transform;
  /** Updates of the whole run. */
  readonly steps: number;
  /** Micro-batches of a step. */
  readonly accumulation: number;
  /** Loss, clipped gradients and norm of a step, from its micro-batches and the number of their targets. */
  readonly gradientsOf: (
    params: Params,
    microBatches: readonly Batch[],
    targetCount: number,
  ) => StepGradients;
  /** Takes note of a step. */
  readonly log: (row: Omit<LoopRow, "epoch">) => void;
}

/** A batch to measure a model on. */
export type MeasuredBatch = MicroBatch & {
  /** How many labels are not −100. */
  readonly targets: number;
};

/** Trains from one state to the one after `epochs`, logs every step, and frees what it replaces. */
export function fit(start: LoopState, parts: LoopParts): LoopState {
  let state = start;
  for (const batch of parts.loader.batches(start.cursor)) {
    if (batch.cursor.epoch >= parts.epochs) break;
    const { params, optimizer } = state, scalars = parts.transform.scalars(state.step);
    const { loss, norm, ...next } = tf.tidy(() => {
      const { loss, gradients, norm } = parts.gradientsOf(params, batch);
      const { updates, state: moments } = parts.transform
        .update(gradients, optimizer, params, scalarTensors(scalars));
      return { loss, norm, params: applyUpdates(params, updates), optimizer: moments };
    });
    const step = state.step + 1, epoch = batch.cursor.epoch + 1, { lr = NaN } = scalars;
    parts.log({ step, epoch, trainLoss: numberOf(loss), lr, gradNorm: numberOf(norm) });
    tf.dispose([loss, norm]);
    disposeParams(params, optimizer);
    state = { step, cursor: batch.next, ...next };
  }
  return state;
}

/** The one number of a scalar. */
export function numberOf(scalar: tf.Tensor): number {
  return scalar.dataSync()[0] ?? NaN;
}

/** What a training with patience is made from. */
export interface PatienceParts {
  /** Trains for one epoch. */
  readonly trainEpoch: () => void;
  /** Measures the model on one side of the split: the loss in nats. */
  readonly lossOn: (side: "train" | "validation") => number;
  /** Keeps the weights as they are now, in place of those kept under that name before. */
  readonly save: (name: "best" | "last") => void;
  /** Puts the weights kept under a name back. */
  readonly load: (name: "best" | "last") => void;
}

/** When a training with patience ends. */
export interface PatienceLimits {
  /** Epochs at most. */
  readonly epochs: number;
  /** Epochs in a row that may be no better than the best. */
  readonly patience: number;
}

/** How a training with patience went. */
export interface PatienceResult {
  /** Epochs that were trained. */
  readonly epochs: number;
  /** The epoch with the lowest validation loss, counted from 1. */
  readonly bestEpoch: number;
  /** That loss, in nats. */
  readonly bestLoss: number;
}

/** Keeps whole states on the disk. */
export interface Checkpoints {
  /** Writes a state, in place of the one of that name before; the state stays as it is. */
  save(name: "best" | "last", state: LoopState): void;
  /** Reads the state of a name, with tensors of its own; throws where there is none. */
  load(name: "best" | "last"): LoopState;
}
