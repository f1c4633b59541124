import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (logits: tf.Tensor, labels: tf.Tensor, smoothing: number) => tf.Tensor;

const normal = (shape: [number, number], seed: number, scale = 2) => {
  const random = new Random(seed), size = shape[0] * shape[1];
  return tf.tensor2d(Float32Array.from({ length: size }, () => scale * random.normal()), shape);
};

/** The mean loss from the log-probabilities of the right tokens, and of all tokens. */
const altered = (
  mix: (
    parts: { readonly right: tf.Tensor; readonly all: tf.Tensor },
    smoothing: number,
  ) => tf.Tensor,
): WrongAnswer<Answer> =>
(logits, labels, smoothing) => {
  const logs = tf.logSoftmax(logits as tf.Tensor2D);
  const right = logs.mul(tf.oneHot(labels.toInt(), logits.shape[1] ?? 0)).sum(1);
  return mix({ right, all: logs }, smoothing);
};

const given =
  (shape: [number, number], labels: number[], smoothing: number) => (): Parameters<Answer> => [
    normal(shape, 3),
    tf.tensor1d(labels, "int32"),
    smoothing,
  ];

const reference: Answer = (logits, labels, smoothing) => {
  const logs = tf.logSoftmax(logits as tf.Tensor2D); // rows of logits, float32 [N, V]
  const right = logs.mul(tf.oneHot(labels.toInt(), logits.shape[1] ?? 0)).sum(1);
  return right.mul(1 - smoothing).add(logs.mean(1).mul(smoothing)).mean().neg();
};

/** 5.5b: cross-entropy against labels that are sure by 1 − smoothing only. */
export default exercise<Answer>({
  name: "smoothedLoss",
  reference,
  returns: "tensor",
  cases: {
    "3 rows of 5 tokens, smoothing 0.1": given([3, 5], [0, 4, 2], 0.1),
    "no smoothing": given([3, 5], [1, 1, 3], 0),
    "2 rows of 7 tokens, smoothing 0.5": given([2, 7], [6, 0], 0.5),
    "smoothing 1: the label does not count": given([2, 4], [0, 3], 1),
    "large logits": () => [normal([2, 4], 5, 200), tf.tensor1d([1, 2], "int32"), 0.1],
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "nothing is smoothed: smoothing / V goes to every token": altered(({ right }) =>
      right.mean().neg()
    ),
    "the label's share is not reduced: 1 − smoothing": altered(({ right, all }, smoothing) =>
      right.add(all.mean(1).mul(smoothing)).mean().neg()
    ),
    "a sum over the vocabulary where a mean belongs: each token gets smoothing / V": altered((
      { right, all },
      smoothing,
    ) => right.mul(1 - smoothing).add(all.sum(1).mul(smoothing)).mean().neg()),
    "smoothing and 1 − smoothing have changed places": altered(({ right, all }, smoothing) =>
      right.mul(smoothing).add(all.mean(1).mul(1 - smoothing)).mean().neg()
    ),
    "the minus is missing: a loss is −log p": altered(({ right, all }, smoothing) =>
      right.mul(1 - smoothing).add(all.mean(1).mul(smoothing)).mean()
    ),
    "a sum over the rows: the loss is a mean over the targets": altered((
      { right, all },
      smoothing,
    ) => right.mul(1 - smoothing).add(all.mean(1).mul(smoothing)).sum().neg()),
    "only the wrong tokens share the rest here, V − 1 of them: PyTorch's and this form give it to all V":
      altered(({ right, all }, smoothing) => {
        const V = all.shape[1] ?? 0, others = all.sum(1).sub(right).div(V - 1);
        return right.mul(1 - smoothing).add(others.mul(smoothing)).mean().neg();
      }),
    "log of softmax overflows for large logits: take logSoftmax": (logits, labels, smoothing) => {
      const e = logits.exp(), logs = e.div(e.sum(1, true)).log();
      const right = logs.mul(tf.oneHot(labels.toInt(), logits.shape[1] ?? 0)).sum(1);
      return right.mul(1 - smoothing).add(logs.mean(1).mul(smoothing)).mean().neg();
    },
    "the smoothing is written in": (logits, labels) => reference(logits, labels, 0.1),
    "one loss per row: give their mean, a scalar": altered(({ right, all }, smoothing) =>
      right.mul(1 - smoothing).add(all.mean(1).mul(smoothing)).neg()
    ),
    "values are read and put in again: no gradient passes": (logits, labels, smoothing) =>
      tf.scalar(reference(logits, labels, smoothing).dataSync()[0] ?? NaN),
  },
  styles: {
    "against a smoothed target": (logits, labels, smoothing) => {
      const V = logits.shape[1] ?? 1;
      const target = tf.oneHot(labels.toInt(), V).mul(1 - smoothing).add(smoothing / V);
      return tf.logSoftmax(logits as tf.Tensor2D).mul(target).sum(1).mean().neg();
    },
    "logsumexp minus what is expected": (logits, labels, smoothing) => {
      const all = tf.logSumExp(logits, 1), V = logits.shape[1] ?? 1;
      const own = logits.mul(tf.oneHot(labels.toInt(), V)).sum(1);
      const expected = own.mul(1 - smoothing).add(logits.mean(1).mul(smoothing));
      return tf.mean(all.sub(expected));
    },
  },
});
