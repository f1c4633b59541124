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
export * from "./fusion.ts";
export * from "./gradients.ts";
export * from "./keep_rows.ts";
export * from "./params.ts";
export * from "./random.ts";
export * from "./shape.ts";
