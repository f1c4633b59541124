import * as tf from "@tensorflow/tfjs";
import { fitsFloat32 } from "lib/core/mod.ts";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { assertShape, differentiable, keepRows } from "lib/tensor/mod.ts";

/** The largest number of float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** Share of the probability that is spread evenly over the vocabulary, from 0 to 1; default 0. */
  readonly labelSmoothing?: number;
  /**
   * What the sum over the targets is divided by; default: their number. Under gradient accumulation
   * it is the number of targets in the whole batch, so that the micro-batches' losses add up to the
   * batch's.
   */
  readonly divisor?: number | tf.Tensor;
}

/**
 * Computes the loss of a language model: the mean of −log p(label) over the targets, in nats.
 *
 * With logits z and the wanted distribution q (1 at the label; with label smoothing s, s/V
 * everywhere and 1 − s more at the label), a row's loss is log Σ exp z − Σ q z, and its gradient
 * softmax(z) − q. Rows labelled −100 are ignored, even if their logits are NaN: their gradient is
 * 0. A token that is not wanted (q = 0) costs nothing, even at a logit of −Infinity; a wanted one
 * at −Infinity makes the loss infinite. The largest logit is subtracted first, so that nothing
 * overflows. Without any target the mean is 0/0, NaN, as in PyTorch; with a divisor it is 0. Any
 * other label that is not an id, such as −1, makes the loss NaN: an error would need a check, and
 * for that each step would wait for the device.
 *
 * @param logits float32 [N, V].
 * @param labels int32 [N]: the ids that come next, or −100.
 * @returns float32 scalar; the caller owns it.
 * @throws {RangeError} If the label smoothing is not from 0 to 1, or the divisor is a number that
 *   is not positive.
 * @throws {TypeError} If the shapes do not fit.
 *
 * Source of label smoothing: Szegedy and others, "Rethinking the Inception architecture", 2016, section 7.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { crossEntropy } from "lib/model/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const loss = crossEntropy(tf.zeros([2, 1000]), tf.tensor1d([7, -100], "int32"));
 * assertAlmostEquals(loss.dataSync()[0] ?? NaN, Math.log(1000), 1e-5);
 * ```
 */
export function crossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: CrossEntropyOptions = {},
): tf.Tensor {
  const { labelSmoothing = 0, divisor } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new RangeError(
      `Cannot smooth labels: expected a share from 0 to 1, got ${labelSmoothing}`,
    );
  }
  if (typeof divisor === "number" && !(divisor > 0 && fitsFloat32(divisor))) {
    throw new RangeError(`Cannot average losses: expected a positive divisor, got ${divisor}`);
  }
  const meanLoss = differentiable(
    (z: tf.Tensor) => {
      const { losses, probabilities, wanted, isTarget } = rowLosses(z, labels, labelSmoothing);
      const scale = tf.div(1, divisor ?? isTarget.cast("float32").sum());
      return { value: losses.sum().mul(scale), saved: [probabilities, wanted, isTarget, scale] };
    },
    (dy, probabilities, wanted, isTarget, scale) => [
      keepRows(probabilities.sub(wanted).mul(dy.mul(scale)), isTarget),
    ],
  );
  return meanLoss(logits);
}

/**
 * Computes −log p(label) of each target, in nats; 0 where the label is −100, and NaN where it is
 * any other number that is not an id. The gradient is that of {@linkcode crossEntropy}: 0 in rows
 * labelled −100, even if their logits are NaN.
 *
 * @param logits float32 [N, V].
 * @param labels int32 [N].
 * @returns float32 [N]; the caller owns it.
 * @throws {TypeError} If the shapes do not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { targetLosses } from "lib/model/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const losses = targetLosses(tf.tensor2d([[0, Math.log(3)]]), tf.tensor1d([1], "int32"));
 * assertAlmostEquals(losses.dataSync()[0] ?? NaN, Math.log(4 / 3), 1e-6);
 * ```
 */
export function targetLosses(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const losses = differentiable(
    (z: tf.Tensor) => {
      const { losses, probabilities, wanted, isTarget } = rowLosses(z, labels, 0);
      return { value: losses, saved: [probabilities, wanted, isTarget] };
    },
    (dy, probabilities, wanted, isTarget) => [
      keepRows(probabilities.sub(wanted).mul(dy.expandDims(1)), isTarget),
    ],
  );
  return losses(logits);
}

/** The losses of rows of logits, and what the gradient is computed from. */
interface RowLosses {
  /** float32 [N]. */
  readonly losses: tf.Tensor;
  /** softmax(z), float32 [N, V]. */
  readonly probabilities: tf.Tensor;
  /** q, float32 [N, V]. */
  readonly wanted: tf.Tensor;
  /** Whether the row counts, bool [N]. */
  readonly isTarget: tf.Tensor;
}

function rowLosses(logits: tf.Tensor, labels: tf.Tensor, smoothing: number): RowLosses {
  const [N = 0, vocabSize = 0] = logits.shape;
  assertShape(logits, { N: null, V: null }, "the logits");
  assertShape(labels, { N }, "the labels");
  const isTarget = labels.notEqual(IGNORE_INDEX); // [N]
  const shifted = logits.sub(logits.max(1, true)); // [N, V]
  const exponentials = shifted.exp();
  const sums = exponentials.sum(1, true).mul(oneOrNaN(labels, vocabSize)); // [N, 1]
  // The row of a label that is not an id, such as -100, is all zeros.
  const oneHot = tf.oneHot(labels.cast("int32"), vocabSize).cast("float32"); // [N, V]
  const wanted = smoothing === 0 ? oneHot : oneHot.mul(1 - smoothing).add(smoothing / vocabSize);
  const hits = smoothing === 0 ? valueAt(oneHot, shifted) : wanted.mul(shifted).sum(1); // [N]
  const losses = sums.log().squeeze([1]).sub(hits);
  return {
    losses: tf.where(isTarget, losses, tf.zerosLike(losses)),
    probabilities: exponentials.div(sums),
    wanted,
    isTarget,
  };
}

/** The value of each row where `oneHot` has its 1: float32 [N]. All values are at most 0. */
function valueAt(oneHot: tf.Tensor, values: tf.Tensor): tf.Tensor {
  // A sum of products. 0 times -Infinity would be NaN, so a finite number replaces -Infinity for
  // it.
  const found = oneHot.mul(values.maximum(-LARGEST)).sum(1);
  return tf.where(found.lessEqual(-LARGEST), -Infinity, found);
}

/** 1, but NaN where the label is neither an id nor -100: float32 [N, 1]. */
function oneOrNaN(labels: tf.Tensor, vocabSize: number): tf.Tensor {
  const isTarget = labels.notEqual(IGNORE_INDEX);
  const isId = labels.greaterEqual(0).logicalAnd(labels.less(vocabSize));
  const ones = tf.onesLike(labels).cast("float32");
  return tf.where(isTarget.logicalXor(isId), NaN, ones).expandDims(1);
}
