import type * as tf from "@tensorflow/tfjs";
import type { TensorData } from "lib/checkpoint/mod.ts";
import type { Batch, Cursor, DataLoader } from "lib/data/mod.ts";
import type { Transform } from "lib/optimizer/mod.ts";
import type { Params } from "lib/tensor/mod.ts";

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

/** A copy of a state without tensors: it outlives the loop, and can be written to a disk. */
export interface LoopSnapshot extends Pick<LoopState, "step" | "cursor"> {
  /** The weights' bytes by name. */
  readonly params: ReadonlyMap<string, TensorData>;
  /** The optimizer's state, its bytes by name. */
  readonly optimizer: ReadonlyMap<string, TensorData>;
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
  readonly gradientsOf: (params: Params, batch: Batch) => {
    readonly loss: tf.Tensor;
    readonly gradients: Params;
    readonly norm: tf.Tensor;
  };
  /** Takes note of a step. */
  readonly log: (row: LoopRow) => void;
}
