import * as tf from "@tensorflow/tfjs";
import { b, call, f, i, type KernelCall, type Make, up } from "./kernel_call.ts";
import { EMPTY_WINDOW_CALLS, WINDOW_CALLS } from "./window_calls.ts";

const complex: Make = () => tf.tidy(() => tf.complex(f(2, 4)(), f(2, 4)()));
const words: Make = () => tf.tensor1d(["a word", "another"], "string");

/** Calls of kernels with one input `x` and no settings. */
function unary(kernels: string, make: Make): KernelCall[] {
  return kernels.split(" ").map((kernel) => call(kernel, { x: make }));
}

/** Calls of kernels with inputs `a` and `b`, of one shape and of two that are broadcast. */
function binary(kernels: string, make: (...shape: number[]) => Make): KernelCall[] {
  return kernels.split(" ").flatMap((kernel) => [
    call(kernel, { a: make(2, 3), b: make(2, 3) }),
    call(kernel, { a: make(2, 1, 3), b: make(4, 1) }),
    call(kernel, { a: make(0, 3), b: make(3) }),
  ]);
}

/** Calls of a reduction over an axis, over all, and over an axis without elements. */
function reductions(kernels: string, make: (...shape: number[]) => Make): KernelCall[] {
  return kernels.split(" ").flatMap((kernel) =>
    [[1], [0, 1]].flatMap((axis) =>
      [true, false].map((keepDims) =>
        call(kernel, { x: make(2, 3) }, { axis, reductionIndices: axis, keepDims })
      )
    )
  );
}

const FLOATS =
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Identity IsFinite IsInf " +
  "IsNan Log Log1p Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus " +
  "Sqrt Square Tan Tanh ZerosLike";
const COMPARED = "Equal Greater GreaterEqual Less LessEqual NotEqual";

const lrn = { depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.75 };
const boxes: Make = () => tf.tensor2d([[0, 0, 1, 1], [0, 0, 0.9, 1], [0.5, 0.5, 1, 1]]);
const chosen = { maxOutputSize: 2, iouThreshold: 0.5, scoreThreshold: 0.1 };
const one: Make = () => tf.scalar(1);

/** Nothing to compute: no rows, no columns, no places. */
const EMPTY: KernelCall[] = [
  call("BatchMatMul", { a: f(1, 2, 0), b: f(1, 0, 3) }, { transposeA: false, transposeB: false }),
  call("Softmax", { logits: f(0, 3) }, { dim: 1 }),
  call("Transpose", { x: f(0, 3) }, { perm: [1, 0] }),
  call("Sum", { x: f(0, 3) }, { axis: [0], keepDims: false }),
  call("Prod", { x: f(0, 3) }, { axis: [0], keepDims: false }),
  call("Concat", [f(0, 3), f(2, 3)], { axis: 0 }),
  call("GatherV2", { x: f(3, 2), indices: i([]) }, { axis: 0, batchDims: 0 }),
  call("UnsortedSegmentSum", { x: f(0, 2), segmentIds: i([]) }, { numSegments: 3 }),
  ...unary(FLOATS, f(0, 3)),
];

const SHAPES: KernelCall[] = [
  call("BatchToSpaceND", { x: f(4, 1, 1, 1) }, { blockShape: [2, 2], crops: [[0, 0], [0, 0]] }),
  call("Concat", [f(2, 3), f(2, 1)], { axis: 1 }),
  call("DepthToSpace", { x: f(1, 1, 1, 4) }, { blockSize: 2, dataFormat: "NHWC" }),
  call("Diag", { x: f(3) }),
  call("ExpandDims", { input: f(2, 3) }, { dim: 1 }),
  call("Fill", {}, { shape: [2, 3], value: 2.5, dtype: "float32" }),
  call("FlipLeftRight", { image: f(1, 2, 3, 1) }),
  call("GatherNd", { params: f(2, 3), indices: i([1, 2, 0, 0], [2, 2]) }),
  call("GatherV2", { x: f(3, 2), indices: i([2, 0]) }, { axis: 0, batchDims: 0 }),
  call("LinSpace", {}, { start: 0, stop: 1, num: 5 }),
  ...["reflect", "symmetric"].map((mode) =>
    call("MirrorPad", { x: f(3, 3) }, { paddings: [[1, 1], [0, 2]], mode })
  ),
  call("OneHot", { indices: i([2, 0]) }, { depth: 3, onValue: 1, offValue: 0, dtype: "float32" }),
  call("Pack", [f(2, 3), f(2, 3)], { axis: 1 }),
  call("PadV2", { x: f(2, 2) }, { paddings: [[1, 0], [0, 2]], constantValue: 0.5 }),
  call("Range", {}, { start: 1, stop: 7, step: 2, dtype: "int32" }),
  ...[[3, 2], [-1], [1, -1, 2]].map((shape) => call("Reshape", { x: f(2, 3) }, { shape })),
  call("Reverse", { x: f(2, 3) }, { dims: [1] }),
  call("ScatterNd", { indices: i([1, 1], [2, 1]), updates: f(2, 2) }, { shape: [3, 2] }),
  call("Slice", { x: f(3, 3) }, { begin: [1, 0], size: [2, 2] }),
  call("SpaceToBatchND", { x: f(1, 2, 2, 1) }, { blockShape: [2, 2], paddings: [[0, 0], [0, 0]] }),
  call("SparseToDense", {
    sparseIndices: i([0, 2], [2, 1]),
    sparseValues: f(2),
    defaultValue: () => tf.scalar(0.25),
  }, { outputShape: [4] }),
  call("SplitV", { x: f(2, 4) }, { numOrSizeSplits: [1, 3], axis: 1 }),
  call("StridedSlice", { x: f(4, 3) }, {
    ...{ begin: [0, 1], end: [4, 3], strides: [2, 1] },
    ...{ beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
  }),
  call("TensorScatterUpdate", { tensor: f(3, 2), indices: i([1], [1, 1]), updates: f(1, 2) }),
  call("Tile", { x: f(2, 2) }, { reps: [1, 2] }),
  call("Transpose", { x: f(2, 3) }, { perm: [1, 0] }),
  call("Unpack", { value: f(2, 3) }, { axis: 0 }),
];

const OTHERS: KernelCall[] = [
  call("AddN", [f(2, 3), f(2, 3), f(2, 3)]),
  ...["ArgMax", "ArgMin"].map((kernel) => call(kernel, { x: f(2, 3) }, { axis: 1 })),
  ...["ArgMax", "ArgMin"].map((kernel) =>
    call(kernel, { x: b([0, 1, 1, 0], [2, 2]) }, { axis: 1 })
  ),
  call("BatchMatMul", { a: f(2, 2, 3), b: f(2, 3, 2) }, { transposeA: false, transposeB: false }),
  call("_FusedMatMul", { a: f(2, 3), b: f(3, 2), bias: f(2) }, {
    ...{ transposeA: false, transposeB: false, activation: "relu" },
  }),
  ...["Bincount", "DenseBincount"].map((kernel) =>
    call(kernel, { x: i([1, 2, 1]), weights: f(3) }, { size: 4, binaryOutput: false })
  ),
  call("DenseBincount", { x: i([1, 1, 0, 3], [2, 2]), weights: f(2, 2) }, { size: 3 }),
  call("DenseBincount", { x: i([1, 1, 0, 3], [2, 2]), weights: f(2, 2) }, {
    ...{ size: 3, binaryOutput: true },
  }),
  call("DenseBincount", { x: i([1, 1, 0, 3], [2, 2]), weights: () => tf.tensor2d([], [0, 0]) }, {
    ...{ size: 3 },
  }),
  call("BroadcastArgs", { s0: i([2, 1]), s1: i([1, 3]) }),
  ...["int32", "bool", "float32"].map((dtype) => call("Cast", { x: up(2, 3) }, { dtype })),
  call("ClipByValue", { x: f(2, 3) }, { clipValueMin: 0.2, clipValueMax: 0.6 }),
  call("Complex", { real: f(2, 3), imag: f(2, 3) }),
  call("ComplexAbs", { x: complex }),
  ...["FFT", "IFFT", "Real", "Imag"].map((kernel) => call(kernel, { input: complex })),
  call("CropAndResize", { image: f(1, 4, 4, 1), boxes, boxInd: i([0, 0, 0]) }, {
    ...{ cropSize: [2, 2], method: "bilinear", extrapolationValue: 0 },
  }),
  ...["Cumprod", "Cumsum"].map((kernel) =>
    call(kernel, { x: f(2, 3) }, { axis: 1, exclusive: false, reverse: false })
  ),
  call("Einsum", [f(2, 3), f(3, 4)], { equation: "ij,jk->ik" }),
  call("EluGrad", { dy: f(2, 3), y: f(2, 3) }),
  call("FusedBatchNorm", {
    x: f(1, 2, 2, 3),
    mean: f(3),
    variance: f(3),
    scale: f(3),
    offset: f(3),
  }, {
    ...{ varianceEpsilon: 0.01 },
  }),
  call("LRN", { x: f(1, 2, 2, 3) }, lrn),
  call("LRNGrad", { x: f(1, 2, 2, 3), y: f(1, 2, 2, 3), dy: f(1, 2, 2, 3) }, lrn),
  call("LeakyRelu", { x: f(2, 3) }, { alpha: 0.2 }),
  ...["LogicalAnd", "LogicalOr"].map((kernel) => call(kernel, { a: b([0, 1]), b: b([1, 1]) })),
  call("LogicalNot", { x: b([0, 1]) }),
  call("Multinomial", { logits: f(2, 3) }, { numSamples: 4, seed: 3, normalized: false }),
  call("NonMaxSuppressionV3", { boxes, scores: f(3) }, chosen),
  call("NonMaxSuppressionV4", { boxes, scores: f(3) }, { ...chosen, padToMaxOutputSize: true }),
  call("NonMaxSuppressionV5", { boxes, scores: f(3) }, { ...chosen, softNmsSigma: 0.2 }),
  call("Prelu", { x: f(2, 3), alpha: f(3) }),
  ...["Bilinear", "NearestNeighbor"].flatMap((method) => [
    call(`Resize${method}`, { images: f(1, 2, 2, 1) }, {
      ...{ alignCorners: false, halfPixelCenters: false, size: [4, 4] },
    }),
    call(`Resize${method}Grad`, { images: f(1, 2, 2, 1), dy: f(1, 4, 4, 1) }, {
      alignCorners: false,
    }),
  ]),
  call("SeededUniform", { seed: i([1, 2]) }, { shape: [5], stream: 1 }),
  call("Select", { condition: b([0, 1]), t: f(2), e: f(2) }),
  call("Softmax", { logits: f(2, 3) }, { dim: 1 }),
  call("StaticRegexReplace", { x: words }, { pattern: "a", rewrite: "b", replaceGlobal: true }),
  call("Step", { x: f(2, 3) }, { alpha: 0.5 }),
  call("TopK", { x: f(2, 3) }, { k: 2, sorted: true }),
  call("Unique", { x: i([3, 1, 3]) }, { axis: 0 }),
  call("UnsortedSegmentSum", { x: f(3, 2), segmentIds: i([1, 0, 1]) }, { numSegments: 2 }),
  call("SquaredDifference", { a: one, b: f(2) }),
];

/** Calls of every kernel that the backend has, most of them small, some with nothing to compute. */
export const KERNEL_CALLS: readonly KernelCall[] = [
  ...unary(FLOATS, f(2, 3)),
  ...binary("Add Atan2 Maximum Minimum Multiply Pow SquaredDifference Sub " + COMPARED, f),
  ...binary("FloorDiv Mod RealDiv", up),
  ...reductions("Max Mean Min Prod Sum", f),
  ...reductions("All Any", (...shape) => () => tf.tidy(() => f(...shape)().greater(0.5))),
  ...WINDOW_CALLS,
  ...SHAPES,
  ...OTHERS,
  ...EMPTY,
  ...EMPTY_WINDOW_CALLS,
];
