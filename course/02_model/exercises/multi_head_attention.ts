import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import {
  causalMask,
  normalTensor,
  paddingMask,
  READ_OUT,
  testModel,
  withoutGradient,
} from "../cases.ts";
import {
  attend,
  attentionMask,
  type HeadsAndMask,
  joinHeads,
  linear,
  multiHeadAttention,
  splitHeads,
} from "../parts.ts";

type Answer = typeof multiHeadAttention;
type Three = readonly [queries: tf.Tensor, keys: tf.Tensor, values: tf.Tensor];
type Linear = (params: Params, path: string, x: tf.Tensor) => tf.Tensor;

/** The attention layer with some lines done otherwise. */
interface Lines {
  readonly parts?: (qkv: tf.Tensor, heads: number) => Three;
  readonly heads?: number;
  readonly allowed?: (allowed: tf.Tensor) => tf.Tensor;
  readonly joined?: (mixed: tf.Tensor) => tf.Tensor;
  readonly qkv?: Linear;
  readonly output?: Linear;
  readonly last?: (values: tf.Tensor) => tf.Tensor;
}

const layerWith = (lines: Lines): WrongAnswer<Answer> => (params, path, x, options) => {
  const { parts = thirds, joined = joinHeads, qkv = linear, output = linear } = lines;
  const { heads = options.heads, allowed = (same: tf.Tensor) => same } = lines;
  const [queries, keys, values] = parts(qkv(params, `${path}.qkv`, x), heads)
    .map((part) => part.rank === 4 ? part : splitHeads(part, heads)) as unknown as Three; // still three
  const { mixed } = attend({ queries, keys, values }, allowed(options.allowed));
  return output(params, `${path}.output`, joined(mixed));
};

function thirds(x: tf.Tensor): Three {
  const [a, b, c] = tf.split(x, 3, -1);
  return [a, b, c] as unknown as Three; // a split in three gives three
}

const inOrder = (...order: readonly [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]) =>
  layerWith({
    parts: (x) => {
      const three = thirds(x), [a, b, c] = order;
      return [three[a], three[b], three[c]];
    },
  });

const unbiased: Linear = (params, path, x) =>
  linear(params, path, x).sub(param(params, `${path}.bias`));

/** The layer of a model of 3 blocks. */
const at = (
  path: string,
  [B, T]: readonly [number, number],
  { heads = 3, allowed = causalMask(T) } = {},
) => {
  const { params } = testModel({ layers: 3, heads });
  const options: HeadsAndMask = { heads, allowed };
  return [params, path, normalTensor([B, T, 12], 2), options] satisfies Parameters<Answer>;
};

/** 2.4d: the attention layer. */
export default exercise<Answer>({
  name: "multiHeadAttention",
  reference: multiHeadAttention,
  returns: "tensor",
  tolerance: 5e-5, // gradients are sums of some hundred float32 terms
  cases: {
    "blocks.0.attention, x [2, 5, 12], 3 heads, with padding": () =>
      at("blocks.0.attention", [2, 5], { allowed: attentionMask(paddingMask([5, 3], 5)) }),
    "blocks.2.attention, x [1, 3, 12], 2 heads": () =>
      at("blocks.2.attention", [1, 3], { heads: 2 }),
    "one position, 4 heads": () => at("blocks.1.attention", [3, 1], { heads: 4 }),
    "one head, 12 positions": () => at("blocks.1.attention", [1, 12], { heads: 1 }),
  },
  gradients: (params, _path, x) => [params, x],
  compiled: true,
  mistakes: {
    "the output layer is missing: the joined heads go through one more linear layer": layerWith({
      output: (_params, _path, x) => x,
    }),
    "attend() gives { mixed, weights }: join the heads of `mixed`": layerWith({
      joined: (mixed) => joinHeads({ mixed } as unknown as tf.Tensor), // what is handed on by mistake
    }),
    "the biases are missing: y = x W + b": layerWith({ qkv: unbiased, output: unbiased }),
    "the bias of query, key and value is missing": layerWith({ qkv: unbiased }),
    "the bias of the output layer is missing": layerWith({ output: unbiased }),
    "queries and keys are swapped: the columns of qkv are queries, keys, values": inOrder(1, 0, 2),
    "keys and values are swapped: the columns of qkv are queries, keys, values": inOrder(0, 2, 1),
    "queries and values are swapped: the columns of qkv are queries, keys, values": inOrder(
      2,
      1,
      0,
    ),
    "queries, keys and values are in another order: the columns of qkv are queries, keys, values": [
      inOrder(1, 2, 0),
      inOrder(2, 0, 1),
    ],
    "the queries are used for keys too: each third has its own part": inOrder(0, 0, 2),
    "the keys are used for values too: each third has its own part": inOrder(0, 1, 1),
    "qkv is cut by heads first: its columns are all queries, then all keys, then all values":
      layerWith({
        parts: (x, heads) => {
          const [a, b, c] = tf.split(splitHeads(x, heads), 3, -1);
          return [a, b, c] as unknown as Three; // a split in three gives three
        },
      }),
    "the mask is not used: hand `allowed` on to attend()": layerWith({ allowed: tf.onesLike }),
    "it works with one head: cut queries, keys and values into heads first": layerWith({
      heads: 1,
    }),
    "the number of heads is written in: take `heads` from the options": [2, 3, 4].map((heads) =>
      layerWith({ heads })
    ),
    "the heads are mixed up when they are joined: transpose, then reshape": layerWith({
      joined: (x) => {
        const [B = 0, H = 0, T = 0, D = 0] = x.shape;
        return x.reshape([B, T, H * D]);
      },
    }),
    "the heads are mixed up when they are cut: reshape, then transpose": layerWith({
      parts: (x, heads) =>
        thirds(x).map((part) => {
          const [B = 0, T = 0, C = 0] = part.shape;
          return part.reshape([B, heads, T, C / heads]);
        }) as unknown as Three, // still three
    }),
    "the input is added here already: the residual belongs to the block": (
      params,
      path,
      x,
      options,
    ) => x.add(multiHeadAttention(params, path, x, options)),
    "the path is written in: use the path that you are given": (params, _, x, options) =>
      multiHeadAttention(params, "blocks.0.attention", x, options),
    [READ_OUT]: [
      (...args) => withoutGradient(multiHeadAttention(...args)),
      layerWith({ joined: (mixed) => withoutGradient(joinHeads(mixed)) }),
    ],
  },
  styles: {
    "slices for the thirds": (params, path, x, { heads, allowed }) => {
      const [B = 0, T = 0, C = 0] = x.shape, qkv = linear(params, `${path}.qkv`, x);
      const part = (i: number) => splitHeads(qkv.slice([0, 0, i * C], [B, T, C]), heads);
      const { mixed } = attend({ queries: part(0), keys: part(1), values: part(2) }, allowed);
      return linear(params, `${path}.output`, joinHeads(mixed));
    },
    "head by head": (params, path, x, { heads, allowed }) => {
      const qkv = linear(params, `${path}.qkv`, x), C = x.shape[2] ?? 0, D = C / heads;
      const mixed = Array.from({ length: heads }, (_, h) => {
        const part = (i: number) => qkv.slice([0, 0, i * C + h * D], [-1, -1, D]);
        const scores = tf.matMul(part(0), part(1), false, true).div(Math.sqrt(D));
        const shares = tf.softmax(scores.add(allowed.squeeze([1]).sub(1).mul(1e9)));
        return tf.matMul(shares, part(2));
      });
      return linear(params, `${path}.output`, tf.concat(mixed, -1));
    },
  },
});
