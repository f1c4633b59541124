import * as tf from "@tensorflow/tfjs";
import type { ModelConfig } from "./config.ts";
import type { ModelCache } from "./transformer.ts";

/** Slots for tokens still to come: zeros [B, H, S, D] for each block; the caller owns them. */
export function emptySlots(config: ModelConfig, rows: number, slots: number): ModelCache {
  const shape = [rows, config.heads, slots, config.hiddenSize / config.heads];
  return Array.from({ length: config.layers }, () => ({
    keys: tf.zeros(shape),
    values: tf.zeros(shape),
  }));
}

/** Makes a copy with this many slots, empty ones at the end; the caller owns both caches. */
export function withSlots(cache: ModelCache, slots: number): ModelCache {
  return mapCache(cache, (tensor) => {
    const free = slots - (tensor.shape[2] ?? 0);
    return tf.pad(tensor, [[0, 0], [0, 0], [0, free], [0, 0]]);
  });
}

/** Makes a copy of these rows; a row may be named several times. The caller owns both caches. */
export function pickRows(cache: ModelCache, rows: readonly number[]): ModelCache {
  const isSame = rows.every((row, place) => row === place) &&
    rows.length === cache[0]?.keys.shape[0];
  if (isSame) return mapCache(cache, (tensor) => tensor.clone()); // copies nothing
  return tidied(() => {
    const indices = tf.tensor1d([...rows], "int32");
    return mapCache(cache, (tensor) => tf.gather(tensor, indices));
  });
}

/** Frees a cache. */
export function disposeCache(cache: ModelCache | undefined): void {
  for (const { keys, values } of cache ?? []) tf.dispose([keys, values]);
}

function mapCache(cache: ModelCache, fn: (tensor: tf.Tensor) => tf.Tensor): ModelCache {
  return tidied(() => cache.map(({ keys, values }) => ({ keys: fn(keys), values: fn(values) })));
}

/** `tf.tidy` for trees whose arrays are read-only, which its type leaves out. */
export function tidied<T>(fn: () => T): T {
  return tf.tidy(fn as () => tf.TensorContainer) as T; // it returns what `fn` returns
}
