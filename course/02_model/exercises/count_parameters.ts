import { exercise } from "lib/grade/mod.ts";
import { type ModelConfig, modelConfig, paramShapes } from "lib/model/mod.ts";

type Answer = (config: ModelConfig) => number;

/** Sizes of which no two are alike, so that a mistake in one product shows in the sum. */
const ODD = {
  vocabSize: 23,
  hiddenSize: 10,
  heads: 2,
  layers: 3,
  feedForwardSize: 17,
  maxLength: 9,
} as const;

/** A count in which some parameters weigh otherwise than once; names as `blocks.0.feedForward.up.bias`. */
function counted(weight: (name: string, config: ModelConfig) => number = () => 1): Answer {
  return (config) =>
    Object.entries(paramShapes(config)).reduce(
      (sum, [name, shape]) =>
        sum + weight(name, config) * shape.reduce((product, axis) => product * axis, 1),
      0,
    );
}

const right = counted();
const without = (names: RegExp) => counted((name) => names.test(name) ? 0 : 1);
const tiedPlus = (extra: (config: ModelConfig) => number): Answer => (config) =>
  right(config) + (config.tiedHead ? extra(config) : 0);

/** 2.1a: how many numbers training may change. */
export default exercise<Answer>({
  name: "countParameters",
  reference: right,
  returns: "number",
  tolerance: 0,
  cases: {
    "a small model with an output head of its own":
      () => [modelConfig({ ...ODD, tiedHead: false })],
    "a small model with a tied head": () => [modelConfig(ODD)],
    "the exercise's model": () => [modelConfig()],
    "one block": () => [modelConfig({ ...ODD, layers: 1 })],
    "a wide model with an output head of its own": () => [
      modelConfig({ hiddenSize: 320, heads: 5, layers: 7, tiedHead: false }),
    ],
  },
  drawn: (random) => {
    const heads = 1 + random.integer(4), upTo = (most: number) => 1 + random.integer(most);
    return [modelConfig({
      heads,
      hiddenSize: heads * upTo(9),
      vocabSize: upTo(30),
      layers: upTo(5),
      feedForwardSize: upTo(30),
      maxLength: upTo(30),
      tiedHead: random.integer(2) === 0,
    })];
  },
  mistakes: {
    "the biases of the linear layers are missing: each has one per output": without(
      /(qkv|output|up|down|head)\.bias$/,
    ),
    "the biases of linear layers and of norms are missing": without(/\.bias$/),
    "a layer norm has a gain and a bias: 2 C, not C": without(/Norm\.bias$/),
    "the layer norms are missing: two in each block and one at the end, 2 C each": without(
      /Norm\./,
    ),
    "each block has two layer norms, one before attention and one before feed-forward": without(
      /feedForwardNorm/,
    ),
    "the last norm, after the blocks, is missing": without(/finalNorm/),
    "the position embedding is missing: a row per position": without(/positionEmbedding/),
    "query, key and value are three layers: 3 (C² + C) together": counted((name) =>
      name.includes("qkv") ? 1 / 3 : 1
    ),
    "attention has an output layer after the heads: C² + C": without(/attention\.output/),
    "heads share the channels, they do not add any: C² whatever the number of heads": [
      counted((name, { heads }) => name.includes("qkv") ? heads : 1),
      counted((name, { heads }) => /qkv|attention\.output/.test(name) ? heads : 1),
    ],
    "the feed-forward layer has two matrices, up [C, F] and down [F, C]": without(
      /feedForward\.down/,
    ),
    "both matrices of feed-forward have a bias, of F and of C numbers": [
      without(/feedForward\.down\.bias/),
      without(/feedForward\.up\.bias/),
    ],
    "only one block is counted: multiply by the number of layers": without(/blocks\.[1-9]/),
    "the norm after the blocks stands there once: it is not part of each block": (config) =>
      right(config) + 2 * config.hiddenSize * (config.layers - 1),
    "a tied head has no parameters of its own: it is the token embedding, read the other way": [
      (config) => right({ ...config, tiedHead: false }),
      tiedPlus(({ vocabSize, hiddenSize }) => vocabSize * hiddenSize),
    ],
    "`tiedHead` works the wrong way round: an untied head is a layer of its own": (config) =>
      right({ ...config, tiedHead: !config.tiedHead }),
    "an untied head is a layer of its own: C V + V": without(/^head\./),
    "an untied head has a bias too, one per vocabulary entry": without(/^head\.bias/),
    "sizes are written as numbers: take them from `config`": () => right(modelConfig()),
  },
  styles: {
    "with loops": (config) => {
      const { hiddenSize: C, feedForwardSize: F, vocabSize: V } = config;
      let sum = V * C + config.maxLength * C;
      for (let block = 0; block < config.layers; block++) {
        for (const [a, b] of [[C, C], [C, C], [C, C], [C, C], [C, F], [F, C]] as const) {
          sum += (a + 1) * b;
        }
        sum += 4 * C;
      }
      if (!config.tiedHead) sum += (C + 1) * V;
      return sum + 2 * C;
    },
    "one formula": ({ hiddenSize: C, feedForwardSize: F, vocabSize: V, ...rest }) =>
      C * (V + rest.maxLength + 2) + rest.layers * (4 * C * C + 2 * C * F + 9 * C + F) +
      (rest.tiedHead ? 0 : V * (C + 1)),
  },
});
