import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { layerNorm } from "lib/model/mod.ts";
import { normalTensor, READ_OUT, withoutGradient } from "../cases.ts";

type Answer = (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

/** Layer norm with some lines done otherwise. */
interface Lines {
  readonly axis?: number | number[];
  readonly mean?: (x: tf.Tensor) => tf.Tensor;
  readonly divisor?: (variance: tf.Tensor, C: number) => tf.Tensor;
  readonly end?: (normed: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor;
}

const normWith = (lines: Lines): WrongAnswer<Answer> => (x, gain, bias) => {
  const { axis = -1, mean = (y: tf.Tensor) => y.mean(axis, true) } = lines;
  const { divisor = (variance) => variance.add(1e-5).sqrt() } = lines;
  const { end = (normed, g, b) => normed.mul(g).add(b) } = lines;
  const spread = x.sub(x.mean(axis, true)).square().mean(axis, true);
  return end(x.sub(mean(x)).div(divisor(spread, gain.size)), gain, bias);
};

const epsilon = (size: number) => normWith({ divisor: (variance) => variance.add(size).sqrt() });

/** x of the given shape with gain and bias, none of them 0 or 1. */
const given =
  (shape: readonly number[], change = (x: tf.Tensor) => x) => (): Parameters<Answer> => {
    const C = shape.at(-1) ?? 0, x = normalTensor(shape, 3).mul(2).add(1);
    return [change(x), normalTensor([C], 1), normalTensor([C], 2)];
  };

/** 2.3a: each row to mean 0 and variance 1 over its channels, then · gain + bias. */
export default exercise<Answer>({
  name: "layerNorm",
  reference: layerNorm,
  returns: "tensor",
  cases: {
    "x [2, 3, 6]": given([2, 3, 6]),
    "x [3, 1, 5]": given([3, 1, 5]),
    // Sums of eight threes and their mean are exact in float32, in whatever order: the result is `bias`.
    "rows of equal numbers": given([1, 2, 8], (x) => tf.fill(x.shape, 3)),
    // With rows this small the variance is not large against epsilon.
    "rows of very small numbers": given([2, 2, 6], (x) => x.mul(1e-3)),
  },
  drawn: (random) => {
    const [B, T, C] = [1 + random.integer(3), 1 + random.integer(4), 4 + random.integer(6)];
    return given([B, T, C], (x) => x.mul(1 + random.uniform()))();
  },
  drawnCount: 6,
  gradients: true,
  compiled: true,
  mistakes: {
    "the statistics run over the batch (axis 0): each row has its own, over its channels": normWith(
      {
        axis: 0,
      },
    ),
    "the statistics run over the positions (axis 1): each has its own, over its channels": normWith(
      {
        axis: 1,
      },
    ),
    "the statistics run over batch and positions, as in batch norm: take the last axis": normWith({
      axis: [0, 1],
    }),
    "one mean for all positions is taken here: take the last axis, -1": normWith({ axis: [1, 2] }),
    "one mean for the whole tensor is taken here: take the last axis, -1": [
      normWith({ axis: [0, 1, 2] }),
      normWith({ mean: (x) => x.mean() }),
    ],
    "that is the sample variance, divided by C − 1: layer norm divides by C": normWith({
      divisor: (variance, C) => variance.mul(C / (C - 1)).add(1e-5).sqrt(),
    }),
    "it is divided by the variance: divide by its root": normWith({
      divisor: (variance) => variance.add(1e-5),
    }),
    "the mean is not subtracted": normWith({ mean: (x) => tf.zerosLike(x) }),
    "the mean is not subtracted before squaring: that is RMS norm": [
      (x, gain, bias) => x.div(x.square().mean(-1, true).add(1e-5).sqrt()).mul(gain).add(bias),
      (x, gain, bias) =>
        x.sub(x.mean(-1, true)).div(x.square().mean(-1, true).add(1e-5).sqrt()).mul(gain).add(bias),
    ],
    "the rows are centered, but not divided by their deviation": normWith({ divisor: tf.onesLike }),
    "gain and bias are missing: · gain + bias": normWith({ end: (normed) => normed }),
    "the gain is missing: · gain + bias": normWith({ end: (normed, _, bias) => normed.add(bias) }),
    "the bias is missing: · gain + bias": normWith({ end: (normed, gain) => normed.mul(gain) }),
    "gain and bias are swapped": normWith({ end: (x, gain, bias) => x.mul(bias).add(gain) }),
    "the bias is multiplied too: · gain, then + bias": normWith({
      end: (x, gain, bias) => x.add(bias).mul(gain),
    }),
    "the gain is one more than it is: · gain, not · (1 + gain)": normWith({
      end: (x, gain, bias) => x.mul(gain.add(1)).add(bias),
    }),
    "epsilon is missing, √(variance + 1e-5): for a row of equal numbers 0/0 is NaN": normWith({
      divisor: tf.sqrt,
    }),
    "epsilon stands outside the root here: it is √(variance + ε), not √variance + ε": normWith({
      divisor: (variance) => variance.sqrt().add(1e-5),
    }),
    "another epsilon: the library and PyTorch take 1e-5": [1e-8, 1e-6, 1e-7, 1e-3, 1e-12].map(
      epsilon,
    ),
    "sizes are written as numbers: take them from x.shape, or leave them to -1": (x, gain, bias) =>
      layerNorm(x.reshape([2, 3, 6]), gain, bias),
    [READ_OUT]: (...args) => withoutGradient(layerNorm(...args)),
  },
  styles: {
    "by tf.moments and rsqrt": (x, gain, bias) => {
      const { mean, variance } = tf.moments(x, [2], true);
      return tf.mul(gain, tf.mul(tf.sub(x, mean), variance.add(1e-5).rsqrt())).add(bias);
    },
    "the mean of squares minus the square of the mean": (x, gain, bias) => {
      const mean = x.mean(-1, true), variance = x.square().mean(-1, true).sub(mean.square());
      return x.sub(mean).div(tf.sqrt(variance.add(1e-5))).mul(gain).add(bias);
    },
    "centered by a matrix product": (x, gain, bias) => {
      const [, , C = 0] = x.shape, center = tf.eye(C).sub(tf.fill([C, C], 1 / C));
      const rows = tf.matMul(x.reshape([-1, C]), center);
      const spread = rows.square().sum(1, true).div(C).add(1e-5).sqrt();
      return rows.div(spread).reshape(x.shape).mul(gain).add(bias);
    },
  },
});
