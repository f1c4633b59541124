import * as tf from "@tensorflow/tfjs";
import { mapParams, param } from "lib/tensor/mod.ts";
import type { Transform } from "./transform.ts";

/**
 * Replaces each gradient by a running sum of the gradients so far: b ← μ b + g, u = b.
 *
 * State: `momentum.NAME`. PyTorch's `SGD(momentum=μ)` without dampening does the same.
 *
 * @param momentum μ, from 0 to below 1; at 0 there is no state and u = g.
 * @returns A stage of a chain.
 * @throws {RangeError} If the momentum is not in [0, 1).
 *
 * Source: Sutskever and others, "On the importance of initialization and momentum", 2013, section 2
 * (their velocity has the learning rate inside; here it comes after).
 *
 * @example
 * ```ts
 * import { scaleByMomentum } from "lib/optimizer/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => scaleByMomentum(1), RangeError, "expected a momentum from 0 to below 1, got 1");
 * ```
 */
export function scaleByMomentum(momentum: number): Transform {
  if (!(momentum >= 0 && Math.fround(momentum) < 1)) {
    throw new RangeError(
      `Cannot use SGD: expected a momentum from 0 to below 1, got ${momentum}`,
    );
  }
  const key = (name: string) => `momentum.${name}`;
  return {
    init: (params) =>
      momentum === 0 ? {} : Object.fromEntries(
        Object.entries(params).map(([name, tensor]) => [key(name), tf.zerosLike(tensor)]),
      ),
    scalars: () => ({}),
    update: (gradients, state) => {
      if (momentum === 0) return { updates: gradients, state: {} };
      const sums = mapParams(
        gradients,
        (gradient, name) => param(state, key(name)).mul(momentum).add(gradient),
      );
      const renamed = Object.entries(sums).map(([name, tensor]) => [key(name), tensor]);
      return { updates: sums, state: Object.fromEntries(renamed) };
    },
  };
}
