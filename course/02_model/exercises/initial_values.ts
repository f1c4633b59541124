import { CountingRandom, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { correlation, share, sortedSizes } from "../draws.ts";
import { drawUniform, initialValues, weightDeviation } from "../parts.ts";

type Answer = typeof initialValues;

/** The right values, but for the parameters that match. */
const begin =
  (names: RegExp, values: WrongAnswer<Answer>): WrongAnswer<Answer> => (name, ...rest) =>
    (names.test(name) ? values : initialValues)(name, ...rest);

const filled = (value: number): WrongAnswer<Answer> => (_, [rows = 1, columns = 1]) =>
  new Float32Array(rows * columns).fill(value);

const normal =
  (deviation: (fanIn: number, fanOut: number) => number): WrongAnswer<Answer> =>
  (_, [rows = 1, columns = 1], random) =>
    Float32Array.from({ length: rows * columns }, () => deviation(rows, columns) * random.normal());

const uniform =
  (deviation: (fanIn: number, fanOut: number) => number): WrongAnswer<Answer> =>
  (_, [rows = 1, columns = 1], random) =>
    drawUniform(rows * columns, deviation(rows, columns), random);

const xavier = (fanIn: number, fanOut: number) => weightDeviation("xavier", fanIn, fanOut);
const GAINS = /Norm\.weight/, BIASES = /\.bias/, EMBEDDINGS = /Embedding/;
const QKV = /qkv\.weight/,
  LINEAR = /(output|up|down)\.weight/,
  WEIGHTS = /(qkv|output|up|down)\.weight/;

const asked = (name: string, shape: readonly number[], seed: number) => (): Parameters<Answer> => [
  name,
  shape,
  new CountingRandom(seed, 4 * shape.reduce((size, axis) => size * axis, 1) + 100),
];

/** What holds of every weight that is drawn. */
function expectDrawn(answer: Answer, name: string, shape: readonly number[]): void {
  const numbers = answer(...asked(name, shape, 21)()), [, columns = 1] = shape;
  const above = share(numbers, (x) => x > 0);
  expectThat(
    Math.abs(above - 0.5) < 0.05,
    `expected half of ${name} above 0, got a share of ${above.toFixed(3)}`,
  );
  for (
    const [distance, what] of [[1, "neighbours"], [columns / 3, "parts"], [
      columns,
      "rows",
    ]] as const
  ) {
    const found = correlation(numbers, distance);
    expectThat(
      Math.abs(found) < 0.1,
      `expected numbers of ${name} that know nothing of each other, got a correlation of ${
        found.toFixed(2)
      } between ${what}; draw each number by itself`,
    );
  }
}

/** 2.2c: how each parameter begins. */
export default exercise<Answer>({
  name: "initialValues",
  reference: initialValues,
  returns: "Float32Array",
  cases: {
    "blocks.0.attention.qkv.weight [6, 18]": asked("blocks.0.attention.qkv.weight", [6, 18], 5),
    "blocks.3.attention.qkv.weight [4, 12]": asked("blocks.3.attention.qkv.weight", [4, 12], 16),
    "blocks.2.feedForward.up.weight [4, 9]": asked("blocks.2.feedForward.up.weight", [4, 9], 6),
    "blocks.2.feedForward.down.weight [9, 4]": asked("blocks.2.feedForward.down.weight", [9, 4], 7),
    "blocks.11.attention.output.weight [6, 6]": asked(
      "blocks.11.attention.output.weight",
      [6, 6],
      8,
    ),
    "head.weight [6, 11]": asked("head.weight", [6, 11], 17),
    "tokenEmbedding.weight [11, 6]": asked("tokenEmbedding.weight", [11, 6], 9),
    "positionEmbedding.weight [5, 6]": asked("positionEmbedding.weight", [5, 6], 10),
    "blocks.0.attentionNorm.weight [6]": asked("blocks.0.attentionNorm.weight", [6], 11),
    "finalNorm.weight [4]": asked("finalNorm.weight", [4], 12),
    "blocks.1.attention.qkv.bias [18]": asked("blocks.1.attention.qkv.bias", [18], 13),
    "blocks.1.feedForwardNorm.bias [6]": asked("blocks.1.feedForwardNorm.bias", [6], 14),
    "finalNorm.bias [6]": asked("finalNorm.bias", [6], 15),
  },
  // Which number comes from which draw, and with which sign, is the answer's choice.
  read: (numbers) => sortedSizes(numbers),
  properties: Object.fromEntries(
    ["blocks.0.attention.qkv.weight", "blocks.1.feedForward.up.weight", "tokenEmbedding.weight"]
      .map((
        name,
      ) => [
        `the draws of ${name} [48, 96]`,
        (answer: Answer) => expectDrawn(answer, name, [48, 96]),
      ]),
  ),
  mistakes: {
    "a gain of 0 silences the layer: x̂ · 0 + 0 is 0 for every token": begin(GAINS, filled(0)),
    "a norm starts as one that only normalises: its gains are 1": [
      begin(GAINS, normal(() => 0.02)),
      begin(GAINS, uniform(xavier)),
    ],
    "a bias begins at 0: it breaks no symmetry, the weights do that": [
      begin(BIASES, normal(() => 0.02)),
      begin(BIASES, uniform(xavier)),
      begin(BIASES, filled(1)),
    ],
    "the norm's bias is taken for its gain: ask for `.bias` first": begin(/Norm\.bias/, filled(1)),
    "equal rows never differ: with embeddings of 0 all tokens would stay one token": begin(
      EMBEDDINGS,
      filled(0),
    ),
    "embeddings of deviation 1 make the logits 50 times too large, and the first loss too": begin(
      EMBEDDINGS,
      normal(() => 1),
    ),
    "0.02 is the deviation of embeddings, not their variance": begin(
      EMBEDDINGS,
      normal(() => Math.sqrt(0.02)),
    ),
    "0.02 is the deviation of embeddings, not its square": begin(
      EMBEDDINGS,
      normal(() => 0.02 ** 2),
    ),
    "an embedding is looked up, not multiplied: it has no fan-in; take normal with 0.02": [
      begin(EMBEDDINGS, normal(xavier)),
      begin(EMBEDDINGS, uniform(xavier)),
    ],
    "embeddings are normal, not uniform: 0.02 * random.normal()": begin(
      EMBEDDINGS,
      uniform(() => 0.02),
    ),
    "the position embedding is an embedding too": begin(/positionEmbedding/, uniform(xavier)),
    "qkv is three layers side by side: each has a third of the columns as its outputs": [
      begin(QKV, uniform(xavier)),
      begin(QKV, normal(xavier)),
      begin(
        QKV,
        (_, [rows = 1, columns = 1], random) =>
          drawUniform(rows * columns, xavier(rows / 3, columns), random),
      ),
    ],
    "only `qkv` is three layers: all other weights have all their columns as outputs": begin(
      LINEAR,
      uniform((fanIn, fanOut) => xavier(fanIn, fanOut / 3)),
    ),
    "that is He's rule, not Xavier's": [
      begin(WEIGHTS, uniform((fanIn) => weightDeviation("he", fanIn, 0))),
      begin(WEIGHTS, normal((fanIn) => weightDeviation("he", fanIn, 0))),
    ],
    "zeros pass nothing on, and all outputs would learn the same": [
      begin(WEIGHTS, filled(0)),
      begin(LINEAR, filled(0)),
    ],
    "that is the embeddings' normal with 0.02: linear weights are Xavier-uniform": [
      begin(WEIGHTS, normal(() => 0.02)),
      begin(LINEAR, normal(() => 0.02)),
    ],
    "linear weights are uniform here: drawUniform with the deviation by Xavier": [
      begin(WEIGHTS, normal(xavier)),
      begin(
        WEIGHTS,
        (name, [rows = 1, columns = 1], random) =>
          normal((fanIn, fanOut) => xavier(fanIn, name.includes("qkv") ? fanOut / 3 : fanOut))(
            name,
            [rows, columns],
            random,
          ),
      ),
    ],
    "the deviation is not the limit: hand it to drawUniform": begin(
      WEIGHTS,
      (name, shape, random) =>
        Float32Array.from(initialValues(name, shape, random), (x) => x / Math.sqrt(3)),
    ),
    "the numbers of one row are missing or repeated: there are rows · columns": [
      begin(WEIGHTS, (_, [rows = 1]) => new Float32Array(rows)),
      begin(LINEAR, (_, [rows = 1]) => new Float32Array(rows)),
      begin(WEIGHTS, (name, [rows = 1, columns = 1], random) => {
        const row = initialValues(name, [rows, columns], random).subarray(0, columns);
        return Float32Array.from({ length: rows * columns }, (_, i) => row[i % columns] ?? 0);
      }),
    ],
    "query, key and value get the same numbers: draw each third by itself": begin(
      QKV,
      (_, [rows = 1, columns = 1], random) => {
        const width = columns / 3, one = drawUniform(rows * width, xavier(rows, width), random);
        return Float32Array.from(
          { length: rows * columns },
          (_, i) => one[Math.floor(i / columns) * width + i % width] ?? 0,
        );
      },
    ),
    "that is a generator of your own: all parameters begin with the same numbers; use `random`": [
      (name, shape) => initialValues(name, shape, new CountingRandom(1)),
      (name, shape) => initialValues(name, shape, new CountingRandom(42)),
    ],
  },
  styles: {
    "by the last words of the path": (name, shape, random) => {
      const [kind = "", end = ""] = name.split(".").slice(-2);
      const size = shape.reduce((product, axis) => product * axis, 1),
        values = new Float32Array(size);
      if (end === "bias") return values;
      if (kind.includes("Norm")) return values.fill(1);
      const [fanIn = 1, fanOut = 1] = shape;
      const limit = Math.sqrt(6 / (fanIn + (kind === "qkv" ? fanOut / 3 : fanOut)));
      return values.map(() =>
        kind.includes("Embedding") ? random.normal() / 50 : limit - 2 * limit * random.uniform()
      );
    },
    "query, key and value one after the other": (name, [rows = 1, columns = 1], random) => {
      if (!name.endsWith("qkv.weight")) return initialValues(name, [rows, columns], random);
      const width = columns / 3, values = new Float32Array(rows * columns);
      for (let part = 0; part < 3; part++) {
        const third = drawUniform(rows * width, Math.sqrt(2 / (rows + width)), random);
        third.forEach((value, i) => {
          values[Math.floor(i / width) * columns + part * width + i % width] = value;
        });
      }
      return values;
    },
  },
});
