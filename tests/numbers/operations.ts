/**
 * The operations of `tests/golden/make_ops.py`, by the same names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { crossEntropy, embed, gelu, layerNorm, linear, tiedHead } from "lib/model/mod.ts";

/** An operation on one to five tensors. */
export type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;

const unary: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  abs: tf.abs,
  asinh: tf.asinh,
  atan: tf.atan,
  cos: tf.cos,
  cosh: tf.cosh,
  elu: tf.elu,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  gelu,
  log: tf.log,
  log1p: tf.log1p,
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  relu: tf.relu,
  rsqrt: tf.rsqrt,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  sin: tf.sin,
  sinh: tf.sinh,
  softplus: tf.softplus,
  sqrt: tf.sqrt,
  square: tf.square,
  tan: tf.tan,
  tanh: tf.tanh,
  leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x, 0.2),
  clipByValue: (x: tf.Tensor) => tf.clipByValue(x, -0.5, 0.5),
};

const binary: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
  add: tf.add,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  mul: tf.mul,
  pow: tf.pow,
  squaredDifference: tf.squaredDifference,
  sub: tf.sub,
};

/** `tf.unstack` and `tf.split` give lists, of three here. */
function joined([a, b, c]: tf.Tensor[]): tf.Tensor {
  if (a === undefined || b === undefined || c === undefined) throw new Error("expected three");
  return a.mul(b).add(c);
}

// PyTorch's inputs have the ranks that these ops want; a tensor's type does not say so.
const rank = <R extends tf.Rank>(x: tf.Tensor) => x as tf.Tensor<R>;

const products: Record<string, Operation> = {
  "matMul": (a, b) => tf.matMul(a!, b!),
  "matMul transposeA": (a, b) => tf.matMul(a!, b!, true, false),
  "matMul transposeB": (a, b) => tf.matMul(a!, b!, false, true),
  "matMul both": (a, b) => tf.matMul(a!, b!, true, true),
  "matMul batched": (a, b) => tf.matMul(a!, b!),
  "matMul batched transposeB": (a, b) => tf.matMul(a!, b!, false, true),
  "matMul large": (a, b) => tf.matMul(a!, b!),
  "matMul large transposeA": (a, b) => tf.matMul(a!, b!, true, false),
  "matMul large transposeB": (a, b) => tf.matMul(a!, b!, false, true),
  "matMul of one matrix": (a, b) => tf.matMul(a!, b!),
  "matMul of spread batches": (a, b) => tf.matMul(a!, b!),
  "linear": (x, w, b) => linear(x!, w!, b!),
  "tiedHead": (x, table) => tiedHead(x!, table!),
};

const windows: Record<string, Operation> = {
  "conv1d": (x, w) => tf.conv1d(rank<tf.Rank.R3>(x!), rank<tf.Rank.R3>(w!), 1, "valid"),
  "conv2d": (x, w) => tf.conv2d(rank<tf.Rank.R4>(x!), rank<tf.Rank.R4>(w!), 1, "valid"),
  "conv2d same stride 2": (x, w) =>
    tf.conv2d(rank<tf.Rank.R4>(x!), rank<tf.Rank.R4>(w!), 2, "same"),
  "conv2dTranspose": (x, w) =>
    tf.conv2dTranspose(rank<tf.Rank.R4>(x!), rank<tf.Rank.R4>(w!), [2, 5, 6, 3], 1, "valid"),
  "depthwiseConv2d": (x, w) =>
    tf.depthwiseConv2d(rank<tf.Rank.R4>(x!), rank<tf.Rank.R4>(w!), 1, "valid"),
  "maxPool": (x) => tf.maxPool(rank<tf.Rank.R4>(x!), 2, 2, "valid"),
  "maxPool same": (x) => tf.maxPool(rank<tf.Rank.R4>(x!), 3, 1, "same"),
  "avgPool same": (x) => tf.avgPool(rank<tf.Rank.R4>(x!), 3, 1, "same"),
  "resizeNearestNeighbor": (x) => tf.image.resizeNearestNeighbor(rank<tf.Rank.R4>(x!), [7, 9]),
  "resizeBilinear": (x) => tf.image.resizeBilinear(rank<tf.Rank.R4>(x!), [7, 9], true),
  "avgPool": (x) => tf.avgPool(rank<tf.Rank.R4>(x!), 2, 2, "valid"),
};

const sums: Record<string, Operation> = {
  "sum": (x) => x!.sum(1),
  "sum all": (x) => x!.sum(),
  "mean": (x) => x!.mean(0),
  "max": (x) => x!.max(1),
  "min": (x) => x!.min(0),
  "prod": (x) => x!.prod(1),
  "logSumExp": (x) => tf.logSumExp(x!, 1),
  "softmax": (x) => tf.softmax(x!),
  "logSoftmax": (x) => tf.logSoftmax(x!),
  "cumsum": (x) => x!.cumsum(1),
  "norm": (x) => x!.norm(),
  "batchNorm": (x, mean, variance, offset, scale) =>
    tf.batchNorm(
      ...[x!, rank<tf.Rank.R1>(mean!), rank<tf.Rank.R1>(variance!)] as const,
      ...[rank<tf.Rank.R1>(offset!), rank<tf.Rank.R1>(scale!)] as const,
    ),
  "layerNorm": (x, weight, bias) => layerNorm(x!, weight!, bias!),
  "crossEntropy": (z, labels) => crossEntropy(z!, labels!),
};

const movements: Record<string, Operation> = {
  "transpose": (x) => x!.transpose(),
  "transpose five axes": (x) => x!.transpose([2, 0, 3, 1, 4]),
  "reshape": (x) => x!.reshape([2, 6]),
  "concat": (a, b) => tf.concat([a!, b!], 0),
  "slice": (x) => x!.slice([1, 1], [2, 2]),
  "stack": (a, b) => tf.stack([a!, b!], 1),
  "unstack": (x) => joined(tf.unstack(x!)),
  "split": (x) => joined(tf.split(x!, 3, 1)),
  "pad": (x) => tf.pad(x!, [[1, 1], [2, 0]]),
  "tile": (x) => tf.tile(x!, [2, 3]),
  "reverse": (x) => tf.reverse(x!, 1),
  "gather": (x, ids) => tf.gather(x!, ids!),
  "gather of two axes": (x, ids) => tf.gather(x!, ids!),
  "where": (a, b) => tf.where(a!.greaterEqual(b!), a!, b!),
  "embed": (table, ids) => embed(table!, ids!),
};

/** All of them. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...Object.entries(unary).map(([name, op]) => [name, (x?: tf.Tensor) => op(x!)] as const),
  ...Object.entries(binary).flatMap(([name, op]) =>
    [name, `${name} broadcast`].map((one) =>
      [one, (a?: tf.Tensor, b?: tf.Tensor) => op(a!, b!)] as const
    )
  ),
  ...[products, windows, sums, movements].flatMap((family) => Object.entries(family)),
]);
