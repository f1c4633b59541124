import * as tf from "@tensorflow/tfjs";
import { type Batch, createDataLoader, createDataset } from "lib/data/mod.ts";
import { applyUpdates, scalarTensors, sgd } from "lib/optimizer/mod.ts";
import { disposeParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { numbersOf } from "./_loop_cases.ts";
import type { LoopParts, LoopRow, LoopState } from "./loop_state.ts";

/** A task that a loop solves in no time, and the batches that it was asked for. */
export interface LoopTask {
  /** All but the number of epochs. */
  readonly parts: Omit<LoopParts, "epochs">;
  /** The examples of each batch, in the order in which they came. */
  readonly seen: number[][];
  /** What was logged. */
  readonly rows: LoopRow[];
  /** A fresh state before the first step. */
  start(): LoopState;
}

/** The rate of each step, other for each so that a shift shows. */
export function lrOf(step: number): number {
  return 0.1 / (step + 1);
}

/** 7 sentences of two numbers in batches of 3, 3 and 1; the weight shall be their mean. */
export function loopTask(): LoopTask {
  const encoder = { encode: (text: string) => Int32Array.of(1, Number(text), 2) };
  const dataset = createDataset(
    ["3", "5", "7", "9", "11", "13", "15"].map((one) => [one]),
    encoder,
  );
  const loader = createDataLoader(dataset, { batchSize: 3, seed: 4 });
  const transform = sgd(0.1, { momentum: 0.5, schedule: (step) => lrOf(step) / 0.1 });
  const seen: number[][] = [], rows: LoopRow[] = [];
  const gradientsOf = (params: Params, batch: Batch) => {
    seen.push([...batch.indices]);
    const values = tf.tensor1d(batch.indices.map((index) => 3 + 2 * index));
    const { value, gradients } = valueAndGradients(
      params,
      (p) => param(p, "weight").sub(values).square().mean(),
    );
    return { loss: value, gradients, norm: param(gradients, "weight").abs().sum() };
  };
  const start = (): LoopState => {
    const params = { weight: tf.tensor1d([1]) };
    return { step: 0, cursor: { epoch: 0, batch: 0 }, params, optimizer: transform.init(params) };
  };
  return {
    parts: { loader, transform, gradientsOf, log: (row) => rows.push(row) },
    seen,
    rows,
    start,
  };
}

/** The loop that a student's is held against; it stops after `steps` where that comes first. */
export function referenceFit(
  start: LoopState,
  parts: LoopParts,
  { steps = Infinity }: { readonly steps?: number } = {},
): LoopState {
  let state = start;
  for (const batch of parts.loader.batches(start.cursor)) {
    if (batch.cursor.epoch >= parts.epochs || state.step >= steps) break;
    const scalars = parts.transform.scalars(state.step), before = state;
    const next = tf.tidy(() => {
      const { loss, gradients, norm } = parts.gradientsOf(before.params, batch);
      const { updates, state: optimizer } = parts.transform
        .update(gradients, before.optimizer, before.params, scalarTensors(scalars));
      return { loss, norm, optimizer, params: applyUpdates(before.params, updates) };
    });
    const [trainLoss = NaN, gradNorm = NaN] = [next.loss, next.norm].flatMap(numbersOf);
    const step = state.step + 1, epoch = batch.cursor.epoch + 1;
    parts.log({ step, epoch, trainLoss, lr: scalars.lr ?? NaN, gradNorm });
    tf.dispose([next.loss, next.norm]);
    disposeParams(before.params, before.optimizer);
    state = { step, cursor: batch.next, params: next.params, optimizer: next.optimizer };
  }
  return state;
}
