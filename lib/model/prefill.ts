import type * as tf from "@tensorflow/tfjs";
import type { Params } from "lib/tensor/mod.ts";
import { checkIds, embedTokens, runBlocks } from "./_decoder.ts";
import { tidied } from "./_slots.ts";
import { attentionBias } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import type { ModelCache } from "./transformer.ts";

/** What {@linkcode prefill} reads. */
export type PrefillInput = {
  /** The model's parameters. */
  readonly params: Params;
  /**
   * int32 [B, T], the beginnings of sentences; shorter ones are padded at their ends, with any id.
   */
  readonly ids: tf.Tensor;
};

/**
 * Reads the beginnings of sentences, and gives only their keys and values.
 *
 * {@linkcode decodeToken} goes on from the last token of the beginning, so that token is not read
 * here. A compiled program leaves out the head, and all of the last block except its keys and
 * values.
 *
 * @param config The model's settings.
 * @param input Parameters and ids.
 * @returns For each block keys and values float32 [B, H, T, D]; the caller owns them.
 * @throws {RangeError} If T is larger than the model's `maxLength`.
 * @throws {TypeError} If the ids are not int32 [B, T].
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig, prefill } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 }), params = initializeParams(config, 1);
 * const [block] = prefill(config, { params, ids: tf.tensor2d([[1, 4, 9]], [1, 3], "int32") });
 * assertEquals(block?.keys.shape, [1, 4, 3, 64]);
 * ```
 */
export function prefill(config: ModelConfig, { params, ids }: PrefillInput): ModelCache {
  const [B, T] = checkIds(config, ids);
  return tidied(() =>
    runBlocks(config, params, {
      embedded: embedTokens(params, ids, 0),
      batchSize: B,
      bias: attentionBias(T, T),
    }).cache
  );
}
