import type * as tfjs from "@tensorflow/tfjs";
import type { KernelFunc } from "./tensorflow_backend.ts";
import { type Shapes, WINDOWS } from "./window_shapes.ts";

/** Attributes that tfjs-node converts to int32, which would silently change a larger number. */
const SIZES: Readonly<Record<string, readonly string[]>> = {
  BatchToSpaceND: ["blockShape", "crops"],
  Bincount: ["size"],
  CropAndResize: ["cropSize"],
  DenseBincount: ["size"],
  Fill: ["shape"],
  LinSpace: ["num"],
  MirrorPad: ["paddings"],
  Multinomial: ["numSamples"],
  NonMaxSuppressionV3: ["maxOutputSize"],
  NonMaxSuppressionV4: ["maxOutputSize"],
  NonMaxSuppressionV5: ["maxOutputSize"],
  OneHot: ["depth"],
  PadV2: ["paddings"],
  Reshape: ["shape"],
  ResizeBilinear: ["size"],
  ResizeNearestNeighbor: ["size"],
  ScatterNd: ["shape"],
  Slice: ["begin", "size"],
  SpaceToBatchND: ["blockShape", "paddings"],
  SparseToDense: ["outputShape"],
  SplitV: ["numOrSizeSplits"],
  StridedSlice: ["begin", "end", "strides"],
  Tile: ["reps"],
  TopK: ["k"],
  UnsortedSegmentSum: ["numSegments"],
};

/**
 * Kernels that get an axis in the same way, without a look at it before: NaN would become axis 0. As
 * in a list of axes, which TensorFlow.js checks, an axis must be an integer.
 */
const AXES: readonly string[] = [
  "ArgMax",
  "ArgMin",
  "Concat",
  "Cumprod",
  "Cumsum",
  "GatherV2",
  "Unique",
];

/** Kernels that treat several tensors as one type without converting them first. */
const MATCHED = ["Concat", "Einsum", "Select"];

/**
 * Guards tfjs-node's kernels against sizes beyond int32, which would silently become other sizes:
 * `tf.fill([2 ** 32 + 3], 1)` had 3 elements. An axis of NaN would become axis 0 in the same way.
 *
 * @param tf The TensorFlow.js in use, with all kernels registered.
 */
export function guardSizes(tf: typeof tfjs): void {
  for (const [kernel, names] of Object.entries(SIZES)) {
    wrap(tf, { kernel, backend: "tensorflow", kind: "sizes" }, (original) => (call) => {
      for (const name of names) assertInt32(kernel, name, call.attrs?.[name]);
      return original(call);
    });
  }
  for (const kernel of AXES) {
    wrap(tf, { kernel, backend: "tensorflow", kind: "axis" }, (original) => (call) => {
      assertAxis(kernel, call.attrs?.["axis"]);
      return original(call);
    });
  }
}

/**
 * Guards a backend's kernels that move windows against empty inputs. With these, oneDNN's
 * convolutions give the input's shape and old content of the memory, XLA's pooling gives a wrong
 * shape, and WebAssembly's kernels read outside their memory. With this guard the result has the
 * right shape, and all of its elements are 0.
 *
 * @param tf The TensorFlow.js in use, with all kernels registered.
 * @param backend The name of the backend; a kernel that it lacks is ignored.
 */
export function guardWindows(tf: typeof tfjs, backend: string): void {
  for (const [kernel, outputShape] of Object.entries(WINDOWS)) {
    wrap(tf, { kernel, backend, kind: "window" }, (original) => (call) => {
      const shapes = shapesOf(call.inputs), shape = outputShape(tf, shapes, call.attrs);
      // A fused kernel also adds a bias, so an empty input does not mean zeros: TensorFlow refuses
      // it.
      const decisive = kernel.startsWith("Fused") ? [shape] : [shape, ...Object.values(shapes)];
      const isEmpty = decisive.some((sizes) => sizes.includes(0));
      return isEmpty ? tf.zeros([...shape], dtypeOf(call.inputs)) : original(call);
    });
  }
}

type Inputs = Parameters<KernelFunc>[0]["inputs"];

function shapesOf(inputs: Inputs): Shapes {
  const shapes: Record<string, readonly number[]> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (tensor !== undefined) shapes[name] = tensor.shape; // the bias is optional
  }
  return shapes;
}

function dtypeOf(inputs: Inputs): tfjs.DataType {
  return Object.values(inputs)[0]?.dtype ?? "float32";
}

/**
 * Lets kernels take tensors of several types, like TensorFlow.js's own arithmetic: they are
 * computed in the widest type. Otherwise `Concat` of plain JavaScript and WebAssembly would convert
 * the numbers to the first tensor's type, and TensorFlow would refuse all three kernels.
 *
 * @param tf The TensorFlow.js in use, with all kernels registered.
 * @param backends The names of the backends; a kernel that one lacks is ignored.
 */
export function promoteMixedTypes(tf: typeof tfjs, backends: readonly string[]): void {
  for (const backend of backends) {
    for (const kernel of MATCHED) {
      wrap(tf, { kernel, backend, kind: "types" }, (original) => (call) => {
        const dtypes = matchedNames(call.inputs).map((name) => call.inputs[name]?.dtype);
        if (dtypes.every((dtype) => dtype === dtypes[0])) return original(call);
        const { inputs, casts } = promoted(tf, call.inputs);
        try {
          return original({ ...call, inputs });
        } finally {
          tf.dispose(casts);
        }
      });
    }
  }
}

/** The tensors that must have one type: all but a condition. */
function matchedNames(inputs: Inputs): string[] {
  return Object.keys(inputs).filter((name) => name !== "condition");
}

/** The same inputs, as a list or by name like the originals, in the widest of their types. */
function promoted(tf: typeof tfjs, inputs: Inputs): { inputs: Inputs; casts: tfjs.Tensor[] } {
  const names = matchedNames(inputs);
  const dtype = names.map((name) => inputs[name]?.dtype ?? "float32")
    .reduce((wider, one) => tf.backend_util.upcastType(wider, one));
  const result: Inputs = Object.assign(Array.isArray(inputs) ? [] : {}, inputs);
  const casts = names.map((name) =>
    // A kernel always gets tensors, although its type declares only `TensorInfo`.
    result[name] = tf.cast(inputs[name] as tfjs.Tensor, dtype)
  );
  return { inputs: result, casts };
}

type Kind = "sizes" | "axis" | "window" | "types";

/** The guards that a kernel has already; it may have several. */
const guardsOf = new WeakMap<KernelFunc, ReadonlySet<Kind>>();

/** Wraps a kernel in another one, only once for each kind of guard, if the backend has it. */
function wrap(
  tf: typeof tfjs,
  { kernel, backend, kind }: { kernel: string; backend: string; kind: Kind },
  guard: (original: KernelFunc) => KernelFunc,
): void {
  const config = tf.getKernel(kernel, backend);
  if (config === undefined) return;
  const guards = guardsOf.get(config.kernelFunc) ?? new Set();
  if (guards.has(kind)) return;
  const kernelFunc = guard(config.kernelFunc);
  guardsOf.set(kernelFunc, new Set([...guards, kind]));
  tf.unregisterKernel(kernel, backend);
  tf.registerKernel({ ...config, kernelFunc });
}

/**
 * Refuses numbers outside int32, which has -2^31 to 2^31 - 1: only numbers in it stay the same when
 * they are cut to 32 bits.
 */
function assertInt32(kernel: string, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) assertInt32(kernel, name, one);
  } else if (typeof value === "number" && (value | 0) !== Math.trunc(value)) {
    throw new RangeError(
      `Cannot run ${kernel}: expected ${name} to be within int32, got ${value}`,
    );
  }
}

/** An axis that is left out is the kernel's own default. */
function assertAxis(kernel: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) assertAxis(kernel, one);
  } else if (typeof value === "number" && (value | 0) !== value) {
    throw new RangeError(
      `Cannot run ${kernel}: expected axis to be an integer within int32, got ${value}`,
    );
  }
}
