/**
 * From gradients to updates: AdamW, Adam, SGD, each a chain of small stages; clipping; accumulation.
 *
 * Rank 2: imports `core`, `tensor` and TensorFlow.js.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { adamw, applyUpdates, clipByGlobalNorm, scalarTensors } from "lib/optimizer/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const optimizer = adamw(0.1), params = { w: tf.scalar(3) };
 * const { gradients } = clipByGlobalNorm({ w: tf.scalar(6) }, 1); // of w² at 3
 * const scalars = scalarTensors(optimizer.scalars(0));
 * const { updates } = optimizer.update(gradients, optimizer.init(params), params, scalars);
 * assertAlmostEquals(applyUpdates(params, updates).w!.dataSync()[0]!, 2.9, 1e-6);
 * ```
 *
 * @module
 */
export { accumulate, applyUpdates } from "./apply_updates.ts";
export { clipByGlobalNorm, type Clipped, globalNorm } from "./clip.ts";
export { addDecayedWeights, isDecayed } from "./decay.ts";
export { scalarTensors, scaleByLearningRate } from "./learning_rate.ts";
export { type OptimizerConfig, optimizerFromConfig } from "./optimizer_from_config.ts";
export { adam, adamw, type OptimizerOptions, sgd } from "./optimizers.ts";
export { type AdamOptions, scaleByAdam } from "./scale_by_adam.ts";
export {
  chain,
  type Scalars,
  type ScalarTensors,
  type Transform,
  type Update,
} from "./transform.ts";

// For your own programs:
export { scaleByMomentum } from "./scale_by_momentum.ts";
