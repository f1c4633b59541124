import * as tf from "@tensorflow/tfjs";
import { fitsFloat32 } from "lib/core/mod.ts";
import { mapParams, param } from "lib/tensor/mod.ts";
import type { Scalars, ScalarTensors, Transform } from "./transform.ts";

/**
 * Multiplies the direction by the learning rate and turns it downhill: u ← −lr · u, with lr = peak · schedule(step).
 *
 * Scalar: `lr`.
 *
 * @param peak The highest learning rate; positive.
 * @param schedule From the step, counted from 0, to the share of the peak; default always 1.
 * @returns The last stage of a chain, without state.
 * @throws {RangeError} If the peak is not a positive number.
 *
 * @example
 * ```ts
 * import { scaleByLearningRate } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(scaleByLearningRate(0.1, (step) => step === 0 ? 0.5 : 1).scalars(0).lr, 0.05);
 * ```
 */
export function scaleByLearningRate(
  peak: number,
  schedule: (step: number) => number = () => 1,
): Transform {
  if (!(peak > 0 && fitsFloat32(peak))) {
    throw new RangeError(
      `Cannot use a learning rate: expected a number that is positive as float32, got ${peak}`,
    );
  }
  return {
    init: () => ({}),
    scalars: (step) => ({ lr: peak * schedule(step) }),
    update: (updates, _state, _params, scalars) => ({
      updates: mapParams(updates, (update) => update.mul(param(scalars, "lr")).neg()),
      state: {},
    }),
  };
}

/**
 * Makes the tensors of an update's host numbers.
 *
 * @param scalars As {@linkcode Transform.scalars} gives them.
 * @returns float32 scalars of the same names; the caller owns them.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { scalarTensors } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(scalarTensors({ lr: 0.5 }).lr!.arraySync(), 0.5);
 * ```
 */
export function scalarTensors(scalars: Scalars): ScalarTensors {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)]),
  );
}
