import * as tf from "@tensorflow/tfjs";
import { assertShape, param, type Params } from "lib/tensor/mod.ts";
import { attention, attentionBias, type BlockCache } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import { dropoutSites } from "./dropout.ts";
import { embed } from "./embedding.ts";
import { gelu } from "./gelu.ts";
import { layerNorm } from "./layer_norm.ts";
import { linear, tiedHead } from "./linear.ts";

/** What {@linkcode forward} may be given besides the ids. */
export interface ForwardOptions {
  /** float32 [B, past + T], 1 = attend; none means that nothing is padding. */
  readonly mask?: tf.Tensor;
  /** int32 [2], an input of the step; none means evaluation: nothing is dropped. */
  readonly dropoutSeed?: tf.Tensor;
  /** What a former call on the tokens before these ones gave as `cache`. */
  readonly past?: ModelCache;
}

/** The keys and values of every block for the tokens seen so far. */
export type ModelCache = readonly BlockCache[];

/** What {@linkcode forward} gives. */
export interface ForwardResult {
  /** Scores of the token that follows each place, float32 [B·T, V]. */
  readonly logits: tf.Tensor;
  /** Attention weights of each block, float32 [B, H, T, past + T]. */
  readonly attention: readonly tf.Tensor[];
  /** Keys and values of each block, to go on from. */
  readonly cache: ModelCache;
}

/**
 * Runs the decoder: from ids to the scores of the next token at every place.
 *
 * x = E[ids] + P[place]; each block adds attention(norm(x)) and then feedForward(norm(x)) to x
 * ("pre-norm": the sum runs through untouched, so gradients reach the first layer whole); a last
 * norm; the head.
 *
 * @param config The model's settings.
 * @param params Its parameters, as `initializeParams` makes them.
 * @param ids int32 [B, T].
 * @param options Padding mask, dropout seed, and the past of a generation under way.
 * @returns Logits, attention weights and cache; the caller owns them (inside `tf.tidy`, what is
 *   not returned from there is freed).
 * @throws {RangeError} If the sequence is longer than the model has places for, or the past is that
 *   of a model with another number of blocks.
 * @throws {TypeError} If the ids are not int32 [B, T], or the mask is not [B, past + T].
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
  const [B, T] = checkIds(ids);
  const pastLength = checkPast(config, options.past);
  const length = pastLength + T;
  if (length > config.maxLength) {
    throw new RangeError(
      `Cannot run the model: expected at most ${config.maxLength} tokens, got ${length}`,
    );
  }
  if (options.mask) assertShape(options.mask, { B, T: length }, "the mask");
  const nextSite = dropoutSites(config.dropout, options.dropoutSeed);
  const bias = attentionBias(T, length, options.mask);
  const maps: tf.Tensor[] = [], cache: BlockCache[] = [];
  const norm = (name: string, x: tf.Tensor) =>
    layerNorm(x, param(params, `${name}.weight`), param(params, `${name}.bias`));

  let x = nextSite()(embedTokens(params, ids, pastLength)); // [B·T, C], and so it stays
  for (let block = 0; block < config.layers; block++) {
    const path = `blocks.${block}`;
    const attended = attention(params, `${path}.attention`, norm(`${path}.attentionNorm`, x), {
      batchSize: B,
      heads: config.heads,
      bias,
      past: options.past?.[block],
      dropout: nextSite(),
    });
    x = x.add(nextSite()(attended.output));
    x = x.add(nextSite()(feedForward(params, path, norm(`${path}.feedForwardNorm`, x))));
    maps.push(attended.weights);
    cache.push(attended.cache);
  }
  return { logits: head(config, params, norm("finalNorm", x)), attention: maps, cache };
}

function checkIds(ids: tf.Tensor): [batchSize: number, length: number] {
  const [B, T] = ids.shape;
  if (ids.dtype !== "int32" || ids.rank !== 2 || B === undefined || T === undefined) {
    throw new TypeError(
      `Cannot run the model: expected ids of int32 [B, T], got ${ids.dtype} [${ids.shape}]`,
    );
  }
  return [B, T];
}

function checkPast(config: ModelConfig, past: ModelCache | undefined): number {
  if (past !== undefined && past.length !== config.layers) {
    throw new RangeError(
      `Cannot run the model: expected a past of ${config.layers} blocks, got ${past.length}`,
    );
  }
  return past?.[0]?.keys.shape[2] ?? 0;
}

function embedTokens(params: Params, ids: tf.Tensor, firstPlace: number): tf.Tensor {
  const [B = 0, T = 0] = ids.shape;
  const positions = param(params, "positionEmbedding.weight");
  const C = positions.shape[1] ?? 0;
  const tokens = embed(param(params, "tokenEmbedding.weight"), ids).reshape([B, T, C]);
  return tokens.add(positions.slice([firstPlace, 0], [T, C])).reshape([B * T, C]);
}

function feedForward(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  const layer = (name: string, input: tf.Tensor) =>
    linear(
      input,
      param(params, `${path}.feedForward.${name}.weight`),
      param(params, `${path}.feedForward.${name}.bias`),
    );
  return layer("down", gelu(layer("up", x)));
}

function head(config: ModelConfig, params: Params, x: tf.Tensor): tf.Tensor {
  if (config.tiedHead) return tiedHead(x, param(params, "tokenEmbedding.weight"));
  return linear(x, param(params, "head.weight"), param(params, "head.bias"));
}
