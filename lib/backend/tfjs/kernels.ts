import type * as tfjs from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { AttributeType, typeAttribute } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import { Scratch } from "./scratch.ts";
import { backendOf, type KernelCall, type KernelFunc } from "./tensorflow_backend.ts";

/**
 * Replaces kernels of tfjs-node that are wrong, and adds one that it lacks:
 *
 * - `Exp` disposes its input if that is int32.
 * - `GatherV2` reads the indices to check them. That makes the host wait for the device, and is
 *   impossible in a recording. TensorFlow checks them itself on a CPU; on a GPU an index out of
 *   range gives zeros.
 * - `Round` passes int32 on to TensorFlow, whose CPU kernel gives zeros (2.21).
 * - `Reshape` and `ExpandDims` run an op and make a tensor of sizes for it, although another handle
 *   on the same values is enough.
 * - `DenseBincount` is missing.
 *
 * @param tf The TensorFlow.js in use, with tfjs-node's kernels registered.
 */
export function replaceKernels(tf: typeof tfjs): void {
  const replacements: Record<string, (original: KernelFunc) => KernelFunc> = {
    Exp: () => exp,
    GatherV2: () => (call) => gather(tf, call),
    Round: () => round,
    Reshape: (original) => (call) => reshaped(call, givenShape(tf, call)) ?? original(call),
    ExpandDims: (original) => (call) => reshaped(call, expandedShape(call)) ?? original(call),
  };
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const config = tf.getKernel(kernelName, "tensorflow");
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({ ...config, kernelFunc: replacement(config.kernelFunc) });
  }
  tf.registerKernel({
    kernelName: "DenseBincount",
    backendName: "tensorflow",
    kernelFunc: denseBincount,
  });
}

/** The kernel's input in another shape, or undefined if TensorFlow's op is needed. */
function reshaped(call: KernelCall, shape?: readonly number[]): tfjs.TensorInfo | undefined {
  if (shape === undefined) return undefined;
  const backend = backendOf(call), x = call.inputs.x ?? call.inputs.input;
  const ids = backend.getInputTensorIds(x === undefined ? [] : [x]);
  const output = backend.binding.reshape(ids[0] ?? -1, shape); // one id each
  return output === undefined ? undefined : backend.createOutputTensor(output);
}

/** The requested shape of Reshape; a size of -1 is computed from the other sizes. */
function givenShape(tf: typeof tfjs, { inputs, attrs }: KernelCall): number[] {
  // The op always has this input and this attribute.
  const { x } = inputs as Record<"x", tfjs.TensorInfo>, { shape } = attrs as { shape: number[] };
  return tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape));
}

/**
 * The shape with one more axis of size 1; undefined if the position is out of range, which the op
 * refuses.
 */
function expandedShape({ inputs, attrs }: KernelCall): number[] | undefined {
  // The op always has this input and this attribute.
  const { input } = inputs as Record<"input", tfjs.TensorInfo>, { dim } = attrs as { dim: number };
  const { shape } = input, place = dim < 0 ? shape.length + 1 + dim : dim;
  return place < 0 || place > shape.length ? undefined : shape.toSpliced(place, 0, 1);
}

function exp(call: KernelCall): tfjs.TensorInfo {
  const backend = backendOf(call), { x } = call.inputs as Record<"x", tfjs.TensorInfo>;
  using scratch = new Scratch(backend.binding);
  const ids = backend.getInputTensorIds([x]);
  const [id = -1] = ids; // one id each
  const operand = x.dtype === "float32" || x.dtype === "complex64"
    ? id
    : scratch.cast(id, { from: backend.getDTypeInteger(x.dtype), to: DataType.FLOAT32 });
  const dtype = x.dtype === "complex64" ? DataType.COMPLEX64 : DataType.FLOAT32;
  const [output] = backend.binding.executeOp("Exp", [typeAttribute("T", dtype)], [operand], 1);
  return backend.createOutputTensor(output);
}

/** The count, or the sum of weights, of each whole number below `size`; per row if `x` has rows. */
function denseBincount(call: KernelCall): tfjs.TensorInfo {
  const backend = backendOf(call);
  // The op always has these inputs and attributes.
  const { x, weights } = call.inputs as Record<"x" | "weights", tfjs.TensorInfo>;
  const { size, binaryOutput } = call.attrs as { size: number; binaryOutput?: boolean };
  using scratch = new Scratch(backend.binding);
  const [values = -1, factors = -1] = backend.getInputTensorIds([x, weights]); // one id each
  const [output] = backend.binding.executeOp(
    "DenseBincount",
    [
      typeAttribute("Tidx", DataType.INT32),
      typeAttribute("T", backend.getDTypeInteger(weights.dtype)),
      { name: "binary_output", type: AttributeType.BOOL, value: binaryOutput ?? false },
    ],
    [values, scratch.tensor([], DataType.INT32, Int32Array.of(size)), factors],
    1,
  );
  return backend.createOutputTensor(output);
}

function gather(tf: typeof tfjs, call: KernelCall): tfjs.TensorInfo {
  const backend = backendOf(call);
  // The op always has these inputs and attributes.
  const { x, indices } = call.inputs as Record<"x" | "indices", tfjs.TensorInfo>;
  const { axis, batchDims } = call.attrs as Record<"axis" | "batchDims", number>;
  // This check uses only the shapes.
  tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as tfjs.Tensor,
    indices as tfjs.Tensor,
    axis,
    batchDims,
  );
  using scratch = new Scratch(backend.binding);
  const inputs = backend.getInputTensorIds([x, indices]);
  inputs.push(scratch.tensor([], DataType.INT32, Int32Array.of(axis)));
  try {
    const [output] = backend.binding.executeOp(
      "GatherV2",
      [
        { name: "batch_dims", type: AttributeType.INT, value: batchDims },
        typeAttribute("Tparams", backend.getDTypeInteger(x.dtype)),
        typeAttribute("Tindices", backend.getDTypeInteger(indices.dtype)),
        typeAttribute("Taxis", DataType.INT32),
      ],
      inputs,
      1,
    );
    return backend.createOutputTensor(output);
  } catch (error) {
    throw withIndexNamed(error);
  }
}

/** Gives an index out of range the same message as on every backend of TensorFlow.js. */
function withIndexNamed(error: unknown): unknown {
  if (!(error instanceof BackendError)) return error;
  const [, index, size] = /indices\[.*\] = (-?\d+) is not in \[0, (\d+)\)/.exec(error.message) ??
    [];
  if (index === undefined) return error;
  return new BackendError(
    `Cannot gather: GatherV2: the index value ${index} is not in [0, ${Number(size) - 1}]`,
    { code: error.code, op: error.op, cause: error },
  );
}

function round(call: KernelCall): tfjs.TensorInfo {
  const backend = backendOf(call);
  const { x } = call.inputs as Record<"x", tfjs.TensorInfo>; // the op's one input
  const [output] = backend.binding.executeOp(
    x.dtype === "int32" ? "Identity" : "Round",
    [typeAttribute("T", backend.getDTypeInteger(x.dtype))],
    backend.getInputTensorIds([x]),
    1,
  );
  return backend.createOutputTensor(output);
}
