import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { paddingMask } from "../cases.ts";
import { attentionMask, hidingBias } from "../parts.ts";

type Answer = (mask: tf.Tensor) => tf.Tensor;

/** Compares the places of keys (row) with those of queries (column): [1, 1, T, T]. */
function compared(
  mask: tf.Tensor,
  rule: (key: tf.Tensor, query: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const [, T = 0] = mask.shape, places = tf.range(0, T);
  return rule(places.reshape([1, 1, 1, T]), places.reshape([1, 1, T, 1])).cast("float32");
}

const causal = (mask: tf.Tensor) => compared(mask, (key, query) => key.lessEqual(query));
const columns = (mask: tf.Tensor) => mask.expandDims(1).expandDims(1); // [B, 1, 1, T]
const all = (mask: tf.Tensor) => tf.onesLike(attentionMask(mask));
const withCausal = (rule: (key: tf.Tensor, query: tf.Tensor) => tf.Tensor): WrongAnswer<Answer> =>
(
  mask,
) => compared(mask, rule).mul(columns(mask));

const given = (lengths: readonly number[], T: number) => (): Parameters<Answer> => [
  paddingMask(lengths, T),
];

/** 2.4a: causal, and without the pads. */
export default exercise<Answer>({
  name: "attentionMask",
  reference: attentionMask,
  returns: "tensor",
  cases: {
    "sentences of 4, 3 and 1 tokens, T = 4": given([4, 3, 1], 4),
    "two sentences of 3 tokens, T = 3": given([3, 3], 3),
    "one sentence of 5 tokens, T = 7": given([5], 7),
    "one token alone": given([1], 1),
    "a sentence of pads alone": given([0, 2], 2),
    "pads before the sentence": () => [tf.tensor2d([[0, 0, 1, 1], [0, 1, 1, 1]])],
    "a pad in the middle": () => [tf.tensor2d([[1, 0, 1]])],
  },
  drawn: (random) => {
    const T = 1 + random.integer(5), B = 1 + random.integer(3);
    return [paddingMask(Array.from({ length: B }, () => random.integer(T + 1)), T)];
  },
  compiled: true,
  mistakes: {
    "it is not causal: a query must not see keys to its right": (mask) =>
      columns(mask).mul(all(mask)),
    "nothing is hidden: neither the future nor the padding": all,
    "padding is attended to: hide the columns where the padding mask is 0": (mask) =>
      causal(mask).mul(all(mask)),
    "it is the wrong way round: each place sees the future, not the past; keys ≤ query": withCausal(
      (
        key,
        query,
      ) => key.greaterEqual(query),
    ),
    "it is the wrong way round, and padding is attended to: keys ≤ query": (mask) =>
      compared(mask, (key, query) => key.greaterEqual(query)).mul(all(mask)),
    "a place may see itself: keys ≤ query, not keys < query": withCausal((key, query) =>
      key.less(query)
    ),
    "a place sees one key too many, the next one: that is what it is to guess": withCausal((
      key,
      query,
    ) => key.lessEqual(query.add(1))),
    "a place sees itself alone: keys up to the query, not the query only": withCausal((
      key,
      query,
    ) => key.equal(query)),
    "padding hides rows (queries) here: it must hide columns (keys)": (mask) =>
      causal(mask).mul(mask.expandDims(1).expandDims(-1)),
    "padding hides rows (queries) too: it must hide columns (keys) alone": (mask) =>
      attentionMask(mask).mul(mask.expandDims(1).expandDims(-1)),
    "1 and 0 are swapped: 1 = may look": (mask) => tf.sub(1, attentionMask(mask)),
    "these are numbers to add to scores: give 1 and 0, attend() makes the rest of it": [
      (mask) => hidingBias(attentionMask(mask)),
      (mask) => attentionMask(mask).log(),
    ],
    "causal and padding were joined by OR: a key must pass both": (mask) =>
      causal(mask).maximum(columns(mask)),
    "causal and padding were added: 1 and 1 are 2 here; multiply them": (mask) =>
      causal(mask).add(columns(mask)),
    "the padding of the first sentence is used for all: each has its own": (mask) =>
      causal(mask).mul(columns(mask.slice([0], [1]))).mul(all(mask)),
    "the mask has no batch: each sentence has its own, [B, 1, T, T]": causal,
    "the axis of size 1, for the heads, is missing: [B, 1, T, T]": (mask) =>
      attentionMask(mask).squeeze([1]),
    "the axis of size 1 is the second one: [B, 1, T, T], for the heads": (mask) =>
      attentionMask(mask).transpose([1, 0, 2, 3]),
    "true and false are no numbers: cast them to float32, the mask is multiplied with": (mask) =>
      attentionMask(mask).cast("bool"),
    "the numbers are read out (dataSync, arraySync): a compiled step has none yet": (mask) => {
      const rows = mask.arraySync() as number[][]; // [B, T]
      return tf.tensor4d(rows.map((row) => [
        row.map((_, query) => row.map((real, key) => key <= query ? real : 0)),
      ]));
    },
  },
  styles: {
    "by bandPart": (mask) => {
      const [B = 0, T = 0] = mask.shape;
      const real = mask.reshape([B, 1, 1, T]).tile([1, 1, T, 1]);
      return tf.linalg.bandPart(real, -1, 0);
    },
    "by logicalAnd": (mask) => {
      const [, T = 0] = mask.shape, places = tf.range(0, T, 1, "int32");
      const past = tf.greaterEqual(places.expandDims(1), places.expandDims(0));
      return tf.logicalAnd(past, mask.expandDims(1).expandDims(1).notEqual(0)).toFloat();
    },
    "row by row": (mask) => {
      const [B = 0, T = 0] = mask.shape;
      const rows = Array.from(
        { length: T },
        (_, t) => tf.concat([tf.ones([t + 1]), tf.zeros([T - t - 1])]),
      );
      return tf.stack(rows).reshape([1, 1, T, T]).mul(mask.reshape([B, 1, 1, T]));
    },
  },
});
