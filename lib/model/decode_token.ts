import * as tf from "@tensorflow/tfjs";
import { assertShape, param, type Params } from "lib/tensor/mod.ts";
import { checkPast, predict, runBlocks } from "./_decoder.ts";
import { tidied } from "./_slots.ts";
import { slotBias } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import { embed } from "./embedding.ts";
import type { ModelCache } from "./transformer.ts";

/** What {@linkcode decodeToken} reads. */
export type DecodeInput = {
  /** The model's parameters. */
  readonly params: Params;
  /** Each block's keys and values in slots, float32 [B, H, S, D]: token t of a row is in slot t. */
  readonly cache: ModelCache;
  /** int32 [B], the newest token of each row. */
  readonly ids: tf.Tensor;
  /** int32 [B], its place in the row, from 0 to S − 1. */
  readonly positions: tf.Tensor;
};

/** The result of {@linkcode decodeToken}. */
export type DecodeOutput = {
  /** Scores of the token that follows, float32 [B, V]. */
  readonly logits: tf.Tensor;
  /** The id of the highest score, the lowest of equal ones, int32 [B]; −1 where a score is NaN. */
  readonly likeliest: tf.Tensor;
  /** The cache with the newest token in it, of the same shape. */
  readonly cache: ModelCache;
};

/**
 * Reads one more token of each sentence, and scores what may follow it.
 *
 * No shape depends on the length of a sentence so far, since the cache has all its slots from the
 * beginning and the place is a tensor. So one compiled program computes every token. The values in
 * the slots from the place on do not matter, as long as they are finite.
 *
 * @param config The model's settings.
 * @param input Parameters, cache, and the newest tokens with their places.
 * @returns Scores, greedy choice and cache; the caller owns all of them, and still owns the old
 *   cache.
 * @throws {RangeError} If the cache is that of a model with another number of blocks.
 * @throws {TypeError} If ids, positions and cache are not of one batch.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { decodeToken, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 }), params = initializeParams(config, 1);
 * const empty = tf.zeros([1, 4, 8, 64]); // 8 slots
 * const { logits, cache } = decodeToken(config, {
 *   params,
 *   cache: [{ keys: empty, values: empty }],
 *   ids: tf.tensor1d([1], "int32"),
 *   positions: tf.tensor1d([0], "int32"),
 * });
 * assertEquals([logits.shape, cache[0]?.keys.shape], [[1, 1000], [1, 4, 8, 64]]);
 * ```
 */
export function decodeToken(config: ModelConfig, input: DecodeInput): DecodeOutput {
  const { params, cache: past, ids, positions } = input;
  const [B = 0] = ids.shape, slotCount = checkPast(config, past);
  assertShape(ids, { B }, "the ids");
  assertShape(positions, { B }, "the positions");
  for (const { keys } of past) {
    assertShape(keys, { B, H: config.heads, S: slotCount, D: null }, "the cache");
  }
  return tidied(() => {
    const { x, cache } = runBlocks(config, params, {
      embedded: embed(param(params, "tokenEmbedding.weight"), ids)
        .add(embed(param(params, "positionEmbedding.weight"), positions)), // [B, C]
      batchSize: B,
      bias: slotBias(positions, slotCount),
      past,
      slot: slotMarks(positions, slotCount),
    });
    const logits = predict(config, params, x);
    return { logits, likeliest: likeliestIds(logits), cache };
  });
}

/** 1 at the slot of each row's token, float32 [B, 1, S, 1]. */
function slotMarks(positions: tf.Tensor, slotCount: number): tf.Tensor {
  const isHere = tf.equal(tf.range(0, slotCount, 1, "int32"), positions.reshape([-1, 1])); // [B, S]
  return isHere.cast("float32").reshape([-1, 1, slotCount, 1]);
}

/** Gives −1 for a row with a NaN: NaN cannot be compared, so such a row has no highest score. */
function likeliestIds(logits: tf.Tensor): tf.Tensor {
  return tf.where(logits.isNaN().any(-1), tf.scalar(-1, "int32"), logits.argMax(-1));
}
