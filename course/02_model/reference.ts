/**
 * The model taken apart, so that checks can put it together wrongly.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ModelConfig } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import * as parts from "./parts.ts";

/** From an activation [B, T, C] to one of the same shape. */
export type Layer = (x: tf.Tensor) => tf.Tensor;

/** What a block is put together from. */
export interface BlockParts {
  readonly attentionNorm: Layer;
  readonly attend: Layer;
  readonly feedForwardNorm: Layer;
  readonly feed: Layer;
}

/** The four parts of the block at a path. */
export function blockParts(
  params: Params,
  path: string,
  options: parts.HeadsAndMask,
): BlockParts {
  return {
    attentionNorm: (x) => parts.norm(params, `${path}.attentionNorm`, x),
    attend: (x) => parts.multiHeadAttention(params, `${path}.attention`, x, options),
    feedForwardNorm: (x) => parts.norm(params, `${path}.feedForwardNorm`, x),
    feed: (x) => parts.feedForward(params, `${path}.feedForward`, x),
  };
}

/** A forward pass with some lines done otherwise. */
export interface ForwardLines {
  /** From token table [V, C], position table and ids to the stream's start [B, T, C]. */
  readonly embedded?: (tokens: tf.Tensor, positions: tf.Tensor, ids: tf.Tensor) => tf.Tensor;
  /** The blocks that run, in order. */
  readonly order?: (layers: number) => readonly number[];
  /** From the padding mask to who may look where. */
  readonly allowed?: (mask: tf.Tensor) => tf.Tensor;
  /** From the stream and its start to what a block reads. */
  readonly handedOn?: (stream: tf.Tensor, start: tf.Tensor) => tf.Tensor;
  /** From the last stream and the final norm to what the output head reads. */
  readonly normed?: (x: tf.Tensor, norm: Layer) => tf.Tensor;
  /** From [B, T, C] and the token table to logits [B, T, V]. */
  readonly head?: (x: tf.Tensor, tokens: tf.Tensor) => tf.Tensor;
}

/** Puts a forward pass together: rightly, but for the lines given. */
export function forwardWith(lines: ForwardLines) {
  const { embedded = withPositions, order = inOrder, allowed = parts.attentionMask } = lines;
  const { handedOn = (stream) => stream, normed = (x, norm) => norm(x), head = tiedHead } = lines;
  return (config: ModelConfig, params: Params, ids: tf.Tensor, mask: tf.Tensor): tf.Tensor => {
    const tokens = param(params, "tokenEmbedding.weight"), options = { heads: config.heads };
    const start = embedded(tokens, param(params, "positionEmbedding.weight"), ids);
    const who = { ...options, allowed: allowed(mask) };
    let stream = start;
    for (const block of order(config.layers)) {
      stream = parts.block(params, `blocks.${block}`, handedOn(stream, start), who);
    }
    return head(normed(stream, (x) => parts.norm(params, "finalNorm", x)), tokens);
  };
}

const inOrder = (layers: number) => [...Array(layers).keys()];

function withPositions(tokens: tf.Tensor, positions: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  return tf.gather(tokens, ids).add(positions.slice([0, 0], [ids.shape[1] ?? 0, -1]));
}

/** Scores [..., C] against every row of the token table: y Eᵀ. */
export function tiedHead(x: tf.Tensor, tokens: tf.Tensor): tf.Tensor {
  const [V = 0, C = 0] = tokens.shape;
  return tf.matMul(x.reshape([-1, C]), tokens, false, true).reshape([...x.shape.slice(0, -1), V]);
}
