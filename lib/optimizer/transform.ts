import type * as tf from "@tensorflow/tfjs";
import type { Params } from "lib/tensor/mod.ts";

/** The numbers of one update that are computed on the host, by name: the learning rate, bias corrections. */
export type Scalars = Readonly<Record<string, number>>;

/** The same numbers as tensors, float32 scalars: inputs of the update, so that none becomes a constant of the compiled step. */
export type ScalarTensors = Readonly<Record<string, tf.Tensor>>;

/** The result of {@linkcode Transform.update}. */
export interface Update {
  /** What is added to the parameters, with the same names and shapes. */
  readonly updates: Params;
  /** The state after this step, with the names and shapes of the old one. */
  readonly state: Params;
}

/**
 * One stage between gradients and updates; an optimizer is a chain of them.
 *
 * All state is named tensors that go in and come out: it can be saved, moved and recorded, and a
 * resumed run goes on bit for bit. What depends on the step is a host number from `scalars`.
 *
 * The form is that of Optax ("The DeepMind JAX ecosystem", 2020): an init and an update function.
 */
export interface Transform {
  /** Makes the state before the first step; the caller owns it. */
  init(params: Params): Params;
  /** Gives the numbers of the update at `step`, counted from 0. */
  scalars(step: number): Scalars;
  /**
   * Turns gradients (or the former stage's updates) into updates. Only tensors go in and out, and
   * nothing is freed: the caller owns both results and still owns all inputs.
   */
  update(updates: Params, state: Params, params: Params, scalars: ScalarTensors): Update;
}

/**
 * Joins stages: each one takes what the stage before it made.
 *
 * @param stages In the order in which the gradients pass through them.
 * @returns One transform with the states and scalars of all.
 * @throws {RangeError} If two stages use one name for a state tensor or a scalar.
 *
 * @example
 * ```ts
 * import { addDecayedWeights, chain, scaleByAdam, scaleByLearningRate } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const lr = scaleByLearningRate(1e-3, (step) => 1 / (step + 1));
 * const adamw = chain(scaleByAdam(), addDecayedWeights(0.1), lr);
 * assertEquals(adamw.scalars(1).lr, 5e-4);
 * ```
 */
export function chain(...stages: readonly Transform[]): Transform {
  return {
    init: (params) => mergeDistinct(stages.map((stage) => stage.init(params)), "state tensor"),
    scalars: (step) => mergeDistinct(stages.map((stage) => stage.scalars(step)), "scalar"),
    update: (gradients, state, params, scalars) => {
      let updates = gradients, nextState: Params = {};
      for (const stage of stages) {
        const result = stage.update(updates, state, params, scalars);
        updates = result.updates;
        nextState = { ...nextState, ...result.state };
      }
      return { updates, state: nextState };
    },
  };
}

function mergeDistinct<T>(records: readonly Readonly<Record<string, T>>[], what: string) {
  const merged: Record<string, T> = {};
  for (const [name, value] of records.flatMap((record) => Object.entries(record))) {
    if (name in merged) {
      throw new RangeError(
        `Cannot chain: expected one stage to own the ${what} "${name}", got two`,
      );
    }
    merged[name] = value;
  }
  return merged;
}
