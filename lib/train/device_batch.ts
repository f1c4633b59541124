import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";

/** A batch's tensors. */
export type DeviceBatch = {
  /** int32 [B, T]. */
  readonly ids: tf.Tensor;
  /** float32 [B, T], 1 = attend. */
  readonly mask: tf.Tensor;
  /** int32 [B·T], the ids that come next; −100 at padding. */
  readonly labels: tf.Tensor;
};

/**
 * Makes a batch's tensors.
 *
 * @param batch As the loader gives it, padded to the shape that is computed. Pads and empty rows are
 *   masked and have no targets, so they change neither loss nor gradient.
 * @returns Three tensors; the caller owns them.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createCorpus, runConfig, toDevice } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const corpus = createCorpus(runConfig({ data: { examples: 100 } }));
 * const [batch] = corpus.validation.batches(); // 10 sentences of 6 positions
 * const { ids, labels } = toDevice(batch!);
 * assertEquals(ids.shape, [10, 6]);
 * assertEquals(labels.shape, [60]);
 * ```
 */
export function toDevice({ ids, mask, labels, shape: [B, T] }: Batch): DeviceBatch {
  return {
    ids: tf.tensor2d(ids, [B, T], "int32"),
    mask: tf.tensor2d(mask, [B, T]),
    labels: tf.tensor1d(labels, "int32"),
  };
}
