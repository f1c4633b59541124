import type * as tfjs from "@tensorflow/tfjs";
import { sizeOf } from "../arrays/elements.ts";
import { permute } from "../arrays/permute.ts";
import type { KernelCall, KernelFunc } from "../tfjs/tensorflow_backend.ts";
import { filterGradient } from "./filter_gradient.ts";
import { fusedProduct, matrixProducts } from "./matrix_products.ts";
import { unsortedSegmentSum } from "./segment_sum.ts";
import { elements, wasmOf } from "./wasm_heap.ts";

/** The element types that are stored in WebAssembly's memory. */
const IN_MEMORY: ReadonlySet<string> = new Set(["float32", "int32", "bool"]);

const done = new WeakSet<KernelFunc>();

/**
 * Replaces kernels of WebAssembly's package that are slow or wrong, and adds two that it lacks. The
 * new kernels work in place on the package's own memory:
 *
 * - `BatchMatMul` and `_FusedMatMul` of transposed operands, and of many matrices at once, are more
 *   than ten times as fast.
 * - `Transpose` of more than two axes is as fast as a copy.
 * - The package's `OneHot` of float32 wrote the bits of integers, and its `Cast` to bool wrote the
 *   last byte of each number.
 * - `Prod` of no numbers is 1; the package's gave the old content of the memory.
 * - `UnsortedSegmentSum` (the gradient of `tf.gather`) and `Conv2DBackpropFilter` are missing in
 *   the package.
 *
 * @param tf The TensorFlow.js in use, with the package's kernels registered.
 */
export function replaceWasmKernels(tf: typeof tfjs): void {
  const replacements: Record<string, (original: KernelFunc) => KernelFunc> = {
    BatchMatMul: () => matrixProducts(tf),
    _FusedMatMul: fusedProduct(tf),
    Cast: (original) => (call) => castToBool(tf, call) ?? original(call),
    OneHot: () => oneHot,
    Prod: (original) => (call) => prodOfNothing(tf, call) ?? original(call),
    Transpose: transpose,
  };
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const config = tf.getKernel(kernelName, "wasm");
    if (done.has(config.kernelFunc)) continue;
    const kernelFunc = replacement(config.kernelFunc);
    done.add(kernelFunc);
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ ...config, kernelFunc });
  }
  const missing = {
    Conv2DBackpropFilter: filterGradient(tf),
    UnsortedSegmentSum: unsortedSegmentSum,
  };
  for (const [kernelName, kernelFunc] of Object.entries(missing)) {
    if (tf.getKernel(kernelName, "wasm") !== undefined) continue;
    tf.registerKernel({ kernelName, backendName: "wasm", kernelFunc });
  }
}

function transpose(original: KernelFunc): KernelFunc {
  return (call) => {
    // The op always has this input and this attribute.
    const { x } = call.inputs as Record<"x", tfjs.TensorInfo>;
    const { perm } = call.attrs as { perm: readonly number[] };
    const isSame = perm.every((axis, place) => axis === place);
    if (isSame || !IN_MEMORY.has(x.dtype)) return original(call);
    const backend = wasmOf(call);
    const out = backend.makeOutput(perm.map((axis) => x.shape[axis] ?? 1), x.dtype);
    permute(elements(backend, x), elements(backend, out), x.shape, perm);
    return out;
  };
}

/**
 * The kernel's result for a cast of numbers to bool; undefined if the package's own kernel is
 * right.
 */
function castToBool(tf: typeof tfjs, { inputs, attrs }: KernelCall): tfjs.Tensor | undefined {
  // The op always has this input. A kernel always gets tensors, although its type declares less.
  const { x } = inputs as Record<"x", tfjs.Tensor>;
  if (attrs?.dtype !== "bool" || x.dtype === "bool") return undefined;
  return tf.tidy(() => tf.notEqual(x, tf.scalar(0, x.dtype)));
}

function oneHot(call: KernelCall): tfjs.TensorInfo {
  const backend = wasmOf(call);
  // The op always has this input and these attributes.
  const { indices } = call.inputs as Record<"indices", tfjs.TensorInfo>;
  const { dtype, depth, onValue, offValue } = call.attrs as {
    readonly dtype: tfjs.DataType;
    readonly depth: number;
    readonly onValue: number;
    readonly offValue: number;
  };
  const out = backend.makeOutput([...indices.shape, depth], dtype);
  const from = elements(backend, indices), to = elements(backend, out);
  to.fill(offValue);
  for (let row = 0; row < from.length; row++) {
    const index = from[row]!;
    if (index >= 0 && index < depth) to[row * depth + index] = onValue;
  }
  return out;
}

/** Ones, if there is nothing to multiply; otherwise undefined. */
function prodOfNothing(tf: typeof tfjs, { inputs, attrs }: KernelCall): tfjs.Tensor | undefined {
  // The op always has this input and these attributes.
  const { x } = inputs as Record<"x", tfjs.TensorInfo>;
  const { axis, keepDims } = attrs as { axis: number | number[]; keepDims: boolean };
  if (sizeOf(x.shape) > 0) return undefined;
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = keepDims
    ? x.shape.map((length, place) => axes.includes(place) ? 1 : length)
    : x.shape.filter((_, place) => !axes.includes(place));
  return tf.ones(kept, x.dtype);
}
