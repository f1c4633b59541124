import * as tf from "@tensorflow/tfjs";
import { type Batch, IGNORE_INDEX } from "lib/data/mod.ts";

/** A batch's tensors. */
export type DeviceBatch = {
  /** int32 [B, T]. */
  readonly ids: tf.Tensor;
  /** float32 [B, T], 1 = attend. */
  readonly mask: tf.Tensor;
  /** int32 [B·T], the ids that come next; −100 at padding. */
  readonly labels: tf.Tensor;
};

/** The sizes that {@linkcode toDevice} fills a batch up to. */
export interface BatchShape {
  /** B. */
  readonly rows: number;
  /** T may be any of these, rising; the first one that is long enough is taken. */
  readonly lengths: readonly number[];
}

/**
 * Makes a batch's tensors, filled up to one of a few shapes.
 *
 * A compiled step is compiled anew for each shape, so the last, smaller batch of an epoch gets empty
 * rows, and a short batch some columns: masked and without targets, they change neither loss nor
 * gradient.
 *
 * @param batch As the loader gives it.
 * @param shape What to fill it up to.
 * @returns Three tensors; the caller owns them.
 * @throws {RangeError} If the batch is larger than the shape.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createCorpus, runConfig, toDevice } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const corpus = createCorpus(runConfig({ data: { examples: 100 } }));
 * const [batch] = corpus.validation.batches(); // 10 sentences
 * const { ids, labels } = toDevice(batch!, { rows: 16, lengths: [8, 12] });
 * assertEquals(ids.shape, [16, 8]);
 * assertEquals(labels.shape, [128]);
 * ```
 */
export function toDevice(batch: Batch, shape: BatchShape): DeviceBatch {
  const [B, T] = batch.shape, { rows } = shape;
  const length = shape.lengths.find((one) => one >= T);
  if (length === undefined || !(B <= rows)) {
    throw new RangeError(
      `Cannot move a batch: expected at most [${rows}, ${shape.lengths.at(-1)}], got [${B}, ${T}]`,
    );
  }
  const spread = <A extends Int32Array | Float32Array>(from: A, to: A): A => {
    for (let row = 0; row < B; row++) to.set(from.subarray(row * T, (row + 1) * T), row * length);
    return to;
  };
  const size = rows * length;
  // Rows and columns beyond the batch hold id 0, which the mask hides whatever it stands for.
  const ids = spread(batch.ids, new Int32Array(size));
  const mask = spread(batch.mask, new Float32Array(size));
  const labels = spread(batch.labels, new Int32Array(size).fill(IGNORE_INDEX));
  return {
    ids: tf.tensor2d(ids, [rows, length], "int32"),
    mask: tf.tensor2d(mask, [rows, length]),
    labels: tf.tensor1d(labels, "int32"),
  };
}
