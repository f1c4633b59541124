import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import {
  checkFit,
  checkOverfit,
  type Fit,
  type LoopRow,
  type LoopState,
  type Overfit,
} from "lib/grade/mod.ts";
import { applyUpdates, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams, mapParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

function numberOf(scalar: tf.Tensor): number {
  return scalar.dataSync()[0] ?? NaN;
}

/** What a wrong smallest loop does otherwise. */
interface Descent {
  readonly keeps?: readonly ("params" | "state")[];
  readonly stepOf?: (step: number) => number;
  readonly apply?: (params: Params, updates: Params) => Params;
  readonly isNotedAfter?: boolean;
}

const descent = (way: Descent): Overfit => (start, lossOf, { transform, steps }) =>
  tf.tidy(() => {
    const { keeps = ["params", "state"], apply = applyUpdates } = way;
    let params = start, state = transform.init(start);
    return Array.from({ length: steps }, (_, step) => {
      const { value, gradients } = valueAndGradients(params, lossOf);
      const scalars = scalarTensors(transform.scalars(way.stepOf?.(step) ?? step));
      const next = transform.update(gradients, state, params, scalars);
      if (keeps.includes("params")) params = apply(params, next.updates);
      if (keeps.includes("state")) state = next.state;
      return numberOf(way.isNotedAfter ? lossOf(params) : value);
    });
  });

const leaky: Overfit = (start, lossOf, options) => {
  lossOf(start);
  return descent({})(start, lossOf, options);
};

const OVERFIT = exercise<Overfit>("overfit", checkOverfit, [
  ["weights never change", descent({ keeps: ["state"] }), /the weights never change/],
  ["optimizer's state lost", descent({ keeps: ["params"] }), /optimizer's state is lost/],
  ["step stays 0", descent({ stepOf: () => 0 }), /the step does not count up/],
  [
    "updates subtracted",
    descent({
      apply: (params, updates) => applyUpdates(params, mapParams(updates, (u) => u.neg())),
    }),
    /this climbs/,
  ],
  ["loss after the update", descent({ isNotedAfter: true }), /noted after the update/],
  ["nothing noted", () => [], /no loss is noted/],
  [
    "the start disposed",
    (start, lossOf, options) => {
      const losses = descent({})(start, lossOf, options);
      disposeParams(start);
      return losses;
    },
    /expected the weights at the start to stay/,
  ],
  ["tensors left behind", leaky, /no tensor left behind, got \d+ .*tf\.tidy/],
]);

/** What a wrong loop does otherwise. */
interface Loop {
  readonly batches?: (parts: Parameters<Fit>[1], start: LoopState) => Iterable<Batch>;
  readonly stepOf?: (step: number, batch: Batch) => number;
  readonly isLate?: (batch: Batch, epochs: number) => boolean;
  readonly row?: { readonly step?: number; readonly epoch?: number };
  readonly cursorOf?: (batch: Batch) => LoopState["cursor"];
  readonly keeps?: boolean;
  readonly firstStep?: number;
}

const loop = (way: Loop): Fit => (start, parts) => {
  const { transform, epochs, gradientsOf, log } = parts;
  let state = { ...start, step: way.firstStep ?? start.step };
  const { isLate = (batch: Batch) => batch.cursor.epoch === epochs } = way;
  for (const batch of way.batches?.(parts, start) ?? parts.loader.batches(start.cursor)) {
    if (isLate(batch, epochs)) break;
    const scalars = transform.scalars(way.stepOf?.(state.step, batch) ?? state.step);
    const { params, optimizer } = state, step = state.step + 1, epoch = batch.cursor.epoch + 1;
    const next = tf.tidy(() => {
      const { loss, gradients, norm } = gradientsOf(params, batch);
      const update = transform.update(gradients, optimizer, params, scalarTensors(scalars));
      const numbers = { trainLoss: numberOf(loss), gradNorm: numberOf(norm) };
      const { step: more = 0, epoch: moreEpochs = 0 } = way.row ?? {};
      log({ step: step + more, epoch: epoch + moreEpochs, lr: scalars.lr ?? NaN, ...numbers });
      return { params: applyUpdates(params, update.updates), optimizer: update.state };
    });
    if (!way.keeps) disposeParams(params, optimizer);
    state = { step, cursor: way.cursorOf?.(batch) ?? batch.next, ...next };
  }
  return state;
};

function* firstEpochAgain({ loader, epochs }: Parameters<Fit>[1]): Generator<Batch> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of loader.batches()) {
      if (batch.cursor.epoch > 0) break;
      yield batch;
    }
  }
}

function* fullBatches({ loader }: Parameters<Fit>[1]): Generator<Batch> {
  for (const batch of loader.batches()) {
    if (batch.indices.length === 3 || batch.cursor.epoch > 1) yield batch;
  }
}

const FIT = exercise<Fit>("fit", checkFit, [
  [
    "the first epoch's order again",
    loop({ batches: firstEpochAgain, isLate: () => false }),
    /every epoch has the order of the first/,
  ],
  [
    "one epoch too many",
    loop({ isLate: ({ cursor }, epochs) => cursor.epoch > epochs }),
    /one epoch too many/,
  ],
  [
    "one epoch too few",
    loop({ isLate: ({ cursor }, epochs) => cursor.epoch + 1 === epochs }),
    /stops after the first epoch/,
  ],
  ["small batches left out", loop({ batches: fullBatches }), /batches are left out/],
  ["schedule off by one", loop({ stepOf: (step) => step + 1 }), /schedule is off by one/],
  [
    "schedule by epoch",
    loop({ stepOf: (_step, { cursor }) => cursor.epoch }),
    /asked with the epoch/,
  ],
  [
    "steps counted anew each epoch",
    loop({ stepOf: (_step, { cursor }) => cursor.batch }),
    /the step starts again with each epoch/,
  ],
  ["log from step 0", loop({ row: { step: -1 } }), /the first row says 1/],
  ["log from epoch 0", loop({ row: { epoch: -1 } }), /epoch is counted from 1/],
  [
    "cursor of the last batch",
    loop({ cursorOf: ({ cursor }) => cursor }),
    /that of the last batch/,
  ],
  [
    "resume restarts the shuffle",
    loop({ batches: ({ loader }) => loader.batches() }),
    /it starts the epoch again/,
  ],
  ["resume restarts the schedule", loop({ firstStep: 0 }), /steps are counted from 0 again/],
  [
    "optimizer's state lost",
    (start, { transform, ...parts }) =>
      loop({})(start, {
        ...parts,
        transform: {
          ...transform,
          update: (gradients, _state, params, scalars) =>
            transform.update(gradients, transform.init(params), params, scalars),
        },
      }),
    /do new weights and the optimizer's state both go into the next step/,
  ],
  [
    "one batch too many",
    (start, parts) => {
      for (const batch of parts.loader.batches({ epoch: parts.epochs, batch: 0 })) {
        const end = loop({})(start, parts);
        tf.tidy(() => parts.gradientsOf(end.params, batch));
        return end;
      }
      return start;
    },
    /one batch too many was computed/,
  ],
  [
    "a row per epoch",
    (start, parts) => {
      let epoch = 0;
      const log = (row: LoopRow) => {
        if (row.epoch > epoch) parts.log(row);
        epoch = row.epoch;
      };
      return loop({})(start, { ...parts, log });
    },
    /a row is logged per epoch/,
  ],
  [
    "the newest state freed",
    (start, parts) => {
      const end = loop({})(start, parts);
      disposeParams(end.params, end.optimizer);
      return end;
    },
    /the newest state is freed too/,
  ],
  [
    "no tidy",
    (start, parts) => {
      const log = (row: LoopRow) => {
        for (let i = 0; i < 3; i++) tf.keep(tf.scalar(row.step));
        parts.log(row);
      };
      return loop({})(start, { ...parts, log });
    },
    /what a step makes and does not hand on must be freed/,
  ],
  ["old weights kept", loop({ keeps: true }), /of the step before must be freed/],
]);

/** The exercises about the loop. */
export const RUN_EXERCISES: readonly Exercise[] = [OVERFIT, FIT];
