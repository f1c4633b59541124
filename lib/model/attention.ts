import * as tf from "@tensorflow/tfjs";
import { assertShape, param, type Params } from "lib/tensor/mod.ts";
import type { Dropout } from "./dropout.ts";
import { linear } from "./linear.ts";

/** The bias of a masked key: softmax gives exactly 0. Finite, so that a row of such keys is not NaN. */
const MASKED = -1e9;

/**
 * The keys and values of all tokens that one block has seen in a generation, each float32 [B, H, T, D].
 *
 * A compiled generation needs tensors of one shape: there the cache has a fixed number of slots, S
 * instead of T, and some of them are not in use yet.
 */
export type BlockCache = {
  /** Keys. */
  readonly keys: tf.Tensor;
  /** Values. */
  readonly values: tf.Tensor;
};

/** Options of {@linkcode attention}. */
export interface AttentionOptions {
  /** Sequences in the batch, B. */
  readonly batchSize: number;
  /** Attention heads, H. */
  readonly heads: number;
  /** The mask, added to the scores; {@linkcode attentionBias} makes it. */
  readonly bias: tf.Tensor;
  /** Keys and values of the tokens before these ones; none at the start of a sequence. */
  readonly past?: BlockCache | undefined;
  /**
   * float32 [B, 1, S, 1], 1 at the slot of the cache that the new token's key and value go into, 0
   * elsewhere. Without it the new keys and values are appended to the past's.
   */
  readonly slot?: tf.Tensor | undefined;
  /** Applied to the attention weights. */
  readonly dropout?: Dropout;
  /** float32 [H], what each head's output is multiplied by: 1 keeps it, 0 switches it off. */
  readonly headMask?: tf.Tensor | undefined;
}

/** The result of {@linkcode attention}. */
export interface AttentionResult {
  /** float32 [B·T, C]. */
  readonly output: tf.Tensor;
  /** The attention weights, float32 [B, H, T, keys]: each row sums to 1. */
  readonly weights: tf.Tensor;
  /** Keys and values including the past's. */
  readonly cache: BlockCache;
}

/**
 * Applies masked multi-head attention: per head softmax(q kᵀ / √D + bias) v, then a linear layer.
 *
 * @param params The model's parameters.
 * @param prefix The layer's path, such as `blocks.0.attention`.
 * @param x float32 [B·T, C], the positions of all sequences as rows, one sequence after the other.
 * @param options Sizes, mask, and the past of a generation under way.
 * @returns Output, weights and cache; the caller owns all three.
 * @throws {TypeError} If x does not have two axes.
 *
 * Source: Vaswani and others, "Attention is all you need", 2017, section 3.2; their d_model is C,
 * their d_k is D.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { attention, attentionBias, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ hiddenSize: 8, heads: 2, layers: 1 });
 * const params = initializeParams(config, 1);
 * const options = { batchSize: 1, heads: 2, bias: attentionBias(3, 3) };
 * const { weights } = attention(params, "blocks.0.attention", tf.ones([3, 8]), options);
 * assertEquals(weights.shape, [1, 2, 3, 3]);
 * assertEquals(weights.slice([0, 0, 0], [1, 1, 1]).flatten().arraySync(), [1, 0, 0]); // causal
 * ```
 */
export function attention(
  params: Params,
  prefix: string,
  x: tf.Tensor,
  options: AttentionOptions,
): AttentionResult {
  const { batchSize: B, heads: H, bias, past, slot, headMask } = options;
  const { dropout = (weights: tf.Tensor) => weights } = options;
  assertShape(x, { "B·T": null, C: null }, "the input of attention");
  const [rows = 0, C = 0] = x.shape;
  const T = rows / B, D = C / H;
  const layer = (name: string, input: tf.Tensor) =>
    linear(
      input,
      param(params, `${prefix}.${name}.weight`),
      param(params, `${prefix}.${name}.bias`),
    );

  const qkv = layer("qkv", x).reshape([B, T, 3, H, D]).transpose([2, 0, 3, 1, 4]);
  // Unstacking an axis of size 3 gives three tensors, [B, H, T, D] each.
  const [queries, newKeys, newValues] = tf.unstack(qkv) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const keys = past ? addToPast(past.keys, newKeys, slot) : newKeys;
  const values = past ? addToPast(past.values, newValues, slot) : newValues;

  const scores = tf.matMul(queries, keys, false, true).mul(1 / Math.sqrt(D)).add(bias);
  const weights = tf.softmax(scores); // [B, H, T, keys]
  const outputs = tf.matMul(dropout(weights), values); // [B, H, T, D]
  const masked = headMask === undefined ? outputs : outputs.mul(headMask.reshape([H, 1, 1]));
  const joined = masked.transpose([0, 2, 1, 3]).reshape([rows, C]); // the heads side by side
  return { output: layer("output", joined), weights, cache: { keys, values } };
}

/** Appends to the past; or writes into one slot of it, so that the shape stays as it is. */
function addToPast(past: tf.Tensor, fresh: tf.Tensor, slot: tf.Tensor | undefined): tf.Tensor {
  if (slot === undefined) return tf.concat([past, fresh], 2);
  return past.mul(tf.sub(1, slot)).add(fresh.mul(slot)); // exact, since all factors are 0 or 1
}

/**
 * Makes the mask that is added to the scores: 0 where a query may attend, −10⁹ where it may not.
 *
 * A query sees the keys up to its own position (causal), and of these only the ones that are no
 * padding. A query at padding before the first token has no key left; it attends to all keys
 * equally. Its output is finite, and is not used.
 *
 * @param queryCount The number of queries, T: the last positions of the sequence.
 * @param keyCount The number of keys: those of the past, and T.
 * @param mask float32 [B, keys], 1 = attend; none means that there is no padding.
 * @returns float32 [1 or B, 1, T, keys]; the caller owns it.
 * @throws {RangeError} If there are more queries than keys.
 * @throws {TypeError} If the mask does not have one column per key.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { attentionBias } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(attentionBias(2, 2).reshape([2, 2]).arraySync(), [[0, -1e9], [0, 0]]);
 * ```
 */
export function attentionBias(
  queryCount: number,
  keyCount: number,
  mask?: tf.Tensor,
): tf.Tensor {
  const offset = keyCount - queryCount;
  if (!(offset >= 0)) {
    throw new RangeError(
      `Cannot mask: expected at most ${keyCount} queries, as many as keys, got ${queryCount}`,
    );
  }
  if (mask !== undefined) assertShape(mask, { B: null, keys: keyCount }, "the mask");
  const causal = new Float32Array(queryCount * keyCount);
  for (let query = 0; query < queryCount; query++) {
    causal.fill(MASKED, query * keyCount + offset + query + 1, (query + 1) * keyCount);
  }
  return tf.tidy(() => {
    const causalBias = tf.tensor4d(causal, [1, 1, queryCount, keyCount]);
    if (mask === undefined) return causalBias;
    const paddingBias = mask.sub(1).mul(-MASKED).reshape([-1, 1, 1, keyCount]);
    return tf.minimum(causalBias, paddingBias);
  });
}

/**
 * Makes the mask for one query per sequence whose keys are in slots: 0 up to the query's own slot, −10⁹
 * at the slots after it, which are not in use yet.
 *
 * @param positions int32 [B], the slot of each sequence's query.
 * @param slotCount The number of slots, S.
 * @returns float32 [B, 1, 1, S]; the caller owns it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { slotBias } from "lib/model/attention.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const bias = slotBias(tf.tensor1d([0, 2], "int32"), 3);
 * assertEquals(bias.reshape([2, 3]).arraySync(), [[0, -1e9, -1e9], [0, 0, 0]]);
 * ```
 */
export function slotBias(positions: tf.Tensor, slotCount: number): tf.Tensor {
  return tf.tidy(() => {
    const slots = tf.range(0, slotCount, 1, "int32"); // [S]
    const isInUse = tf.lessEqual(slots, positions.reshape([-1, 1])); // [B, S]
    return isInUse.cast("float32").sub(1).mul(-MASKED).reshape([-1, 1, 1, slotCount]);
  });
}
