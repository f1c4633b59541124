import * as tf from "@tensorflow/tfjs";
import {
  checkAttend,
  checkAttentionMask,
  checkJoinHeads,
  checkMultiHeadAttention,
  checkSplitHeads,
  type HeadsAndMask,
  type QueriesKeysValues,
} from "lib/grade/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { exercise } from "./_exercise.ts";

/** Compares queries (column) with keys (row) of T places: [1, 1, T, T]. */
function compared(
  mask: tf.Tensor,
  rule: (key: tf.Tensor, query: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const T = mask.shape[1] ?? 0, places = tf.range(0, T);
  return rule(places.reshape([1, 1, 1, T]), places.reshape([1, 1, T, 1])).cast("float32");
}

const causal = (mask: tf.Tensor) => compared(mask, (key, query) => key.lessEqual(query));
const columns = (mask: tf.Tensor) => mask.expandDims(1).expandDims(1); // [B, 1, 1, T]
const allOf = (mask: tf.Tensor) => columns(mask).mul(0).add(causal(mask).mul(0)).add(1);

const attentionMask = exercise("attentionMask", checkAttentionMask, [
  ["not causal", (mask) => columns(mask).mul(allOf(mask)), /not causal/],
  ["nothing hidden", allOf, /nothing is hidden/],
  ["padding seen", (mask) => causal(mask).mul(allOf(mask)), /padding is attended to: hide/],
  [
    "the wrong way round",
    (mask) => compared(mask, (key, query) => key.greaterEqual(query)).mul(columns(mask)),
    /wrong way round: each place sees the future/,
  ],
  [
    "blind to itself",
    (mask) => compared(mask, (key, query) => key.less(query)).mul(columns(mask)),
    /may see itself/,
  ],
  [
    "rows hidden",
    (mask) => causal(mask).mul(mask.expandDims(1).expandDims(-1)),
    /hides rows \(queries\)/,
  ],
  ["inverted", (mask) => tf.sub(1, causal(mask).mul(columns(mask))), /1 and 0 are swapped/],
  ["numbers to add", (mask) => causal(mask).mul(columns(mask)).sub(1).mul(1e9), /numbers to add/],
  ["joined by or", (mask) => causal(mask).maximum(columns(mask)), /joined by OR/],
  ["no batch", (mask) => causal(mask), /have shape \[3, 1, 4, 4\], got \[1, 1, 4, 4\]/],
]);

/** Attention with some lines done otherwise. */
interface AttendLines {
  readonly scores?: (input: QueriesKeysValues, D: number) => tf.Tensor;
  readonly masked?: (scores: tf.Tensor, allowed: tf.Tensor) => tf.Tensor;
  readonly shares?: (scores: tf.Tensor, allowed: tf.Tensor) => tf.Tensor;
  readonly mixed?: (weights: tf.Tensor, input: QueriesKeysValues) => tf.Tensor;
}

function attendWith({
  scores = ({ queries, keys }, D) => tf.matMul(queries, keys, false, true).div(Math.sqrt(D)),
  masked = (raw, allowed) => raw.add(allowed.sub(1).mul(1e9)),
  shares = (hidden) => tf.softmax(hidden),
  mixed = (weights, { values }) => tf.matMul(weights, values),
}: AttendLines) {
  return (input: QueriesKeysValues, allowed: tf.Tensor) => {
    const weights = shares(masked(scores(input, input.queries.shape[3] ?? 0), allowed), allowed);
    return { weights, mixed: mixed(weights, input) };
  };
}

function product({ queries, keys }: QueriesKeysValues): tf.Tensor {
  return tf.matMul(queries, keys, false, true);
}

/** Softmax over any axis, as tf.softmax refuses to do it. */
function softmaxOver(scores: tf.Tensor, axis: number): tf.Tensor {
  const exponentials = scores.sub(scores.max(axis, true)).exp();
  return exponentials.div(exponentials.sum(axis, true));
}

const attend = exercise("attend", checkAttend, [
  ["no scale", attendWith({ scores: product }), /scale is missing/],
  ["scale by C", attendWith({ scores: (x, D) => product(x).div(Math.sqrt(3 * D)) }), /by √C/],
  ["scale by D", attendWith({ scores: (x, D) => product(x).div(D) }), /divided by D: it is √D/],
  ["times √D", attendWith({ scores: (x, D) => product(x).mul(Math.sqrt(D)) }), /divide by it/],
  ["no mask", attendWith({ masked: (raw) => raw }), /mask is not used/],
  [
    "inverted mask",
    attendWith({ masked: (raw, allowed) => raw.sub(allowed.mul(1e9)) }),
    /wrong way round/,
  ],
  ["scores times mask", attendWith({ masked: (raw, allowed) => raw.mul(allowed) }), /e⁰ = 1/],
  [
    "mask after softmax",
    attendWith({ masked: (raw) => raw, shares: (raw, allowed) => tf.softmax(raw).mul(allowed) }),
    /rows no longer sum to 1/,
  ],
  ["over queries", attendWith({ shares: (x) => softmaxOver(x, 2) }), /over the queries/],
  ["over heads", attendWith({ shares: (x) => softmaxOver(x, 1) }), /over the heads/],
  ["no softmax", attendWith({ shares: (x) => x }), /softmax is missing/],
  [
    "keys ask",
    attendWith({
      scores: ({ queries, keys }, D) => tf.matMul(keys, queries, false, true).div(Math.sqrt(D)),
    }),
    /keys ask queries/,
  ],
  ["keys mixed", attendWith({ mixed: (w, { keys }) => tf.matMul(w, keys) }), /keys were mixed/],
  [
    "weights transposed",
    attendWith({ mixed: (w, { values }) => tf.matMul(w, values, true) }),
    /weights stand transposed/,
  ],
]);

const splitHeads = exercise("splitHeads", checkSplitHeads, [
  [
    "reshape alone",
    (x, H) => {
      const [B = 0, T = 0, C = 0] = x.shape;
      return x.reshape([B, H, T, C / H]);
    },
    /heads and positions are mixed up/,
  ],
  [
    "no transpose",
    (x, H) => {
      const [B = 0, T = 0, C = 0] = x.shape;
      return x.reshape([B, T, H, C / H]);
    },
    /transpose axes 1 and 2/,
  ],
  [
    "every H-th channel",
    (x, H) => {
      const [B = 0, T = 0, C = 0] = x.shape;
      return x.reshape([B, T, C / H, H]).transpose([0, 3, 1, 2]);
    },
    /every H-th channel/,
  ],
  [
    "H and D swapped",
    (x, H) => {
      const [B = 0, T = 0, C = 0] = x.shape;
      return x.reshape([B, T, H, C / H]).transpose([0, 3, 1, 2]);
    },
    /axes H and D are swapped/,
  ],
]);

const joinHeads = exercise("joinHeads", checkJoinHeads, [
  [
    "reshape alone",
    (x) => {
      const [B = 0, H = 0, T = 0, D = 0] = x.shape;
      return x.reshape([B, T, H * D]);
    },
    /heads and positions are mixed up/,
  ],
  [
    "every H-th channel",
    (x) => {
      const [B = 0, H = 0, T = 0, D = 0] = x.shape;
      return x.transpose([0, 2, 3, 1]).reshape([B, T, H * D]);
    },
    /every H-th channel/,
  ],
  ["no reshape", (x) => x.transpose([0, 2, 1, 3]), /axes H and D are not joined/],
  ["added", (x) => x.sum(1), /they are not added/],
]);

/** The attention layer with some lines done otherwise. */
interface LayerLines {
  readonly parts?: (x: tf.Tensor) => readonly [tf.Tensor, tf.Tensor, tf.Tensor];
  readonly heads?: (heads: number) => number;
  readonly allowed?: (allowed: tf.Tensor) => tf.Tensor;
  readonly joined?: (mixed: tf.Tensor) => tf.Tensor;
  readonly qkv?: (params: Params, path: string, x: tf.Tensor) => tf.Tensor;
  readonly output?: (params: Params, path: string, x: tf.Tensor) => tf.Tensor;
}

function linear(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  const product = withoutBias(params, path, x);
  return product.add(param(params, `${path}.bias`));
}

function withoutBias(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  const weight = param(params, `${path}.weight`), [fanIn = 0, fanOut = 0] = weight.shape;
  const [B = 0, T = 0] = x.shape;
  return tf.matMul(x.reshape([B * T, fanIn]), weight).reshape([B, T, fanOut]);
}

const thirds = (x: tf.Tensor) => {
  const [a, b, c] = tf.split(x, 3, -1);
  return [a, b, c] as [tf.Tensor, tf.Tensor, tf.Tensor]; // a split in three gives three
};

function join(x: tf.Tensor): tf.Tensor {
  const [B = 0, H = 0, T = 0, D = 0] = x.shape;
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]);
}

function layerWith(lines: LayerLines) {
  const { parts = thirds, heads = (n) => n, joined = join, qkv = linear, output = linear } = lines;
  return (params: Params, path: string, x: tf.Tensor, options: HeadsAndMask) => {
    const [B = 0, T = 0, C = 0] = x.shape, H = heads(options.heads);
    const [queries, keys, values] = parts(qkv(params, `${path}.qkv`, x))
      .map((part) => part.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3])) as [
        tf.Tensor, // map keeps the number of parts
        tf.Tensor,
        tf.Tensor,
      ];
    const allowed = (lines.allowed ?? ((same) => same))(options.allowed);
    const { mixed } = attendWith({})({ queries, keys, values }, allowed);
    return output(params, `${path}.output`, joined(mixed));
  };
}

const multiHeadAttention = exercise("multiHeadAttention", checkMultiHeadAttention, [
  ["no output layer", layerWith({ output: (_params, _path, x) => x }), /output layer is missing/],
  ["no biases", layerWith({ qkv: withoutBias, output: withoutBias }), /biases are missing: y/],
  ["no bias of qkv", layerWith({ qkv: withoutBias }), /bias of query, key and value is missing/],
  ["no bias of output", layerWith({ output: withoutBias }), /bias of the output layer is missing/],
  [
    "queries and keys swapped",
    layerWith({
      parts: (x) => {
        const [a, b, c] = thirds(x);
        return [b, a, c];
      },
    }),
    /queries and keys are swapped/,
  ],
  [
    "keys and values swapped",
    layerWith({
      parts: (x) => {
        const [a, b, c] = thirds(x);
        return [a, c, b];
      },
    }),
    /keys and values are swapped/,
  ],
  ["no mask", layerWith({ allowed: tf.onesLike }), /mask is not used/],
  ["one head", layerWith({ heads: () => 1 }), /works with one head/],
  [
    "heads mixed up",
    layerWith({
      joined: (x) => {
        const [B = 0, H = 0, T = 0, D = 0] = x.shape;
        return x.reshape([B, T, H * D]);
      },
    }),
    /heads are mixed up when they are joined/,
  ],
]);

/** The exercises of section 2.4. */
export const ATTENTION_EXERCISES = [
  attentionMask,
  attend,
  splitHeads,
  joinHeads,
  multiHeadAttention,
] as const;
