/**
 * The decoder-only transformer: its settings, its layers with their gradients, its loss.
 *
 * Rank 2: imports `core`, `tensor` and TensorFlow.js. The parameters are plain named tensors and
 * every layer is a function of them, so that a step can be read, and recorded, from end to end.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { crossEntropy, forward, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig(), params = initializeParams(config, 1);
 * const ids = tf.tensor2d([[1, 4, 9]], [1, 3], "int32");
 * const { logits } = forward(config, params, ids);
 * const loss = crossEntropy(logits, tf.tensor1d([4, 9, 2], "int32"));
 * assertAlmostEquals(loss.dataSync()[0] ?? NaN, Math.log(1000), 0.3); // it knows nothing yet
 * ```
 *
 * @module
 */
export * from "./attention.ts";
export * from "./config.ts";
export * from "./cross_entropy.ts";
export * from "./decode_token.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./gelu.ts";
export * from "./generate.ts";
export * from "./head_mask.ts";
export * from "./initialization.ts";
export * from "./inspect.ts";
export * from "./layer_norm.ts";
export * from "./linear.ts";
export * from "./prefill.ts";
export * from "./sampling.ts";
export * from "./transformer.ts";
