/**
 * Named tensors, gradients by name, shape checks, and random tensors from a seed.
 *
 * Rank 1: imports `core` and TensorFlow.js.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { countParams, type Params } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const params: Params = { "linear.weight": tf.zeros([256, 512]), "linear.bias": tf.zeros([512]) };
 * assertEquals(countParams(params), 131_584);
 * ```
 *
 * @module
 */
export { type Fuse, fusible, type Pass, withFusion } from "./fusion.ts";
export {
  differentiable,
  type Forward,
  type ValueAndGradients,
  valueAndGradients,
} from "./gradients.ts";
export { packParams, unpackParams } from "./pack.ts";
export { countParams, disposeParams, mapParams, param, type Params } from "./params.ts";
export { seededUniform } from "./random.ts";
export { assertShape } from "./shape.ts";
export { keepRows } from "./keep_rows.ts";
