import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { causalMask, normalTensor, paddingMask, READ_OUT, withoutGradient } from "../cases.ts";
import {
  attend,
  type Attended,
  attentionMask,
  hidingBias,
  type QueriesKeysValues,
} from "../parts.ts";

type Answer = (input: QueriesKeysValues, allowed: tf.Tensor) => Attended;

/** Attention with some lines done otherwise. */
interface Lines {
  readonly scores?: (input: QueriesKeysValues, D: number) => tf.Tensor;
  readonly masked?: (scores: tf.Tensor, allowed: tf.Tensor) => tf.Tensor;
  readonly shares?: (scores: tf.Tensor, allowed: tf.Tensor) => tf.Tensor;
  readonly mixed?: (weights: tf.Tensor, input: QueriesKeysValues) => tf.Tensor;
}

const attendWith = (lines: Lines): WrongAnswer<Answer> => (input, allowed) => {
  const { scores = (from, D) => product(from).div(Math.sqrt(D)), mixed = mix } = lines;
  const { masked = hide, shares = (hidden) => tf.softmax(hidden) } = lines;
  const weights = shares(masked(scores(input, input.queries.shape[3] ?? 0), allowed), allowed);
  return { weights, mixed: mixed(weights, input) };
};

const product = ({ queries, keys }: Pick<QueriesKeysValues, "queries" | "keys">) =>
  tf.matMul(queries, keys, false, true);
const mix = (weights: tf.Tensor, { values }: QueriesKeysValues) => tf.matMul(weights, values);
const hide = (scores: tf.Tensor, allowed: tf.Tensor) => scores.add(hidingBias(allowed));

/** Softmax over any axis, as tf.softmax refuses to do it. */
const softmaxOver = (axis: number) => (scores: tf.Tensor) => {
  const exponentials = scores.sub(scores.max(axis, true)).exp();
  return exponentials.div(exponentials.sum(axis, true));
};

const overflowing = (scores: tf.Tensor, allowed: tf.Tensor) => {
  const exponentials = scores.exp().mul(allowed);
  return exponentials.div(exponentials.sum(-1, true));
};

/** Three different tensors, and the mask; large queries make scores of some hundreds. */
const given = (
  shape: readonly [B: number, H: number, T: number, D: number],
  { allowed = causalMask(shape[2]), factor = 1 } = {},
): Parameters<Answer> => {
  const [queries, keys, values] = [1, 2, 3].map((seed) => normalTensor(shape, seed)) as [
    tf.Tensor, // three seeds give three tensors
    tf.Tensor,
    tf.Tensor,
  ];
  return [{ queries: queries.mul(factor), keys, values }, allowed];
};

const padded = () => attentionMask(paddingMask([5, 3], 5));

/** 2.4b: softmax(q kᵀ / √D) v, only where allowed. */
export default exercise<Answer>({
  name: "attend",
  reference: attend,
  returns: { mixed: "tensor", weights: "tensor" },
  cases: {
    "B 2, H 3, T 5, D 4, with padding": () => given([2, 3, 5, 4], { allowed: padded() }),
    "B 1, H 2, T 3, D 9": () => given([1, 2, 3, 9]),
    "as many heads as positions and channels": () => given([2, 3, 3, 3]),
    "one position": () => given([2, 1, 1, 4]),
    "scores of some hundreds": () => given([1, 2, 4, 4], { factor: 200 }),
    "nothing hidden": () => given([1, 2, 4, 4], { allowed: tf.ones([1, 1, 4, 4]) }),
  },
  gradients: ({ queries, keys, values }) => [queries, keys, values],
  compiled: true,
  mistakes: {
    "the scale is missing: divide the scores by √D": attendWith({ scores: product }),
    "the scores are divided by √C: it is √D, the channels of one head": [
      attendWith({
        scores: (input, D) => product(input).div(Math.sqrt(D * (input.queries.shape[1] ?? 0))),
      }),
      ...[2, 3, 4].map((H) =>
        attendWith({ scores: (input, D) => product(input).div(Math.sqrt(H * D)) })
      ),
    ],
    "the scores are divided by √T: it is √D, the channels of one head": attendWith({
      scores: (input) => product(input).div(Math.sqrt(input.queries.shape[2] ?? 0)),
    }),
    "the scores are divided by D: it is √D": attendWith({
      scores: (input, D) => product(input).div(D),
    }),
    "the scores are multiplied by √D: divide by it": attendWith({
      scores: (input, D) => product(input).mul(Math.sqrt(D)),
    }),
    "D is written as a number: take it from the shape": [4, 9, 64].map((D) =>
      attendWith({ scores: (input) => product(input).div(Math.sqrt(D)) })
    ),
    "the mask is not used: add a large negative number where it is 0": attendWith({
      masked: (scores) => scores,
    }),
    "the mask is the wrong way round: hide where it is 0, not where it is 1": attendWith({
      masked: (scores, allowed) => hide(scores, tf.sub(1, allowed)),
    }),
    "a hidden score is 0 here, and e⁰ = 1 is a share like any: it must be very negative":
      attendWith({
        masked: (scores, allowed) => scores.mul(allowed),
      }),
    "what hides is too small: a hidden score must be far below any other": [-1, -10, -100].map((
      low,
    ) => attendWith({ masked: (scores, allowed) => scores.add(tf.sub(1, allowed).mul(low)) })),
    "softmax runs before the mask here, so the rows no longer sum to 1: mask the scores":
      attendWith({
        masked: (scores) => scores,
        shares: (scores, allowed) => tf.softmax(scores).mul(allowed),
      }),
    "softmax runs over the queries here: it must run over the keys, the last axis": attendWith({
      shares: softmaxOver(2),
    }),
    "softmax runs over the heads here: it must run over the keys, the last axis": attendWith({
      shares: softmaxOver(1),
    }),
    "these are scores: softmax is missing": attendWith({ shares: (scores) => scores }),
    "softmax is there twice": attendWith({ shares: (scores) => tf.softmax(tf.softmax(scores)) }),
    "these are logarithms: softmax, not logSoftmax": attendWith({
      shares: (scores) => tf.logSoftmax(scores),
    }),
    "e to a score of 89 is too large for float32: take tf.softmax, which subtracts the largest first":
      attendWith({ masked: (scores) => scores, shares: overflowing }),
    "keys ask queries here: the scores are q kᵀ": attendWith({
      scores: ({ queries, keys }, D) => product({ queries: keys, keys: queries }).div(Math.sqrt(D)),
    }),
    "the keys were mixed: mix the values": attendWith({
      mixed: (weights, { keys }) => tf.matMul(weights, keys),
    }),
    "the queries were mixed: mix the values": attendWith({
      mixed: (weights, { queries }) => tf.matMul(weights, queries),
    }),
    "the weights stand transposed here: weights times values, [T, T] times [T, D]": attendWith({
      mixed: (weights, { values }) => tf.matMul(weights, values, true),
    }),
    "the two results are swapped: { mixed, weights }": (...args) => {
      const { mixed, weights } = attend(...args);
      return { mixed: weights, weights: mixed };
    },
    "both results are asked for, in a record: { mixed, weights }": [
      (...args) => attend(...args).mixed,
      (...args) => attend(...args).weights,
      (...args) => [attend(...args).mixed, attend(...args).weights],
      (...args) => ({ output: attend(...args).mixed, weights: attend(...args).weights }),
    ],
    "the weights are missing: give { mixed, weights }": (...args) => ({
      mixed: attend(...args).mixed,
    }),
    [READ_OUT]: [
      attendWith({ shares: (scores) => withoutGradient(tf.softmax(scores)) }),
      (...args) => {
        const { mixed, weights } = attend(...args);
        return { mixed: withoutGradient(mixed), weights: withoutGradient(weights) };
      },
    ],
  },
  styles: {
    "by where and -Infinity": ({ queries, keys, values }, allowed) => {
      const [, , , D = 0] = queries.shape,
        scores = product({ queries: queries.div(D ** 0.5), keys });
      const weights = tf.softmax(tf.where(allowed.cast("bool"), scores, -Infinity));
      return { weights, mixed: weights.matMul(values) };
    },
    "softmax by hand, the largest score taken off": ({ queries, keys, values }, allowed) => {
      const scores = queries.matMul(keys.transpose([0, 1, 3, 2])).mul((keys.shape[3] ?? 1) ** -0.5);
      const shown = scores.sub(tf.mul(tf.sub(1, allowed), 1e6));
      const powers = shown.sub(shown.max(-1, true)).exp();
      const weights = powers.div(powers.sum(-1, true));
      return { mixed: tf.matMul(weights, values), weights };
    },
  },
});
