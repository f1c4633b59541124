import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { adam, applyUpdates, scalarTensors, type Transform } from "lib/optimizer/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { loopTask, runLoop as run, tensorsLeft } from "../cases.ts";
import { fit, type LoopParts, type LoopRow, type LoopState, numberOf } from "../loop.ts";

type Answer = (start: LoopState, parts: LoopParts) => LoopState;

/** Where a wrong loop leaves the right way. */
interface Way {
  readonly batches?: (parts: LoopParts, start: LoopState) => Iterable<Batch>;
  readonly isLate?: (batch: Batch, epochs: number, start: LoopState) => boolean;
  readonly stepOf?: (step: number, batch: Batch, start: LoopState) => number;
  readonly row?: (row: LoopRow, batch: Batch) => Partial<LoopRow>;
  readonly end?: (state: LoopState, batch: Batch, start: LoopState) => Partial<LoopState>;
  readonly firstStep?: number;
  /** What is not freed of what a step replaces. */
  readonly keeps?: "params" | "optimizer" | "both";
  readonly isOptimizerLost?: boolean;
  readonly isUpdateLost?: boolean;
}

/** A wrong loop, once as it is and once with a finished state running on: the two come together. */
const loop = (way: Way): WrongAnswer<Answer>[] => [
  (start, parts) =>
    walk(start, parts, { isLate: ({ cursor }, most) => cursor.epoch >= most, ...way }),
  (start, parts) =>
    walk(start, parts, { isLate: ({ cursor }, most) => cursor.epoch === most, ...way }),
];

function walk(start: LoopState, parts: LoopParts, way: Way): LoopState {
  const { transform, epochs, gradientsOf, log } = parts;
  let state = { ...start, step: way.firstStep ?? start.step };
  const { isLate = () => false } = way;
  for (const batch of way.batches?.(parts, start) ?? parts.loader.batches(start.cursor)) {
    if (isLate(batch, epochs, start)) break;
    const scalars = transform.scalars(way.stepOf?.(state.step, batch, start) ?? state.step);
    const { params, optimizer } = state, { lr = NaN } = scalars;
    const next = tf.tidy(() => {
      const { loss, gradients, norm } = gradientsOf(params, batch);
      const update = transform.update(gradients, optimizer, params, scalarTensors(scalars));
      const row = {
        step: state.step + 1,
        epoch: batch.cursor.epoch + 1,
        trainLoss: numberOf(loss),
        lr,
        gradNorm: numberOf(norm),
      };
      log({ ...row, ...way.row?.(row, batch) });
      return {
        params: way.isUpdateLost ? copied(params) : applyUpdates(params, update.updates),
        optimizer: way.isOptimizerLost ? copied(optimizer) : update.state,
      };
    });
    if (way.keeps !== "both" && way.keeps !== "params") disposeParams(params);
    if (way.keeps !== "both" && way.keeps !== "optimizer") disposeParams(optimizer);
    state = { step: state.step + 1, cursor: batch.next, ...next };
    Object.assign(state, way.end?.(state, batch, start));
  }
  return state;
}

/** A right loop of other parts, again in both forms. */
const around = (
  act: (fit: Answer, start: LoopState, parts: LoopParts) => unknown,
): WrongAnswer<Answer>[] =>
  loop({}).map((one) => (start, parts) => act(one as Answer, start, parts)); // nothing is changed

const copied = (tensors: LoopState["params"]) =>
  Object.fromEntries(Object.entries(tensors).map(([name, one]) => [name, one.clone()]));

/** The first epoch's batches, as often as there are epochs. */
function* firstEpochAgain({ loader, epochs }: LoopParts): Generator<Batch> {
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of loader.batches()) {
      if (batch.cursor.epoch > 0) break;
      yield batch;
    }
  }
}

/** The batches without the smaller one at the end of each epoch. */
function* fullBatches({ loader, epochs }: LoopParts, start: LoopState): Generator<Batch> {
  for (const batch of loader.batches(start.cursor)) {
    if (!batch.isLastOfEpoch || batch.cursor.epoch >= epochs) yield batch;
  }
}

/** 3.7: the training loop with epochs and a log. */
export default exercise<Answer>({
  name: "fit",
  reference: fit,
  returns: {
    step: "number",
    cursor: { epoch: "number", batch: "number" },
    params: "params",
    optimizer: "params",
  },
  changesInput: true,
  probes: {
    "2 epochs of 3 batches": run(2),
    "1 epoch from its batch 2 on, after 2 steps": run(1, {}, {
      step: 2,
      cursor: { epoch: 0, batch: 2 },
    }),
    "3 epochs in all, from epoch 1 on, after 3 steps": run(3, {}, {
      step: 3,
      cursor: { epoch: 1, batch: 0 },
    }),
    "3 epochs of 4 batches with Adam": run(3, { batchSize: 2, seed: 9, transform: adam(0.2) }),
    "one batch": run(1, { batchSize: 7 }),
    "a state that has its 2 epochs behind it": run(2, {}, {
      step: 6,
      cursor: { epoch: 2, batch: 0 },
    }),
    "a state that has more epochs behind it than it shall have": run(1, {}, {
      step: 6,
      cursor: { epoch: 2, batch: 0 },
    }),
  },
  properties: {
    "what is replaced": (answer) => {
      const { parts, start } = loopTask(), first = start();
      answer(first, { ...parts, epochs: 1 });
      const isFreed = [first.params, first.optimizer].map((part) =>
        Object.values(part).every(({ isDisposed }) => isDisposed)
      );
      expectThat(
        isFreed.every(Boolean),
        "expected the weights and the optimizer's state of the step before to be freed, " +
          `got ${isFreed.some(Boolean) ? "one of the two" : "both"} left`,
      );
    },
    "the tensors of each step": (answer) => {
      const of = (epochs: number) =>
        tensorsLeft(() => {
          const { parts, start } = loopTask();
          answer(start(), { ...parts, epochs });
        });
      const left = (of(3) - of(1)) / 6;
      expectThat(left <= 0, `expected no tensors left behind, got ${left} a step`);
    },
  },
  asksBeside: true,
  mistakes: {
    "every epoch has the order of the first: loader.batches() goes on by itself over epochs, so call it once":
      loop({ batches: firstEpochAgain, isLate: () => false }),
    "one epoch too many: stop before the batch whose cursor.epoch is `epochs`": loop({
      isLate: ({ cursor }, epochs) => cursor.epoch > epochs,
    }),
    "one epoch too few: epochs are counted from 0 in batch.cursor": [
      ...loop({ isLate: ({ cursor }, epochs) => cursor.epoch + 1 >= epochs }),
      ...loop({ isLate: ({ cursor }, epochs) => cursor.epoch + 1 === epochs }),
    ],
    "epochs are counted from where this run began: `epochs` counts those of the whole training":
      loop({ isLate: ({ cursor }, epochs, start) => cursor.epoch - start.cursor.epoch >= epochs }),
    "a finished state runs on: its cursor.epoch may be beyond `epochs` already, so ask with >=":
      loop({}).slice(1),
    "the loop never ends: loader.batches() goes on over all epochs; leave it with `break` when batch.cursor.epoch reaches `epochs`":
      loop({ isLate: () => false }),
    "one batch too many is computed: stop before it is used": around((fit, start, parts) => {
      const end = fit(start, parts);
      for (const batch of parts.loader.batches(end.cursor)) {
        parts.gradientsOf(end.params, batch);
        break;
      }
      return end;
    }),
    "batches are left out: the last, smaller one of an epoch counts too": loop({
      batches: fullBatches,
    }),
    "it starts the epoch again: loader.batches(start.cursor) goes on from a place": loop({
      batches: ({ loader }) => loader.batches(),
    }),
    "the schedule is off by one: ask for it before the step is counted, from 0": loop({
      stepOf: (step) => step + 1,
    }),
    "the schedule is asked with the epoch: it counts steps": loop({
      stepOf: (_step, { cursor }) => cursor.epoch,
    }),
    "the schedule is asked with the place in the epoch: it counts steps of the whole run": loop({
      stepOf: (_step, { cursor }) => cursor.batch,
    }),
    "the schedule is asked with the first step each time: ask transform.scalars(state.step) in the loop":
      loop({ stepOf: (_step, _batch, start) => start.step }),
    "steps are counted from 0 again: go on from start.step": loop({ firstStep: 0 }),
    "the row's step counts updates made, this one included: the first row says 1": loop({
      row: ({ step }) => ({ step: step - 1 }),
    }),
    "the row's epoch is counted from 1": loop({ row: ({ epoch }) => ({ epoch: epoch - 1 }) }),
    "the optimizer's state is not handed on: take update.state into the next step": [
      ...loop({ isOptimizerLost: true }),
      ...around((fit, start, { transform, ...parts }) => {
        const update: Transform["update"] = (gradients, _state, params, scalars) =>
          transform.update(gradients, transform.init(params), params, scalars);
        return fit(start, { ...parts, transform: { ...transform, update } });
      }),
    ],
    "the weights never change: the new ones are applyUpdates(params, updates)": loop({
      isUpdateLost: true,
    }),
    "a row is logged per epoch: log each step": [
      ...around((fit, start, parts) => {
        const log = (row: LoopRow) => row.step % 3 === 0 && parts.log(row);
        return fit(start, { ...parts, log });
      }),
      ...around((fit, start, parts) => {
        let epoch = 0;
        const log = (row: LoopRow) => {
          if (row.epoch > epoch) parts.log(row);
          epoch = row.epoch;
        };
        return fit(start, { ...parts, log });
      }),
    ],
    "nothing is logged: call log once in each step": around((fit, start, parts) =>
      fit(start, { ...parts, log: () => {} })
    ),
    "the cursor is that of the last batch: the place to go on from is batch.next": loop({
      end: (_state, { cursor }) => ({ cursor }),
    }),
    "the step does not go on: each update counts": loop({
      end: (_state, _batch, { step }) => ({ step }),
    }),
    "the newest state is freed too: dispose of the one that it replaces": around((
      fit,
      start,
      parts,
    ) => {
      const end = fit(start, parts);
      disposeParams(end.params, end.optimizer);
      return end;
    }),
    "what a step replaces must be freed: disposeParams(params, optimizer)": [
      ...loop({ keeps: "both" }),
      ...loop({ keeps: "params" }),
      ...loop({ keeps: "optimizer" }),
    ],
    "what a step makes and does not hand on must be freed: tf.tidy": around((fit, start, parts) => {
      const log = (row: LoopRow) => {
        for (let i = 0; i < 3; i++) tf.keep(tf.scalar(row.step));
        parts.log(row);
      };
      return fit(start, { ...parts, log });
    }),
    "the start is given back as it is: where is the loop?": (start) => start,
  },
  styles: {
    "a generator by hand": (start, { loader, transform, epochs, gradientsOf, log }) => {
      const batches = loader.batches(start.cursor);
      let { step, cursor, params, optimizer } = start;
      while (cursor.epoch < epochs) {
        const batch = batches.next().value, numbers = transform.scalars(step);
        const before = { params, optimizer };
        const found = tf.tidy(() => ({ ...gradientsOf(before.params, batch) }));
        const scalars = scalarTensors(numbers);
        const { updates, state } = tf.tidy(() => ({
          ...transform.update(found.gradients, before.optimizer, before.params, scalars),
        }));
        params = applyUpdates(params, updates);
        optimizer = state;
        const [trainLoss, gradNorm] = [found.loss, found.norm].map(numberOf);
        step++;
        log({
          step,
          epoch: cursor.epoch + 1,
          trainLoss: trainLoss ?? NaN,
          lr: numbers.lr ?? NaN,
          gradNorm: gradNorm ?? NaN,
        });
        cursor = batch.next;
        tf.dispose([before, scalars, updates, found.loss, found.norm, found.gradients]);
      }
      return { step, cursor, params, optimizer };
    },
    "the log after the step": (start, parts) => {
      if (start.cursor.epoch >= parts.epochs) return start;
      let state = start;
      for (const batch of parts.loader.batches(state.cursor)) {
        const scalars = parts.transform.scalars(state.step), { params, optimizer } = state;
        const [next, numbers] = tf.tidy(() => {
          const { loss, gradients, norm } = parts.gradientsOf(params, batch);
          const after = parts.transform
            .update(gradients, optimizer, params, scalarTensors(scalars));
          const made = { params: applyUpdates(params, after.updates), optimizer: after.state };
          return [made, tf.stack([loss.asScalar(), norm.asScalar()])] as const;
        });
        const [trainLoss = NaN, gradNorm = NaN] = numbers.dataSync(), { lr = NaN } = scalars;
        tf.dispose([numbers, params, optimizer]);
        state = { ...next, step: state.step + 1, cursor: batch.next };
        const epoch = batch.cursor.epoch + 1;
        parts.log({ step: state.step, epoch, trainLoss, lr, gradNorm });
        if (batch.isLastOfEpoch && epoch === parts.epochs) return state;
      }
      return state;
    },
  },
});
