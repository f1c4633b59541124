import * as tf from "@tensorflow/tfjs";
import { toBytes, toTensors } from "lib/checkpoint/mod.ts";
import {
  checkRestore,
  checkSnapshot,
  type LoopSnapshot,
  type Restore,
  type TakeSnapshot,
} from "lib/grade/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

const copy: TakeSnapshot = ({ params, optimizer, ...rest }) => ({
  ...rest,
  params: toBytes(params),
  optimizer: toBytes(optimizer),
});

function rounded(params: Params): Params {
  return mapParams(params, (one) => one.mul(1e4).round().div(1e4));
}

const SNAPSHOT = exercise<TakeSnapshot>("snapshot", checkSnapshot, [
  [
    "resume without moments",
    (state) => ({ ...copy(state), optimizer: new Map() }),
    /moments are not kept/,
  ],
  [
    "resume restarts the shuffle",
    (state) => ({ ...copy(state), cursor: { epoch: 0, batch: 0 } }),
    /the cursor is not kept/,
  ],
  [
    "resume restarts the schedule",
    (state) => ({ ...copy(state), step: 0 }),
    /the step is not kept/,
  ],
  [
    "the tensors themselves",
    // Wrong in its type too, which a notebook's cell does not check.
    (state) => ({ ...state }) as unknown as LoopSnapshot,
    /copy their bytes/,
  ],
  [
    "rounded numbers",
    (state) => ({ ...copy(state), params: toBytes(rounded(state.params)) }),
    /rounded on the way/,
  ],
  [
    "the state disposed",
    (state) => {
      const kept = copy(state);
      tf.dispose([state.params, state.optimizer]);
      return kept;
    },
    /expected a state that lives on after its snapshot/,
  ],
  [
    "a part left out",
    ({ step, params, optimizer }) => {
      const left = { step, params: toBytes(params), optimizer: toBytes(optimizer) };
      return left as unknown as LoopSnapshot; // wrong in its type too
    },
    /without cursor; the cursor is not kept/,
  ],
]);

const again: Restore = ({ params, optimizer, ...rest }) => ({
  ...rest,
  params: toTensors(params),
  optimizer: toTensors(optimizer),
});

const RESTORE = exercise<Restore>("restore", checkRestore, [
  [
    "resume without moments",
    (kept) => {
      const state = again(kept);
      return { ...state, optimizer: mapParams(state.optimizer, (one) => tf.zerosLike(one)) };
    },
    /moments are not kept/,
  ],
  [
    "weights for moments",
    (kept) => ({ ...again(kept), optimizer: toTensors(kept.params) }),
    /these are not the moments/,
  ],
  [
    "resume restarts the shuffle",
    (kept) => ({ ...again(kept), cursor: { epoch: 0, batch: 0 } }),
    /the cursor is not kept/,
  ],
  ["resume restarts the schedule", (kept) => ({ ...again(kept), step: 0 }), /the step is not kept/],
  [
    "rounded numbers",
    (kept) => ({ ...again(kept), params: rounded(toTensors(kept.params)) }),
    /rounded on the way/,
  ],
]);

/** The exercises about resuming. */
export const RESUME_EXERCISES: readonly Exercise[] = [SNAPSHOT, RESTORE];
