import type * as tf from "@tensorflow/tfjs";
import { param, type Params } from "lib/tensor/mod.ts";
import { attention, type BlockCache } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import type { Dropout } from "./dropout.ts";
import { embed } from "./embedding.ts";
import { gelu } from "./gelu.ts";
import { layerNorm } from "./layer_norm.ts";
import { linear, tiedHead } from "./linear.ts";

/** What {@linkcode runBlocks} computes with. */
interface BlocksInput {
  /** Embedded tokens, float32 [B·T, C]. */
  readonly embedded: tf.Tensor;
  /** Sequences in the batch, B. */
  readonly batchSize: number;
  /** The mask, as `attention` takes it. */
  readonly bias: tf.Tensor;
  /** Keys and values of former tokens, block by block. */
  readonly past?: readonly BlockCache[] | undefined;
  /** The slot of the past that takes the new token, as `attention` takes it. */
  readonly slot?: tf.Tensor;
  /** What each head's output is multiplied by, float32 [layers, H]; none means that all are on. */
  readonly headMask?: tf.Tensor | undefined;
  /** Makes the dropout of the next site, in order. */
  readonly nextSite?: () => Dropout;
}

const keepAll = (): Dropout => (x) => x;

/** The sizes of ids that come after `pastLength` others; throws the errors of `forward`. */
export function checkIds(
  config: ModelConfig,
  ids: tf.Tensor,
  pastLength = 0,
): [batchSize: number, length: number] {
  const [B, T] = ids.shape;
  if (ids.dtype !== "int32" || ids.rank !== 2 || B === undefined || T === undefined) {
    throw new TypeError(
      `Cannot run the model: expected ids of int32 [B, T], got ${ids.dtype} [${ids.shape}]`,
    );
  }
  if (pastLength + T > config.maxLength) {
    throw new RangeError(
      `Cannot run the model: expected at most ${config.maxLength} tokens, got ${pastLength + T}`,
    );
  }
  return [B, T];
}

/** How many places a past has; throws the errors of `forward`. */
export function checkPast(config: ModelConfig, past: readonly BlockCache[] | undefined): number {
  if (past !== undefined && past.length !== config.layers) {
    throw new RangeError(
      `Cannot run the model: expected a past of ${config.layers} blocks, got ${past.length}`,
    );
  }
  return past?.[0]?.keys.shape[2] ?? 0;
}

/** Embeds ids int32 [B, T] whose first place is `firstPlace`: float32 [B·T, C]. */
export function embedTokens(params: Params, ids: tf.Tensor, firstPlace: number): tf.Tensor {
  const [B = 0, T = 0] = ids.shape;
  const positions = param(params, "positionEmbedding.weight");
  const C = positions.shape[1] ?? 0;
  const tokens = embed(param(params, "tokenEmbedding.weight"), ids).reshape([B, T, C]);
  return tokens.add(positions.slice([firstPlace, 0], [T, C])).reshape([B * T, C]);
}

/** The result of {@linkcode runBlocks}; the caller owns it all. */
interface BlocksResult {
  /** What leaves the last block, float32 [B·T, C]. */
  readonly x: tf.Tensor;
  /** The input of the first block, then the output of each block; the last one is `x`. */
  readonly hidden: readonly tf.Tensor[];
  /** Attention weights, block by block. */
  readonly maps: readonly tf.Tensor[];
  /** Keys and values, block by block. */
  readonly cache: readonly BlockCache[];
}

/** Runs embedded tokens through all blocks. */
export function runBlocks(config: ModelConfig, params: Params, input: BlocksInput): BlocksResult {
  const { embedded, nextSite = keepAll, past, headMask, ...others } = input;
  const maps: tf.Tensor[] = [], cache: BlockCache[] = [];
  let x = nextSite()(embedded); // [B·T, C] from here to the end
  const hidden = [x];
  for (let block = 0; block < config.layers; block++) {
    const path = `blocks.${block}`;
    const normed = norm(params, `${path}.attentionNorm`, x);
    const attended = attention(params, `${path}.attention`, normed, {
      ...others,
      heads: config.heads,
      past: past?.[block],
      dropout: nextSite(),
      headMask: headMask?.slice([block, 0], [1, config.heads]),
    });
    x = x.add(nextSite()(attended.output));
    x = x.add(nextSite()(feedForward(params, path, norm(params, `${path}.feedForwardNorm`, x))));
    hidden.push(x);
    maps.push(attended.weights);
    cache.push(attended.cache);
  }
  return { x, hidden, maps, cache };
}

/** Scores every token of the vocabulary as the next one: [N, C] to [N, V]. */
export function predict(config: ModelConfig, params: Params, x: tf.Tensor): tf.Tensor {
  const normed = norm(params, "finalNorm", x);
  if (config.tiedHead) return tiedHead(normed, param(params, "tokenEmbedding.weight"));
  return linear(normed, param(params, "head.weight"), param(params, "head.bias"));
}

function norm(params: Params, name: string, x: tf.Tensor): tf.Tensor {
  return layerNorm(x, param(params, `${name}.weight`), param(params, `${name}.bias`));
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
