/**
 * The decoder-only transformer: its settings, its layers with their gradients, its loss.
 *
 * Rank 2: imports `core`, `data`, `tensor` and TensorFlow.js. The parameters are plain named
 * tensors and every layer is a function of them, so that a whole step can be read, and recorded.
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
 * assertAlmostEquals(loss.dataSync()[0] ?? NaN, Math.log(1000), 0.3); // it is not trained yet
 * ```
 *
 * @module
 */
export {
  attention,
  type AttentionOptions,
  type AttentionResult,
  type BlockCache,
} from "./attention.ts";
export { type ModelConfig, modelConfig, modelSchema } from "./config.ts";
export { crossEntropy, type CrossEntropyOptions, targetLosses } from "./cross_entropy.ts";
export { type DecodeInput, type DecodeOutput, decodeToken } from "./decode_token.ts";
export type { Dropout } from "./dropout.ts";
export { embed } from "./embedding.ts";
export { gelu } from "./gelu.ts";
export {
  generate,
  generateByPass,
  type GenerateOptions,
  type GenerationPrograms,
  type LanguageModel,
} from "./generate.ts";
export { gpt2Config, gpt2Name, modelSettingsOf, ourName } from "./gpt2.ts";
export { headMask } from "./head_mask.ts";
export {
  type Initialization,
  initializeParams,
  paramShapes,
  type WeightOptions,
} from "./initialization.ts";
export { inspect, tokenVectors } from "./inspect.ts";
export { layerNorm } from "./layer_norm.ts";
export { linear, tiedHead } from "./linear.ts";
export { prefill, type PrefillInput } from "./prefill.ts";
export { sampleNext, type SamplingOptions } from "./sampling.ts";
export {
  forward,
  type ForwardOptions,
  type ForwardResult,
  type ModelCache,
} from "./transformer.ts";

// For your own programs:
export { attentionBias } from "./attention.ts";
export type { HeadPlace } from "./head_mask.ts";
export { drawWeights } from "./initialization.ts";
export type { Inspection, InspectOptions } from "./inspect.ts";
