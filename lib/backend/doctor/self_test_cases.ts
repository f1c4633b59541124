import * as tf from "@tensorflow/tfjs";
import { compile, type CompileMode } from "../compiler/compile.ts";

/** What a case of the self-test computes: tensors, whose numbers are compared in this order. */
export type SelfTestCase = () => tf.Tensor | tf.Tensor[];

/** MurmurHash3's finaliser, the same as in `tests/golden/make_self_test.py`. */
function hashed(place: number): number {
  let x = place | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Multiples of 1/2048 from -1 to 1, which float32 represents exactly; each salt gives other
 * numbers.
 */
function draw(salt: number, ...shape: number[]): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    { length: size },
    (_, place) => (hashed(place + salt * 2 ** 24) >>> 20) / 2048 - 1,
  );
  return tf.tensor(values, shape);
}

const x = () => draw(1, 6, 5), y = () => draw(2, 6, 5), wide = () => draw(3, 4, 9);
const positive = () => x().add(2), ids = () => tf.tensor1d([3, 0, 5, 3], "int32");

function uniform(seed: readonly number[], size: number, stream: number): tf.Tensor {
  const input = { seed: tf.tensor1d([...seed], "int32") };
  // The kernel has one output.
  return tf.engine().runKernel("SeededUniform", input, { shape: [size], stream }) as tf.Tensor;
}

/** The value of a function, followed by its gradients in the order of the inputs. */
function gradients(
  compute: (...inputs: tf.Tensor[]) => tf.Tensor,
  ...inputs: tf.Tensor[]
): tf.Tensor[] {
  const { value, grads } = tf.valueAndGrads((...leaves) => compute(...leaves).asScalar())(inputs);
  return [value, ...grads];
}

function layerNorm(input: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(input, -1, true);
  return input.sub(mean).div(variance.add(1e-5).sqrt());
}

/** A hidden layer, layer norm, scores, and their loss against rows 0, 1, 2, ... modulo 7. */
function networkLoss(input: tf.Tensor, first: tf.Tensor, second: tf.Tensor): tf.Tensor {
  const scores = layerNorm(input.matMul(first).tanh()).matMul(second);
  const [rows = 0, classes = 1] = scores.shape;
  const labels = tf.tensor1d(Array.from({ length: rows }, (_, row) => row % classes), "int32");
  return tf.logSoftmax(scores, -1).mul(tf.oneHot(labels, classes)).sum().div(-rows);
}

const networkInputs = () => ({
  x: draw(20, 6, 8),
  first: draw(21, 8, 16),
  second: draw(22, 16, 7),
});

/** Loss and gradients of the network, recorded and compiled like a training step. */
export function compiledNetwork(mode: CompileMode): tf.Tensor[] {
  const step = compile(({ x, first, second }: ReturnType<typeof networkInputs>) => {
    const [loss, dx, dFirst, dSecond] = gradients(networkLoss, x, first, second);
    return { loss, dx, dFirst, dSecond } as Record<string, tf.Tensor>; // a value and three gradients
  }, { mode, name: "selfTest" });
  return Object.values(step(networkInputs()));
}

/** The cases by family; names are those of `golden_values.json`. */
export const SELF_TEST_CASES: Readonly<Record<string, Readonly<Record<string, SelfTestCase>>>> = {
  "matrix products": {
    "a b": () => draw(10, 7, 33).matMul(draw(11, 33, 5)),
    "a' b": () => draw(12, 33, 7).matMul(draw(11, 33, 5), true),
    "a b'": () => draw(10, 7, 33).matMul(draw(13, 5, 33), false, true),
    "batched": () => draw(14, 3, 4, 6).matMul(draw(15, 3, 6, 2)),
    "large": () => draw(16, 128, 512).matMul(draw(17, 512, 96)).slice([77, 0], [1, 40]),
  },
  "elementwise": {
    "add a row": () => x().add(draw(4, 5)),
    "subtract": () => x().sub(y()),
    "multiply": () => x().mul(y()),
    "divide": () => x().div(positive()),
    "power": () => positive().pow(3),
    "maximum": () => x().maximum(y()),
    "minimum": () => x().minimum(y()),
    "absolute": () => x().abs(),
    "square root": () => positive().sqrt(),
    "1 / square root": () => positive().rsqrt(),
    "exponential": () => x().mul(4).exp(),
    "hyperbolic tangent": () => x().mul(3).tanh(),
    "sigmoid": () => x().mul(3).sigmoid(),
    "error function": () => x().mul(2).erf(),
    "floor": () => x().mul(5).floor(),
    "where x > y": () => tf.where(x().greater(y()), x(), y().sub(1)),
  },
  "reductions": {
    "sum of columns": () => x().sum(0),
    "sum of all": () => x().sum(),
    "mean of rows": () => x().mean(1),
    "maximum of rows": () => x().max(1),
    "minimum of columns": () => x().min(0),
    "product of rows": () => positive().prod(1),
    "place of the maximum": () => x().argMax(1),
    "place of the minimum": () => x().argMin(0),
    "running sum": () => x().cumsum(1),
    "sum of many": () => draw(5, 40, 1000).sum(1).slice([0], [8]),
  },
  "gather and scatter": {
    "rows by number": () => x().gather(ids()),
    "sum by number": () => tf.unsortedSegmentSum(y().slice([0, 0], [4, 5]), ids(), 7),
    "one-hot": () => tf.oneHot(ids(), 7),
    "slice": () => x().slice([1, 2], [3, 3]),
    "concatenate": () => tf.concat([x(), y()], 1),
    "transpose": () => draw(6, 2, 3, 4).transpose([2, 0, 1]),
    "pad": () => x().pad([[1, 0], [2, 1]]),
    "repeat": () => x().slice([0, 0], [2, 5]).tile([2, 3]),
  },
  "softmax and logarithms": {
    "softmax": () => tf.softmax(wide().mul(4)),
    "softmax of large": () => tf.softmax(wide().mul(1000)),
    "log softmax": () => tf.logSoftmax(wide().mul(4)),
    "log of the sum of exponentials": () => tf.logSumExp(wide().mul(100), -1),
    "logarithm": () => positive().log(),
    "log(1 + x)": () => x().div(1024).log1p(),
    "softplus": () => x().mul(8).softplus(),
  },
  "normalisation": {
    "mean": () => tf.moments(wide(), -1).mean,
    "variance": () => tf.moments(wide(), -1).variance,
    "layer norm": () => layerNorm(wide()),
    "layer norm far from 0": () => layerNorm(wide().add(8)),
  },
  "random numbers": {
    "5 of a seed": () => uniform([7, -9], 5, 3),
    "another stream": () => uniform([7, -9], 9, 4),
    "a long stream number": () => uniform([-1, 123456789], 16, 2 ** 40 + 5),
  },
  "casts": {
    "to integers, towards 0": () => x().mul(5).toInt(),
    "integers to numbers": () => tf.tensor1d([-(2 ** 24), -1, 0, 2 ** 24 - 1], "int32").toFloat(),
    "truth to numbers": () => x().greater(0).toFloat(),
    "numbers to truth": () => tf.tensor1d([0, 0.5, -3, 1]).toBool(),
    "integer quotient, downwards": () =>
      tf.tensor1d([-7, -6, 5, 7], "int32").floorDiv(tf.scalar(2, "int32")),
  },
  "gradients": {
    "of a product of matrices": () =>
      gradients((a, b) => a!.matMul(b!).tanh().sum(), draw(18, 3, 4), draw(19, 4, 2)),
    "of softmax": () => gradients((a) => tf.softmax(a!.mul(4)).square().sum(), wide()),
    "of rows by number": () => gradients((a) => a!.gather(ids()).square().sum(), x()),
    "of a maximum": () => gradients((a) => a!.max(1).sum(), x()),
    "of a network": () => {
      const { x, first, second } = networkInputs();
      return gradients(networkLoss, x, first, second);
    },
  },
};
