import * as tf from "@tensorflow/tfjs";
import {
  checkBlock,
  checkFeedForward,
  checkLayerNorm,
  checkLinear,
  type HeadsAndMask,
} from "lib/grade/mod.ts";
import { attention, gelu, layerNorm as norm } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { exercise } from "./_exercise.ts";

/** Layer norm with some lines done otherwise. */
interface NormLines {
  readonly axis?: number | number[];
  readonly mean?: (x: tf.Tensor, axis: number | number[]) => tf.Tensor;
  readonly deviation?: (variance: tf.Tensor) => tf.Tensor;
  readonly variance?: (variance: tf.Tensor, channels: number) => tf.Tensor;
  readonly end?: (normed: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

function normWith(lines: NormLines) {
  const {
    axis = -1,
    mean = (x, over) => x.mean(over, true),
    deviation = (variance) => variance.add(1e-5).sqrt(),
    variance = (same) => same,
    end = (normed, gain, bias) => normed.mul(gain).add(bias),
  } = lines;
  return (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => {
    const centered = x.sub(mean(x, axis));
    const spread = variance(centered.square().mean(axis, true), gain.size);
    return end(centered.div(deviation(spread)), gain, bias);
  };
}

const layerNorm = exercise("layerNorm", checkLayerNorm, [
  ["over the batch", normWith({ axis: 0 }), /over the batch \(axis 0\)/],
  ["over the positions", normWith({ axis: 1 }), /over the positions \(axis 1\)/],
  ["batch norm", normWith({ axis: [0, 1] }), /as in batch norm/],
  ["over positions and channels", normWith({ axis: [1, 2] }), /one mean for all positions/],
  ["over everything", (x, ...rest) => normWith({ axis: [0, 1, 2] })(x, ...rest), /whole tensor/],
  [
    "sample variance",
    normWith({ variance: (variance, C) => variance.mul(C / (C - 1)) }),
    /sample variance/,
  ],
  ["by the variance", normWith({ deviation: (v) => v.add(1e-5) }), /divided by the variance/],
  [
    "RMS norm",
    (x, gain, bias) => x.div(x.square().mean(-1, true).add(1e-5).sqrt()).mul(gain).add(bias),
    /RMS norm/,
  ],
  [
    "mean not taken off",
    (x, gain, bias) => {
      const variance = x.sub(x.mean(-1, true)).square().mean(-1, true);
      return x.div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
    },
    /mean is not taken off/,
  ],
  ["centered only", normWith({ deviation: tf.onesLike }), /not divided by the deviation/],
  ["no gain", normWith({ end: (normed, _, bias) => normed.add(bias) }), /gain is missing/],
  ["no bias", normWith({ end: (normed, gain) => normed.mul(gain) }), /the bias is missing/],
  ["neither", normWith({ end: (normed) => normed }), /gain and bias are missing/],
  ["swapped", normWith({ end: (x, gain, bias) => x.mul(bias).add(gain) }), /are swapped/],
  ["bias first", normWith({ end: (x, gain, bias) => x.add(bias).mul(gain) }), /multiplied too/],
  ["no epsilon", normWith({ deviation: tf.sqrt }), /0\/0 is NaN: epsilon is missing/],
  ["epsilon outside", normWith({ deviation: (v) => v.sqrt().add(1e-5) }), /outside the root/],
  ["another epsilon", normWith({ deviation: (v) => v.add(1e-8).sqrt() }), /another epsilon, 1e-8/],
]);

function linear(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  return linearWith({})(params, path, x);
}

/** The linear layer with some lines done otherwise. */
interface LinearLines {
  readonly product?: (rows: tf.Tensor, weight: tf.Tensor) => tf.Tensor;
  readonly biased?: (product: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

function linearWith({ product = tf.matMul, biased = (y, bias) => y.add(bias) }: LinearLines) {
  return (params: Params, path: string, x: tf.Tensor) => {
    const weight = param(params, `${path}.weight`), bias = param(params, `${path}.bias`);
    const [B = 0, T = 0, C = 0] = x.shape;
    return biased(product(x.reshape([B * T, C]), weight), bias).reshape([B, T, -1]);
  };
}

const linearLayer = exercise("linear", checkLinear, [
  ["no bias", linearWith({ biased: (y) => y }), /bias is missing/],
  [
    "transposed",
    linearWith({
      product: (rows, weight) => {
        const isSquare = weight.shape[0] === weight.shape[1];
        return tf.matMul(rows, weight, false, isSquare);
      },
    }),
    /weight is transposed/,
  ],
  ["bias taken off", linearWith({ biased: (y, bias) => y.sub(bias) }), /bias is taken off/],
  ["bias multiplied", linearWith({ biased: (y, bias) => y.mul(bias) }), /bias is multiplied/],
  [
    "rows left as rows",
    (params, path, x) => {
      const y = linear(params, path, x), [B = 0, T = 0, out = 0] = y.shape;
      return y.reshape([B * T, out]);
    },
    /go back to \[B, T, out\]/,
  ],
  [
    "rows shuffled",
    (params, path, x) => {
      const [B = 0, T = 0, C = 0] = x.shape;
      return linear(params, path, x.transpose([1, 0, 2]).reshape([B, T, C]));
    },
    /rows are shuffled/,
  ],
]);

function feedWith(
  activation: (x: tf.Tensor) => tf.Tensor,
  end: (y: tf.Tensor) => tf.Tensor = (y) => y,
) {
  return (params: Params, path: string, x: tf.Tensor) =>
    end(linear(params, `${path}.down`, activation(linear(params, `${path}.up`, x))));
}

const same = (x: tf.Tensor) => x;
const unbiased = linearWith({ biased: same });

const feedForward = exercise("feedForward", checkFeedForward, [
  ["no activation", feedWith(same), /activation is missing/],
  ["ReLU", feedWith(tf.relu), /that is ReLU/],
  ["tanh", feedWith(tf.tanh), /that is tanh/],
  [
    "GELU by erf",
    feedWith((x) => x.mul(x.div(Math.SQRT2).erf().add(1)).mul(0.5)),
    /GELU by erf/,
  ],
  ["GELU at the end", feedWith(same, gelu), /belongs between the two/],
  [
    "with a residual",
    (params, path, x) => x.add(feedWith(gelu)(params, path, x)),
    /residual belongs to the block/,
  ],
  [
    "no biases",
    (params, path, x) => unbiased(params, `${path}.down`, gelu(unbiased(params, `${path}.up`, x))),
    /the biases are missing/,
  ],
  [
    "no bias of the first",
    (params, path, x) => linear(params, `${path}.down`, gelu(unbiased(params, `${path}.up`, x))),
    /bias of the first layer/,
  ],
  [
    "no bias of the second",
    (params, path, x) => unbiased(params, `${path}.down`, gelu(linear(params, `${path}.up`, x))),
    /bias of the second layer/,
  ],
]);

/** The layers of one block, as functions of an activation. */
interface Layers {
  readonly norm1: (x: tf.Tensor) => tf.Tensor;
  readonly attend: (x: tf.Tensor) => tf.Tensor;
  readonly norm2: (x: tf.Tensor) => tf.Tensor;
  readonly feed: (x: tf.Tensor) => tf.Tensor;
}

function blockOf(wire: (x: tf.Tensor, layers: Layers) => tf.Tensor) {
  return (params: Params, path: string, x: tf.Tensor, { heads, allowed }: HeadsAndMask) => {
    const [batchSize = 0, , C = 0] = x.shape, bias = allowed.sub(1).mul(1e9);
    const normOf = (name: string) => (y: tf.Tensor) =>
      norm(y, param(params, `${path}.${name}.weight`), param(params, `${path}.${name}.bias`));
    return wire(x, {
      norm1: normOf("attentionNorm"),
      norm2: normOf("feedForwardNorm"),
      attend: (y) =>
        attention(params, `${path}.attention`, y.reshape([-1, C]), { batchSize, heads, bias })
          .output.reshape(x.shape),
      feed: (y) => feedWith(gelu)(params, `${path}.feedForward`, y),
    });
  };
}

/** A block whose first half is right. */
function secondHalf(wire: (h: tf.Tensor, layers: Layers, x: tf.Tensor) => tf.Tensor) {
  return blockOf((x, layers) => wire(x.add(layers.attend(layers.norm1(x))), layers, x));
}

/** A block whose second half is right. */
function firstHalf(wire: (x: tf.Tensor, layers: Layers) => tf.Tensor) {
  return blockOf((x, layers) => {
    const h = wire(x, layers);
    return h.add(layers.feed(layers.norm2(h)));
  });
}

const block = exercise("block", checkBlock, [
  ["nothing", (_params, _path, x) => x, /changes nothing/],
  [
    "no residuals",
    blockOf((x, { norm1, attend, norm2, feed }) => feed(norm2(attend(norm1(x))))),
    /both residuals are missing/,
  ],
  [
    "no residual around attention",
    firstHalf((x, { norm1, attend }) => attend(norm1(x))),
    /residual around attention is missing/,
  ],
  [
    "no residual around feed-forward",
    secondHalf((h, { norm2, feed }) => feed(norm2(h))),
    /residual around feed-forward is missing/,
  ],
  [
    "post-norm",
    blockOf((x, { norm1, attend, norm2, feed }) => {
      const h = norm1(x.add(attend(x)));
      return norm2(h.add(feed(h)));
    }),
    /that is post-norm/,
  ],
  [
    "the stream normed",
    blockOf((x, { norm1, attend, norm2, feed }) => {
      const y = norm1(x), h = norm2(y.add(attend(y)));
      return h.add(feed(h));
    }),
    /the sum starts from norm\(x\)/,
  ],
  [
    "side by side",
    secondHalf((h, { norm2, feed }, x) => h.add(feed(norm2(x)))),
    /feed-forward reads x/,
  ],
  [
    "attention lost",
    secondHalf((h, { norm2, feed }, x) => x.add(feed(norm2(h)))),
    /attention's part is lost/,
  ],
  [
    "no norms",
    blockOf((x, { attend, feed }) => {
      const h = x.add(attend(x));
      return h.add(feed(h));
    }),
    /both norms are missing/,
  ],
  ["no first norm", firstHalf((x, { attend }) => x.add(attend(x))), /norm before attention is/],
  ["no second norm", secondHalf((h, { feed }) => h.add(feed(h))), /norm before feed-forward is/],
  [
    "one norm for both",
    secondHalf((h, { norm1, feed }) => h.add(feed(norm1(h)))),
    /attentionNorm is used twice/,
  ],
  [
    "norms swapped",
    blockOf((x, { norm1, attend, norm2, feed }) => {
      const h = x.add(attend(norm2(x)));
      return h.add(feed(norm1(h)));
    }),
    /two norms are swapped/,
  ],
  ["half of it", secondHalf((h) => h), /feed-forward half is missing/],
  [
    "the other half",
    blockOf((x, { norm2, feed }) => x.add(feed(norm2(x)))),
    /attention half is missing/,
  ],
  [
    "feed-forward first",
    blockOf((x, { norm1, attend, norm2, feed }) => {
      const h = x.add(feed(norm2(x)));
      return h.add(attend(norm1(h)));
    }),
    /feed-forward comes first/,
  ],
]);

/** The exercises of sections 2.3 and 2.5. */
export const LAYER_EXERCISES = [layerNorm, linearLayer, feedForward, block] as const;
