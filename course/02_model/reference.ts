import * as tf from "@tensorflow/tfjs";
import { attention, gelu, layerNorm, linear, type ModelConfig } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";

/** From an activation [B, T, C] to one of the same shape. */
export type Layer = (x: tf.Tensor) => tf.Tensor;

/** What a block is put together from. */
export interface BlockParts {
  readonly attentionNorm: Layer;
  readonly attend: Layer;
  readonly feedForwardNorm: Layer;
  readonly feed: Layer;
}

/** What a layer with attention needs to know besides its parameters and its input. */
export interface HeadsAndMask {
  /** Attention heads, H. */
  readonly heads: number;
  /** Where each query may look: float32 [B, 1, T, T], 1 = may look. */
  readonly allowed: tf.Tensor;
}

/** The bias that the library adds to scores, from a mask of 1 and 0. */
export function biasOf(allowed: tf.Tensor): tf.Tensor {
  return allowed.sub(1).mul(1e9);
}

/** The attention layer at a path. */
export function attentionLayer(
  params: Params,
  path: string,
  { heads, allowed }: HeadsAndMask,
): Layer {
  return (x) => {
    const options = { batchSize: x.shape[0] ?? 0, heads, bias: biasOf(allowed) };
    return attention(params, path, rowsOf(x), options).output.reshape(x.shape);
  };
}

/** The feed-forward layer at a path, with GELU unless another activation is given. */
export function feedForwardLayer(params: Params, path: string, activation: Layer = gelu): Layer {
  return (x) => {
    const up = linearLayer(params, `${path}.up`), down = linearLayer(params, `${path}.down`);
    return down(activation(up(rowsOf(x)))).reshape(x.shape);
  };
}

/** The linear layer at a path, on rows [N, in]. */
export function linearLayer(params: Params, path: string): Layer {
  return (x) => linear(x, param(params, `${path}.weight`), param(params, `${path}.bias`));
}

/** The layer norm at a path. */
export function normLayer(params: Params, path: string): Layer {
  const gain = param(params, `${path}.weight`), bias = param(params, `${path}.bias`);
  return (x) => layerNorm(rowsOf(x), gain, bias).reshape(x.shape);
}

/** The four parts of the block at a path. */
export function blockParts(params: Params, path: string, options: HeadsAndMask): BlockParts {
  return {
    attentionNorm: normLayer(params, `${path}.attentionNorm`),
    attend: attentionLayer(params, `${path}.attention`, options),
    feedForwardNorm: normLayer(params, `${path}.feedForwardNorm`),
    feed: feedForwardLayer(params, `${path}.feedForward`),
  };
}

/** The ids' embeddings, with those of the positions added: float32 [B, T, C]. */
export function embedded(params: Params, ids: tf.Tensor): tf.Tensor {
  const positions = param(params, "positionEmbedding.weight");
  return tokenRows(params, ids).add(positions.slice([0, 0], [ids.shape[1] ?? 0, -1]));
}

/** The ids' embeddings alone. */
export function tokenRows(params: Params, ids: tf.Tensor): tf.Tensor {
  return tf.gather(param(params, "tokenEmbedding.weight"), ids);
}

/** Runs the blocks of a model one after the other, and nothing else. */
export function runBlocks(
  config: ModelConfig,
  params: Params,
  { x, allowed }: { readonly x: tf.Tensor; readonly allowed: tf.Tensor },
): tf.Tensor {
  let stream = x;
  for (let block = 0; block < config.layers; block++) {
    const { heads } = config;
    const parts = blockParts(params, `blocks.${block}`, { heads, allowed });
    const attended = stream.add(parts.attend(parts.attentionNorm(stream)));
    stream = attended.add(parts.feed(parts.feedForwardNorm(attended)));
  }
  return stream;
}

function rowsOf(x: tf.Tensor): tf.Tensor {
  return x.reshape([-1, x.shape.at(-1) ?? 0]);
}
