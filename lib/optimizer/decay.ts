import { fitsFloat32 } from "lib/core/mod.ts";
import { mapParams, param } from "lib/tensor/mod.ts";
import type { Transform } from "./transform.ts";

/**
 * Tells whether weight decay applies to a parameter: only to the weights of linear layers.
 *
 * The size of a bias or of a layer norm's gain has no meaning by itself, and decay of the embedding
 * would hurt rare tokens, whose rows get few gradients.
 *
 * @param name The parameter's path.
 * @param shape Its shape.
 *
 * @example
 * ```ts
 * import { isDecayed } from "lib/optimizer/mod.ts";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isDecayed("blocks.0.attention.qkv.weight", [256, 768]));
 * assertFalse(isDecayed("tokenEmbedding.weight", [1000, 256]));
 * assertFalse(isDecayed("finalNorm.weight", [256]));
 * ```
 */
export function isDecayed(name: string, shape: readonly number[]): boolean {
  return name.endsWith(".weight") && shape.length === 2 && !/Embedding\./.test(name);
}

/**
 * Adds weight decay to the updates, separately from the gradient's statistics: u ← u + λ p.
 *
 * It comes after Adam's division, so that every weight decays by the same share (lr · λ) per step: this
 * is what "decoupled" means. As a part of the gradient (L2), weights with large gradients would decay
 * less.
 *
 * @param weightDecay λ, from 0 on.
 * @param filter Which parameters decay; default {@linkcode isDecayed}.
 * @returns A stage of a chain, without state.
 * @throws {RangeError} If the decay is negative, or no number of float32.
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { addDecayedWeights } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const params = { "layer.weight": tf.ones([1, 1]), "layer.bias": tf.ones([1]) };
 * const { updates } = addDecayedWeights(0.5).update(params, {}, params, {});
 * assertEquals(Object.values(updates).map((tensor) => tensor.dataSync()[0]), [1.5, 1]);
 * ```
 */
export function addDecayedWeights(
  weightDecay: number,
  filter: (name: string, shape: readonly number[]) => boolean = isDecayed,
): Transform {
  if (!(weightDecay >= 0 && fitsFloat32(weightDecay))) {
    throw new RangeError(
      `Cannot decay weights: expected a decay from 0 on, finite as float32, got ${weightDecay}`,
    );
  }
  return {
    init: () => ({}),
    scalars: () => ({}),
    update: (updates, _state, params) => ({
      updates: mapParams(updates, (update, name) => {
        const weights = param(params, name);
        const isApplied = weightDecay > 0 && filter(name, weights.shape);
        return isApplied ? update.add(weights.mul(weightDecay)) : update;
      }),
      state: {},
    }),
  };
}
