import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { crossEntropy, targetLosses } from "lib/model/mod.ts";
import { normalTensor } from "../cases.ts";
import { numberOf } from "../loop.ts";

type Divisor = { readonly divisor?: number | tf.Tensor | undefined };
type Answer = (logits: tf.Tensor, labels: tf.Tensor, options?: Divisor) => tf.Tensor;

/** What the loss is put together from. */
interface Parts {
  readonly logits: tf.Tensor;
  readonly labels: tf.Tensor;
  /** 1 where a label counts. */
  readonly isTarget: tf.Tensor;
  readonly oneHot: tf.Tensor;
  /** The loss of each row, of those that are ignored too. */
  readonly losses: tf.Tensor;
  /** What the sum is divided by. */
  readonly divisor: number | tf.Tensor;
}

/** The parts put together wrongly, by who uses the divisor and by who forgets it. */
function put(
  together: (parts: Parts) => unknown,
  count = ({ isTarget }: Omit<Parts, "divisor">): number | tf.Tensor => isTarget.sum(),
): WrongAnswer<Answer>[] {
  return [true, false].map((isDivisorUsed) => (logits, labels, { divisor } = {}) => {
    const shifted = logits.sub(logits.max(1, true));
    const isTarget = labels.notEqual(IGNORE_INDEX).cast("float32");
    const oneHot = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0).cast("float32");
    const losses = shifted.exp().sum(1).log().sub(shifted.mul(oneHot).sum(1));
    const parts = { logits, labels, isTarget, oneHot, losses };
    return together({ ...parts, divisor: isDivisorUsed && divisor || count(parts) });
  });
}

/** The mean of losses that are not those of the labels' probabilities. */
const mean = (lossesOf: (parts: Parts) => tf.Tensor) =>
  put((parts) => lossesOf(parts).mul(parts.isTarget).sum().div(parts.divisor));

/** Losses without taking the largest logit off. */
const unshifted = ({ logits, oneHot }: Parts) => logits.logSumExp(1).sub(logits.mul(oneHot).sum(1));

/** From the probability of each row's label. */
const ofProbabilities = ({ logits, oneHot }: Parts, axis = 1) => {
  const p = axis === 1 ? logits.softmax() : logits.transpose().softmax().transpose();
  return p.mul(oneHot).sum(1);
};

const rows = (labels: number[]) => tf.tensor1d(labels, "int32");
const scores = (...values: number[][]) => tf.tensor2d(values);
const FOUR = () => [normalTensor([4, 5], 1, 2), rows([2, IGNORE_INDEX, 0, 4])] as const;

const reference: Answer = (logits, labels, { divisor } = {}) =>
  crossEntropy(logits, labels, divisor === undefined ? {} : { divisor });

/** 3.2a: the mean surprise at the labels, from logits. */
export default exercise<Answer>({
  name: "crossEntropy",
  reference,
  returns: "tensor",
  cases: {
    "4 rows, one of them labelled -100": () => [...FOUR()],
    "a logit as large as 1000": () => [scores([1000, 0, 0], [0, 1, 2]), rows([1, 0])],
    "a logit as small as -1000": () => [scores([0, 0, -1000]), rows([2])],
    "divisor 10": () => [...FOUR(), { divisor: 10 }],
    "divisor 1": () => [...FOUR(), { divisor: 1 }],
    "divisor tf.scalar(0.5)": () => [...FOUR(), { divisor: tf.scalar(0.5) }],
    "one row of 2 words": () => [scores([0.5, -1]), rows([1])],
    "equal logits": () => [scores([3, 3, 3, 3], [3, 3, 3, 3]), rows([0, 3])],
    "all rows labelled -100, divisor 4": () => [
      normalTensor([2, 3], 2),
      rows([IGNORE_INDEX, IGNORE_INDEX]),
      { divisor: 4 },
    ],
    "the first and the last row labelled -100": () => [
      normalTensor([5, 3], 3),
      rows([IGNORE_INDEX, 1, IGNORE_INDEX, 2, IGNORE_INDEX]),
    ],
  },
  drawn: (random, i) => {
    const N = 1 + random.integer(i + 1), V = 2 + random.integer(4);
    const labels = Array.from({ length: N }, () => random.integer(V));
    if (N > 1 && random.integer(2) === 0) labels[random.integer(N)] = IGNORE_INDEX;
    return [normalTensor([N, V], 10 + i, 3), rows(labels)];
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "softmax overflows, e^1000 is Infinity: subtract each row's largest logit first": [
      ...put(({ logits, isTarget, oneHot, divisor }) => {
        const exponentials = logits.exp(), p = exponentials.div(exponentials.sum(1, true));
        const losses = p.mul(oneHot).sum(1).log().neg();
        return tf.where(isTarget.equal(1), losses, 0).sum().div(divisor);
      }),
      ...mean(({ logits, oneHot }) => logits.exp().sum(1).log().sub(logits.mul(oneHot).sum(1))),
    ],
    "the probability of an unlikely label became 0: never take the logarithm of a probability, work with logits minus log Σ exp":
      put((parts) => {
        const losses = tf.where(parts.isTarget.equal(1), ofProbabilities(parts).log().neg(), 0);
        return losses.sum().div(parts.divisor);
      }),
    "a small number inside the logarithm hides that p became 0: never take the logarithm of a probability":
      [1e-12, 1e-9, 1e-8, 1e-7, 1e-6].flatMap((tiny) =>
        mean((parts) => ofProbabilities(parts).add(tiny).log().neg())
      ),
    "one largest logit is subtracted from all rows: each row has its own, logits.max(1, true)":
      mean((
        { logits, oneHot },
      ) => {
        const shifted = logits.sub(logits.max());
        return shifted.exp().sum(1).log().sub(shifted.mul(oneHot).sum(1));
      }),
    "this is the mean over pads too: divide by the labels that are not -100": put(
      ({ losses, isTarget, divisor }) => losses.mul(isTarget).sum().div(divisor),
      ({ labels }) => labels.size,
    ),
    "the row labelled -100 is not ignored: it adds its log Σ exp": [
      ...put(({ losses, divisor }) => losses.sum().div(divisor)),
      ...put(({ losses, divisor }) => losses.sum().div(divisor), ({ labels }) => labels.size),
      ...put((parts) => unshifted(parts).sum().div(parts.divisor)),
      ...put((parts) => unshifted(parts).sum().div(parts.divisor), ({ labels }) => labels.size),
    ],
    "label 0 is left out: what is ignored is -100, not the id of <pad>": put(
      ({ losses, labels, divisor }) =>
        losses.mul(labels.greater(0).cast("float32")).sum().div(divisor),
      ({ labels }) => labels.greater(0).cast("float32").sum(),
    ),
    "label 0 is left out and -100 is not: compare with -100": [
      (parts: Parts) => parts.losses,
      unshifted,
    ].flatMap((lossesOf) =>
      put(
        (parts) =>
          lossesOf(parts).mul(parts.labels.notEqual(0).cast("float32")).sum().div(parts.divisor),
        ({ labels }) => labels.notEqual(0).cast("float32").sum(),
      )
    ),
    "this is the sum: divide by the number of labels that are not -100": put(
      ({ losses, isTarget, divisor }) => losses.mul(isTarget).sum().div(divisor),
      () => 1,
    ),
    "the sign is wrong: a loss is −log p, so it is never negative": mean(({ losses }) =>
      losses.neg()
    ),
    "this is in bits: take the natural logarithm": mean(({ losses }) => losses.div(Math.LN2)),
    "softmax is taken twice: logits go in, not probabilities": put((
      { logits, labels, divisor },
    ) => targetLosses(logits.softmax(), labels).sum().div(divisor)),
    "softmax goes over the rows: it must go over the vocabulary, the last axis": mean((parts) =>
      tf.where(parts.isTarget.equal(1), ofProbabilities(parts, 0).log().neg(), 0)
    ),
    "this is 1 − p: the logarithm is missing": mean((parts) => tf.sub(1, ofProbabilities(parts))),
    "each row has its loss here: sum them up to one number": [
      ...put(({ losses, isTarget, divisor }) => losses.mul(isTarget).div(divisor)),
      ...put(({ losses, isTarget }) => losses.mul(isTarget)).slice(1),
    ],
    "it is divided twice: by the targets and by the divisor": (
      logits,
      labels,
      { divisor = 1 } = {},
    ) => crossEntropy(logits, labels).div(divisor),
    "the divisor is not used: it stands in for the number of targets": [
      (logits, labels) => crossEntropy(logits, labels),
      ...mean(({ losses }) => losses).slice(1),
    ],
    "this is the gradient of another function: it is (softmax − one-hot) / targets, and 0 in ignored rows":
      (logits, labels, options) => {
        const sum = logits.sum();
        return sum.sub(numberOf(sum)).add(numberOf(reference(logits, labels, options)));
      },
  },
  styles: {
    "log-softmax": (logits, labels, { divisor } = {}) => {
      const isTarget = tf.cast(labels.notEqual(-100), "float32");
      const picked = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0).cast("float32");
      const losses = logits.logSoftmax().neg().mul(picked).sum(-1);
      return tf.div(losses.mul(isTarget).sum(), divisor ?? isTarget.sum());
    },
    "logSumExp minus the right one": (logits, labels, { divisor } = {}) => {
      const picked = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0).cast("float32");
      const right = logits.mul(picked).sum(1), zero = tf.zerosLike(right);
      const losses = tf.where(labels.greaterEqual(0), logits.logSumExp(1).sub(right), zero);
      return losses.sum().div(divisor ?? labels.greaterEqual(0).cast("float32").sum());
    },
    "weights that sum to 1": (logits, labels, { divisor } = {}) => {
      const counts = labels.notEqual(-100).cast("float32");
      const weights = counts.div(divisor ?? counts.sum());
      const shifted = logits.sub(logits.max(-1, true));
      const picked = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0).cast("float32");
      return shifted.exp().sum(1).log().sub(shifted.mul(picked).sum(1)).dot(weights).asScalar();
    },
  },
});
