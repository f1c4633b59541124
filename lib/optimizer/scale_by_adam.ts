import * as tf from "@tensorflow/tfjs";
import { fitsFloat32 } from "lib/core/mod.ts";
import { mapParams, param, type Params } from "lib/tensor/mod.ts";
import type { Transform } from "./transform.ts";

/** The settings of {@linkcode scaleByAdam}. */
export interface AdamOptions {
  /** How much of the running mean of gradients is kept each step; default 0.9. */
  readonly beta1?: number;
  /** How much of the running mean of squared gradients is kept each step; default 0.999. */
  readonly beta2?: number;
  /** Added to the root, so that nothing is divided by 0; default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Divides each gradient by its typical size: u = m̂ / (√v̂ + ε).
 *
 * m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g². Both start at 0, so the first means are too
 * small; m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for that, with t = step + 1.
 *
 * State: `m.NAME` and `v.NAME`. Scalars: `correction1` = 1 / (1 − β₁ᵗ) and `correction2`.
 *
 * @param options The decay rates.
 * @returns A stage of a chain.
 * @throws {RangeError} If a rate is not in [0, 1) or epsilon is not positive, as float32.
 *
 * Source: Kingma and Ba, "Adam", 2015, algorithm 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { scalarTensors, scaleByAdam } from "lib/optimizer/mod.ts";
 * import { param } from "lib/tensor/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const adam = scaleByAdam(), params = { w: tf.tensor1d([5]) }, gradients = { w: tf.tensor1d([-3]) };
 * const scalars = scalarTensors(adam.scalars(0));
 * const { updates } = adam.update(gradients, adam.init(params), params, scalars);
 * assertAlmostEquals(param(updates, "w").dataSync()[0]!, -1, 1e-6); // the first step is the sign
 * ```
 */
export function scaleByAdam(options: AdamOptions = {}): Transform {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkRate("beta1", beta1);
  checkRate("beta2", beta2);
  if (!(epsilon > 0 && fitsFloat32(epsilon))) {
    throw new RangeError(
      `Cannot use Adam: expected an epsilon that is positive as float32, got ${epsilon}`,
    );
  }
  return {
    init: (params) => ({
      ...prefixed("m", mapParams(params, (tensor) => tf.zerosLike(tensor))),
      ...prefixed("v", mapParams(params, (tensor) => tf.zerosLike(tensor))),
    }),
    scalars: (step) => ({
      correction1: 1 / (1 - beta1 ** (step + 1)),
      correction2: 1 / (1 - beta2 ** (step + 1)),
    }),
    update: (gradients, state, _params, scalars) => {
      const means = mapParams(
        gradients,
        (gradient, name) => param(state, `m.${name}`).mul(beta1).add(gradient.mul(1 - beta1)),
      );
      const squares = mapParams(
        gradients,
        (gradient, name) =>
          param(state, `v.${name}`).mul(beta2).add(gradient.square().mul(1 - beta2)),
      );
      const updates = mapParams(means, (mean, name) => {
        const typical = param(squares, name).mul(param(scalars, "correction2")).sqrt().add(epsilon);
        return mean.mul(param(scalars, "correction1")).div(typical);
      });
      return { updates, state: { ...prefixed("m", means), ...prefixed("v", squares) } };
    },
  };
}

function checkRate(name: string, rate: number): void {
  if (rate >= 0 && Math.fround(rate) < 1) return; // as float32, 0.99999999 is 1
  throw new RangeError(`Cannot use Adam: expected ${name} from 0 to below 1, got ${rate}`);
}

function prefixed(prefix: string, params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, tensor]) => [`${prefix}.${name}`, tensor]),
  );
}
