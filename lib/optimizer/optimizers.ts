import { addDecayedWeights } from "./decay.ts";
import { scaleByLearningRate } from "./learning_rate.ts";
import { type AdamOptions, scaleByAdam } from "./scale_by_adam.ts";
import { scaleByMomentum } from "./scale_by_momentum.ts";
import { chain, type Transform } from "./transform.ts";

/** Options of every optimizer here. */
export interface OptimizerOptions {
  /** Share of the peak rate at each step, from 0; default always 1. */
  readonly schedule?: (step: number) => number;
  /** Decoupled weight decay λ; default 0, under {@linkcode adamw} 0.01. */
  readonly weightDecay?: number;
}

/**
 * Makes AdamW: p ← p − lr · (m̂ / (√v̂ + ε) + λ p), the decay only where `isDecayed` says so.
 *
 * @param lr The peak learning rate.
 * @param options Schedule, decay (default 0.01, as in PyTorch), and Adam's own settings.
 * @returns A transform, as every other one.
 * @throws {RangeError} If a setting is out of its range.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { adamw, applyUpdates, scalarTensors } from "lib/optimizer/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const optimizer = adamw(0.01, { weightDecay: 0 });
 * const params = { w: tf.scalar(1) }, gradients = { w: tf.scalar(8) };
 * const scalars = scalarTensors(optimizer.scalars(0));
 * const { updates } = optimizer.update(gradients, optimizer.init(params), params, scalars);
 * assertAlmostEquals(applyUpdates(params, updates).w!.dataSync()[0]!, 0.99, 1e-6);
 * ```
 */
export function adamw(lr: number, options: OptimizerOptions & AdamOptions = {}): Transform {
  const { schedule, weightDecay = 0.01, ...adamOptions } = options;
  return chain(
    scaleByAdam(adamOptions),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(lr, schedule),
  );
}

/**
 * Makes Adam: AdamW without decay, unless one is asked for.
 *
 * @param lr The peak learning rate.
 * @param options Schedule and Adam's own settings.
 * @returns A transform.
 * @throws {RangeError} If a setting is out of its range.
 *
 * Source: Kingma and Ba, "Adam", 2015.
 *
 * @example
 * ```ts
 * import { adam } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Object.keys(adam(1e-3).scalars(0)), ["correction1", "correction2", "lr"]);
 * ```
 */
export function adam(lr: number, options: OptimizerOptions & AdamOptions = {}): Transform {
  return adamw(lr, { weightDecay: 0, ...options });
}

/**
 * Makes stochastic gradient descent with momentum: b ← μ b + g, p ← p − lr · (b + λ p).
 *
 * @param lr The peak learning rate.
 * @param options Schedule, decoupled decay (default 0), and the momentum μ (default 0).
 * @returns A transform.
 * @throws {RangeError} If a setting is out of its range.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { scalarTensors, sgd } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const optimizer = sgd(0.5), params = { w: tf.scalar(1) };
 * const scalars = scalarTensors(optimizer.scalars(0));
 * const { updates } = optimizer.update({ w: tf.scalar(4) }, {}, params, scalars);
 * assertEquals(updates.w!.arraySync(), -2);
 * ```
 */
export function sgd(
  lr: number,
  options: OptimizerOptions & { readonly momentum?: number } = {},
): Transform {
  const { schedule, weightDecay = 0, momentum = 0 } = options;
  return chain(
    scaleByMomentum(momentum),
    addDecayedWeights(weightDecay),
    scaleByLearningRate(lr, schedule),
  );
}
