import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { crossEntropy, forward, type ModelConfig } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import { tinyModel } from "../cases.ts";

type Answer = (params: Params, tokens: tf.Tensor, config: ModelConfig) => tf.Tensor;

/** The tokens without the first and the last so many of each sentence. */
function without(tokens: tf.Tensor, first: number, last: number): tf.Tensor {
  const [B = 0, length = 0] = tokens.shape;
  return tokens.slice([0, first], [B, length - first - last]);
}

const ignorePads = (next: tf.Tensor) =>
  tf.where(next.equal(0), tf.scalar(IGNORE_INDEX, "int32"), next);

/** The loss of what is read against what is predicted, both cut out of the tokens. */
const put =
  (parts: (tokens: tf.Tensor) => { ids: tf.Tensor; labels: tf.Tensor }): WrongAnswer<Answer> =>
  (params, tokens, config) => {
    const { ids, labels } = parts(tokens);
    return crossEntropy(forward(config, params, ids).logits, labels.reshape([-1]));
  };

const reference: Answer = (params, tokens, config) => {
  const { logits } = forward(config, params, without(tokens, 0, 1));
  return crossEntropy(logits, ignorePads(without(tokens, 1, 0)).reshape([-1]));
};

const task = (sentences: number[][], settings: Parameters<typeof tinyModel>[0] = {}) => () => {
  const { config, params } = tinyModel(settings);
  const shape = [sentences.length, sentences[0]?.length ?? 0] as [number, number]; // rows are alike
  return [params, tf.tensor2d(sentences, shape, "int32"), config] satisfies Parameters<Answer>;
};

/** 1 is <bos>, 2 is <eos>, 0 fills up. */
const THREE = [[1, 4, 5, 6, 7, 2], [1, 8, 9, 2, 0, 0], [1, 4, 10, 11, 2, 0]];

/** 3.2b: each token is the label of the place before it. */
export default exercise<Answer>({
  name: "batchLoss",
  reference,
  returns: "tensor",
  cases: {
    "3 sentences of 6, 4 and 5 tokens": task(THREE),
    "one sentence of 3 tokens, 2 layers": task([[1, 12, 2]], { layers: 2 }),
    "2 sentences without pads": task([[1, 3, 3, 2], [1, 7, 12, 2]], { heads: 4 }),
    "an empty sentence beside a long one": task([[1, 2, 0, 0, 0], [1, 5, 6, 7, 2]]),
  },
  drawn: (random, i) => {
    const lengths = Array.from({ length: 1 + random.integer(3) }, () => 2 + random.integer(5));
    const longest = Math.max(...lengths);
    const sentence = (length: number) => [
      1,
      ...Array.from({ length: length - 2 }, () => 3 + random.integer(10)),
      2,
      ...Array<number>(longest - length).fill(0),
    ];
    return task(lengths.map(sentence), { tiedHead: i % 2 === 0 })();
  },
  drawnCount: 6,
  gradients: true,
  compiled: true,
  mistakes: {
    "the labels are not shifted: the model is asked for the very token that it sees": [
      put((tokens) => ({ ids: tokens, labels: ignorePads(tokens) })),
      put((tokens) => ({ ids: without(tokens, 0, 1), labels: ignorePads(without(tokens, 0, 1)) })),
    ],
    "the labels are shifted twice: the label of place t is token t + 1, not t + 2": put((
      tokens,
    ) => ({
      ids: without(tokens, 0, 2),
      labels: ignorePads(without(tokens, 2, 0)),
    })),
    "this predicts the token before: ids lose the last token, labels the first": put((tokens) => ({
      ids: without(tokens, 1, 0),
      labels: ignorePads(without(tokens, 0, 1)),
    })),
    "pads are learned: where the next token is 0, <pad>, the label is -100": put((tokens) => ({
      ids: without(tokens, 0, 1),
      labels: without(tokens, 1, 0),
    })),
    "<eos> is left out of the labels: the model must learn where a sentence ends": put((tokens) => {
      const next = without(tokens, 1, 0), ignored = tf.scalar(IGNORE_INDEX, "int32");
      return { ids: without(tokens, 0, 1), labels: tf.where(next.lessEqual(2), ignored, next) };
    }),
    "labels are ignored by what is read: go by the label, the next token": put((tokens) => {
      const ids = without(tokens, 0, 1), next = without(tokens, 1, 0);
      return { ids, labels: tf.where(ids.equal(0), tf.scalar(IGNORE_INDEX, "int32"), next) };
    }),
    "this is the sum: give the mean over the targets": (params, tokens, config) => {
      const { logits } = forward(config, params, without(tokens, 0, 1));
      return crossEntropy(logits, ignorePads(without(tokens, 1, 0)).reshape([-1]), { divisor: 1 });
    },
    "this is divided by all places: divide by the labels that count": (params, tokens, config) => {
      const { logits } = forward(config, params, without(tokens, 0, 1));
      const labels = ignorePads(without(tokens, 1, 0)).reshape([-1]);
      return crossEntropy(logits, labels, { divisor: labels.size });
    },
  },
  styles: {
    "with a mask": (params, tokens, config) => {
      const [B = 0, length = 0] = tokens.shape;
      const [ids, next] = [0, 1].map((from) => tokens.slice([0, from], [B, length - 1]));
      if (ids === undefined || next === undefined) throw new RangeError("two parts");
      const mask = ids.notEqual(0).cast("float32");
      const { logits } = forward(config, params, ids, { mask });
      return crossEntropy(
        logits,
        tf.where(next.equal(0), tf.fill(next.shape, -100, "int32"), next).flatten(),
      );
    },
    "split and shifted labels by arithmetic": (params, tokens, config) => {
      const ids = tokens.slice([0, 0], [-1, (tokens.shape[1] ?? 0) - 1]);
      const next = tokens.slice([0, 1], [-1, -1]).flatten();
      const { logits } = forward(config, params, ids);
      const isPad = next.equal(0).cast("int32");
      return crossEntropy(logits, next.sub(isPad.mul(tf.scalar(100, "int32"))));
    },
  },
});
