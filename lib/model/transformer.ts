import type * as tf from "@tensorflow/tfjs";
import { assertShape, type Params } from "lib/tensor/mod.ts";
import { checkIds, checkPast, embedTokens, predict, runBlocks } from "./_decoder.ts";
import { attentionBias, type BlockCache } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import { dropoutSites } from "./dropout.ts";

/** Options of {@linkcode forward}. */
export interface ForwardOptions {
  /** float32 [B, past + T], 1 = attend; none means that nothing is padding. */
  readonly mask?: tf.Tensor;
  /** int32 [2], an input of the step; none means evaluation: nothing is dropped. */
  readonly dropoutSeed?: tf.Tensor;
  /** The `cache` that an earlier call gave for the tokens before these. */
  readonly past?: ModelCache;
  /** float32 [layers, H] as `headMask` makes it, 0 where a head is off; none means that all are on. */
  readonly headMask?: tf.Tensor | undefined;
}

/** The keys and values of every block for the tokens seen so far. */
export type ModelCache = readonly BlockCache[];

/** The result of {@linkcode forward}. */
export interface ForwardResult {
  /** Scores of the token that follows each place, float32 [B·T, V]. */
  readonly logits: tf.Tensor;
  /** Attention weights of each block, float32 [B, H, T, past + T]. */
  readonly attention: readonly tf.Tensor[];
  /**
   * The input of the first block and the output of each block, float32 [B·T, C]: layers + 1 of
   * them.
   */
  readonly hidden: readonly tf.Tensor[];
  /** Keys and values of each block, for the next call. */
  readonly cache: ModelCache;
}

/**
 * Runs the decoder: from ids to the scores of the next token at every place.
 *
 * x = E[ids] + P[place]; each block adds attention(norm(x)) and then feedForward(norm(x)) to x
 * ("pre-norm": nothing changes the sum itself, so gradients reach the first layer undiminished);
 * then a last norm and the head.
 *
 * @param config The model's settings.
 * @param params Its parameters, as `initializeParams` makes them.
 * @param ids int32 [B, T].
 * @param options Padding mask, dropout seed, the past of a running generation, heads that are off.
 * @returns Logits, attention weights, hidden states and cache; the caller owns them (inside
 *   `tf.tidy`, what is not returned from there is freed).
 * @throws {RangeError} If the sequence is longer than the model's `maxLength`, or the past comes
 *   from a model with another number of blocks.
 * @throws {TypeError} If the ids are not int32 [B, T], or the mask is not [B, past + T], or
 *   the head mask is not [layers, H].
 *
 * Source: Radford and others, "Language models are unsupervised multitask learners", 2019 (GPT-2).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { forward, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 });
 * const params = initializeParams(config, 1);
 * const { logits } = forward(config, params, tf.tensor2d([[1, 4, 9]], [1, 3], "int32"));
 * assertEquals(logits.shape, [3, 1000]);
 * ```
 */
export function forward(
  config: ModelConfig,
  params: Params,
  ids: tf.Tensor,
  options: ForwardOptions = {},
): ForwardResult {
  const pastLength = checkPast(config, options.past);
  const [B, T] = checkIds(config, ids, pastLength), length = pastLength + T;
  if (options.mask) assertShape(options.mask, { B, T: length }, "the mask");
  const { headMask } = options, { layers, heads } = config;
  if (headMask) assertShape(headMask, { layers, H: heads }, "the head mask");
  const { maps, hidden, cache, x } = runBlocks(config, params, {
    embedded: embedTokens(params, ids, pastLength),
    batchSize: B,
    bias: attentionBias(T, length, options.mask),
    past: options.past,
    headMask,
    nextSite: dropoutSites(config.dropout, options.dropoutSeed),
  });
  return { logits: predict(config, params, x), attention: maps, hidden, cache };
}
