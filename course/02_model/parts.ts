/**
 * The parts of the model, each right and under the name of its exercise: for whoever skipped one.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Random } from "lib/core/mod.ts";
import * as library from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";

export { layerNorm } from "lib/model/mod.ts";

/** What a layer with attention needs to know besides its parameters and its input. */
export interface HeadsAndMask {
  /** Attention heads, H. */
  readonly heads: number;
  /** Where each query may look: float32 [B, 1, T, T], 1 = may look. */
  readonly allowed: tf.Tensor;
}

/** Queries, keys and values, each float32 [B, H, T, D]. */
export interface QueriesKeysValues {
  /** What each position looks for. */
  readonly queries: tf.Tensor;
  /** What each position is found by. */
  readonly keys: tf.Tensor;
  /** What each position hands over. */
  readonly values: tf.Tensor;
}

/** What attention gives. */
export interface Attended {
  /** The values, mixed: float32 [B, H, T, D]. */
  readonly mixed: tf.Tensor;
  /** Who looks where: float32 [B, H, T, T], each row sums to 1. */
  readonly weights: tf.Tensor;
}

/** From ids [T] to the logits at each position, [T][V]. */
export type LogitsOf = (ids: readonly number[]) => readonly (readonly number[])[];

/** What a model's settings are made of, but for what only training reads. */
export type ModelSettings = Pick<
  library.ModelConfig,
  | "vocabSize"
  | "hiddenSize"
  | "heads"
  | "layers"
  | "feedForwardSize"
  | "maxLength"
  | "tiedHead"
>;

/** Something that can do the work. */
export interface Device {
  /** What it is called, such as `/device:GPU:0`. */
  readonly name: string;
  /** Whether it is a graphics processor. */
  readonly isGpu: boolean;
  /** The memory that is not in use, in bytes. */
  readonly freeBytes: number;
}

/** 2.1b: the exercise's settings, but for those given; impossible ones are refused. */
export function configure(settings: Partial<ModelSettings> = {}): ModelSettings {
  const { vocabSize, hiddenSize, heads, layers, feedForwardSize, maxLength, tiedHead } = {
    ...library.modelConfig(),
    ...settings,
  };
  const sizes = { vocabSize, hiddenSize, heads, layers, feedForwardSize, maxLength };
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isInteger(size) && size > 0)) {
      throw new RangeError(`Cannot configure: expected ${name} from 1, got ${size}`);
    }
  }
  if (hiddenSize % heads !== 0) {
    throw new RangeError(
      `Cannot configure: expected heads that divide ${hiddenSize}, got ${heads}`,
    );
  }
  return { ...sizes, tiedHead };
}

/** 2.2a: the standard deviation of a linear layer's weights. */
export function weightDeviation(rule: "xavier" | "he", fanIn: number, fanOut: number): number {
  return Math.sqrt(rule === "xavier" ? 2 / (fanIn + fanOut) : 2 / fanIn);
}

/** 2.2b: uniform numbers around 0 with a standard deviation. */
export function drawUniform(count: number, deviation: number, random: Random): Float32Array {
  const limit = Math.sqrt(3) * deviation;
  return Float32Array.from({ length: count }, () => limit * (2 * random.uniform() - 1));
}

/** 2.2c: the first values of a parameter, row by row. */
export function initialValues(
  name: string,
  [rows = 1, columns = 1]: readonly number[],
  random: Random,
): Float32Array {
  if (name.endsWith(".bias")) return new Float32Array(rows);
  if (name.endsWith("Norm.weight")) return new Float32Array(rows).fill(1);
  if (name.endsWith("Embedding.weight")) {
    return Float32Array.from({ length: rows * columns }, () => 0.02 * random.normal());
  }
  const fanOut = name.endsWith("qkv.weight") ? columns / 3 : columns;
  return drawUniform(rows * columns, weightDeviation("xavier", rows, fanOut), random);
}

/** The linear layer at a path, y = x W + b: from [..., in] to [..., out]. */
export function linear(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  return library.linear(x, param(params, `${path}.weight`), param(params, `${path}.bias`));
}

/** 2.3b: gelu(x W₁ + b₁) W₂ + b₂, with the weights of `up` and of `down`. */
export function feedForward(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  return linear(params, `${path}.down`, library.gelu(linear(params, `${path}.up`, x)));
}

/** 2.4a: from mask [B, T], 1 = real, to [B, 1, T, T]: 1 where the query (row) may look at the key. */
export function attentionMask(mask: tf.Tensor): tf.Tensor {
  const [B = 0, T = 0] = mask.shape;
  return tf.linalg.bandPart(tf.ones([1, 1, T, T]), -1, 0).mul(mask.reshape([B, 1, 1, T]));
}

/** 2.4b: softmax(q kᵀ / √D) v, only where allowed. */
export function attend(
  { queries, keys, values }: QueriesKeysValues,
  allowed: tf.Tensor,
): Attended {
  const D = queries.shape[3] ?? 0;
  const scores = tf.matMul(queries, keys, false, true).mul(1 / Math.sqrt(D));
  const weights = tf.softmax(scores.add(hidingBias(allowed)));
  return { mixed: tf.matMul(weights, values), weights };
}

/** What is added to scores: 0 where a query may look, −10⁹ where not. */
export function hidingBias(allowed: tf.Tensor): tf.Tensor {
  return allowed.sub(1).mul(1e9);
}

/** 2.4c: cuts [B, T, C] into heads, [B, H, T, D]. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [B = 0, T = 0, C = 0] = x.shape;
  return x.reshape([B, T, heads, C / heads]).transpose([0, 2, 1, 3]);
}

/** 2.4c: puts heads [B, H, T, D] side by side again, [B, T, C]. */
export function joinHeads(x: tf.Tensor): tf.Tensor {
  const [B = 0, H = 0, T = 0, D = 0] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]);
}

/** 2.4d: the attention layer at a path. */
export function multiHeadAttention(
  params: Params,
  path: string,
  x: tf.Tensor,
  { heads, allowed }: HeadsAndMask,
): tf.Tensor {
  const [B = 0, , C = 0] = x.shape, options = { batchSize: B, heads, bias: hidingBias(allowed) };
  return library.attention(params, path, x.reshape([-1, C]), options).output.reshape(x.shape);
}

/** The layer norm at a path. */
export function norm(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  return library.layerNorm(x, param(params, `${path}.weight`), param(params, `${path}.bias`));
}

/** 2.5: the pre-norm block at a path. */
export function block(
  params: Params,
  path: string,
  x: tf.Tensor,
  options: HeadsAndMask,
): tf.Tensor {
  const attended = multiHeadAttention(
    params,
    `${path}.attention`,
    norm(params, `${path}.attentionNorm`, x),
    options,
  );
  const h = x.add(attended);
  return h.add(
    feedForward(params, `${path}.feedForward`, norm(params, `${path}.feedForwardNorm`, h)),
  );
}

/** 2.6a: from ids int32 [B, T] and mask [B, T] to logits [B, T, V], with a tied output head. */
export function forward(
  config: library.ModelConfig,
  params: Params,
  ids: tf.Tensor,
  mask: tf.Tensor,
): tf.Tensor {
  return library.forward(config, params, ids, { mask }).logits.reshape([...ids.shape, -1]);
}

/** 2.6b: whether no change of a token changes logits before it by more than 1e-4. */
export function isCausal(logitsOf: LogitsOf, ids: readonly number[]): boolean {
  const before = logitsOf(ids);
  return ids.every((id, changed) => {
    const after = logitsOf(ids.with(changed, id === 5 ? 6 : 5)).slice(0, changed);
    return after.every((row, t) =>
      row.every((logit, v) => Math.abs(logit - (before[t]?.[v] ?? NaN)) <= 1e-4)
    );
  });
}

/** 2.7a: the GPU with the most free memory that has enough of it, else a CPU that has. */
export function chooseDevice(devices: readonly Device[], neededBytes: number): string {
  const fitting = devices.filter(({ freeBytes }) => freeBytes >= neededBytes);
  const gpus = fitting.filter(({ isGpu }) => isGpu);
  const [best] = (gpus.length > 0 ? gpus : fitting).toSorted((a, b) => b.freeBytes - a.freeBytes);
  if (best === undefined) {
    throw new RangeError(
      `Cannot choose a device: expected one with ${neededBytes} bytes, got none`,
    );
  }
  return best.name;
}

/** 2.7b: the largest |a − b|; NaN if any number is NaN. */
export function worstDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN))), 0);
}
