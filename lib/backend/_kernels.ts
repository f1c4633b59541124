import type * as tfjs from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { AttributeType, reshapeAttributes, typeAttribute } from "./_attributes.ts";
import { DataType } from "./_data_types.ts";
import type { Binding } from "./binding.ts";
import type { OpAttribute, TensorMetadata, TensorValues } from "./op_sink.ts";
import { philoxUniform, UNIFORM_VALUES } from "./philox.ts";

type KernelCall = Parameters<Parameters<typeof tfjs.registerKernel>[0]["kernelFunc"]>[0];

/** What kernels of ours use of tfjs-node's backend. */
interface TensorFlowBackend {
  readonly binding: Binding;
  getDTypeInteger(dtype: tfjs.DataType): number;
  getInputTensorIds(tensors: readonly tfjs.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata | undefined): tfjs.Tensor;
}

/** What kernels of ours use of every other backend. */
interface PlainBackend {
  readSync(dataId: tfjs.DataId): Int32Array;
  write(values: Float32Array, shape: readonly number[], dtype: "float32"): tfjs.DataId;
}

/** Philox's number in TensorFlow's stateless ops; named, since "auto" depends on the device. */
const PHILOX = 1;

/** A drawn block of 64 bits makes so many numbers: 16 bits are enough to say what is dropped. */
const NUMBERS_A_BLOCK = 4;

/**
 * Registers the kernel `SeededUniform` on backends that lack it: input `seed` int32 [2], attributes
 * `shape` and `stream` (an integer from 0), output float32 in [0, 1). The same seed and stream give
 * the same numbers on every backend and however they are compiled, those of {@linkcode philoxUniform}.
 *
 * They are made of drawn bits: from the same bits TensorFlow's own op for uniform numbers takes the
 * low 23 and XLA's the high 23, and one seed would drop other values op by op than compiled.
 *
 * @param tf The TensorFlow.js in use.
 * @param backends The names of the backends.
 */
export function registerSeededUniform(tf: typeof tfjs, backends: readonly string[]): void {
  for (const backendName of backends) {
    if (tf.getKernel("SeededUniform", backendName)) continue;
    const kernelFunc = backendName === "tensorflow" ? uniformOnTensorFlow : uniformElsewhere;
    tf.registerKernel({ kernelName: "SeededUniform", backendName, kernelFunc });
  }
}

/**
 * Replaces two of tfjs-node's kernels:
 *
 * - `GatherV2` reads the indices back to check them, which makes the host wait for the device, and
 *   which no recording can do. TensorFlow checks them itself on a CPU; on a GPU an index outside
 *   gives zeros.
 * - `Round` passes int32 on to TensorFlow, whose CPU kernel answers with zeros (2.21).
 *
 * @param tf The TensorFlow.js in use, with tfjs-node's kernels registered.
 */
export function replaceKernels(tf: typeof tfjs): void {
  const replacements = {
    GatherV2: (call: KernelCall) => gather(tf, call),
    Round: round,
  };
  for (const [kernelName, kernelFunc] of Object.entries(replacements)) {
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({ kernelName, backendName: "tensorflow", kernelFunc });
  }
}

function gather(tf: typeof tfjs, call: KernelCall): tfjs.TensorInfo {
  // The kernel is registered for this backend, and the op always has these inputs and attributes.
  const backend = call.backend as TensorFlowBackend;
  const { x, indices } = call.inputs as Record<"x" | "indices", tfjs.TensorInfo>;
  const { axis, batchDims } = call.attrs as Record<"axis" | "batchDims", number>;
  // The check of the shapes reads nothing but the shapes.
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

/** Says of an index outside what every backend of TensorFlow.js says of it. */
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
  const backend = call.backend as TensorFlowBackend; // registered for this backend
  const { x } = call.inputs as Record<"x", tfjs.TensorInfo>; // the op's one input
  const [output] = backend.binding.executeOp(
    x.dtype === "int32" ? "Identity" : "Round",
    [typeAttribute("T", backend.getDTypeInteger(x.dtype))],
    backend.getInputTensorIds([x]),
    1,
  );
  return backend.createOutputTensor(output);
}

function uniformOnTensorFlow(call: KernelCall): tfjs.TensorInfo {
  const backend = call.backend as TensorFlowBackend; // registered for this backend
  const { seed, shape, stream } = uniformArguments(call);
  using scratch = new Scratch(backend.binding);
  const size = sizeOf(shape), blocks = Math.ceil(size / NUMBERS_A_BLOCK);
  const bits = drawBlocks(scratch, { seed: backend.getInputTensorIds([seed]), stream, blocks });
  const integers = scratch.run("Cast", [
    typeAttribute("SrcT", DataType.UINT16),
    typeAttribute("DstT", DataType.FLOAT32),
  ], [scratch.bitcast(bits, { from: DataType.UINT64, to: DataType.UINT16 })]);
  const fractions = scratch.run("Mul", [typeAttribute("T", DataType.FLOAT32)], [
    integers,
    scratch.tensor([], DataType.FLOAT32, Float32Array.of(1 / UNIFORM_VALUES)),
  ]);
  const surplus = blocks * NUMBERS_A_BLOCK - size;
  const needed = surplus === 0 ? fractions : scratch.run("Slice", [
    typeAttribute("T", DataType.FLOAT32),
    typeAttribute("Index", DataType.INT32),
  ], [
    scratch.reshape([fractions], DataType.FLOAT32, [size + surplus]),
    scratch.sizes([0]),
    scratch.sizes([size]),
  ]);
  const reshape = reshapeAttributes(DataType.FLOAT32);
  const [output] = backend.binding.executeOp("Reshape", reshape, [needed, scratch.sizes(shape)], 1);
  return backend.createOutputTensor(output);
}

/** The id of uint64 [blocks]; `seed` is the id of the one seed. */
function drawBlocks(scratch: Scratch, { seed, stream, blocks }: {
  seed: readonly number[];
  stream: number;
  blocks: number;
}): number {
  // Key, counter and draws are unsigned, which TensorFlow.js has no name for: they live as ids only.
  const key = scratch.bitcast(
    scratch.reshape(seed, DataType.INT32, [1, 2]),
    { from: DataType.INT32, to: DataType.UINT64 },
  );
  return scratch.run("StatelessRandomUniformFullIntV2", [
    typeAttribute("dtype", DataType.UINT64),
    typeAttribute("Tshape", DataType.INT32),
  ], [
    scratch.sizes([blocks]),
    key,
    scratch.tensor([2], DataType.UINT64, BigUint64Array.of(0n, BigInt(stream))),
    scratch.tensor([], DataType.INT32, Int32Array.of(PHILOX)),
  ]);
}

function uniformElsewhere(call: KernelCall): tfjs.TensorInfo {
  const backend = call.backend as PlainBackend; // every backend of TensorFlow.js reads and writes
  const { seed, shape, stream } = uniformArguments(call);
  const [low = 0, high = 0] = backend.readSync(seed.dataId);
  const values = philoxUniform([low, high], { size: sizeOf(shape), stream });
  return { dataId: backend.write(values, shape, "float32"), shape, dtype: "float32" };
}

function uniformArguments(
  { inputs, attrs }: KernelCall,
): { seed: tfjs.TensorInfo; shape: number[]; stream: number } {
  const { seed } = inputs, { shape, stream } = attrs ?? {};
  if (seed?.dtype !== "int32" || seed.shape.length !== 1 || seed.shape[0] !== 2) {
    throw new TypeError(
      `Cannot run SeededUniform: expected a seed int32 [2], got ${seed?.dtype} [${seed?.shape}]`,
    );
  }
  if (!isSizes(shape)) {
    throw new TypeError(
      `Cannot run SeededUniform: expected a shape of integers from 0, got ${JSON.stringify(shape)}`,
    );
  }
  if (!Number.isSafeInteger(stream) || Number(stream) < 0) {
    throw new RangeError(
      `Cannot run SeededUniform: expected a stream from 0 to 2^53 - 1, got ${stream}`,
    );
  }
  return { seed, shape, stream: Number(stream) };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Tensors known by their ids alone, freed at the end of the block that makes them. */
class Scratch implements Disposable {
  readonly #binding: Binding;
  readonly #ids: number[] = [];

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** The id of a new tensor. */
  tensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    const id = this.#binding.createTensor(shape, dtype, values);
    this.#ids.push(id);
    return id;
  }

  /** The id of a new int32 [n], as ops want shapes and places. */
  sizes(values: readonly number[]): number {
    return this.tensor([values.length], DataType.INT32, Int32Array.from(values));
  }

  /** The id of the one operand in another shape. */
  reshape(operand: readonly number[], dtype: number, shape: readonly number[]): number {
    return this.run("Reshape", reshapeAttributes(dtype), [...operand, this.sizes(shape)]);
  }

  /** The id of the operand's bits as another type's; narrower ones get a last axis of their own. */
  bitcast(operand: number, { from, to }: { from: number; to: number }): number {
    return this.run("Bitcast", [typeAttribute("T", from), typeAttribute("type", to)], [operand]);
  }

  /** The id of an op's one output. */
  run(name: string, attributes: readonly OpAttribute[], inputs: readonly number[]): number {
    const ids = this.#binding.executeOp(name, attributes, inputs, 1).map(({ id }) => id);
    for (const id of ids) this.#ids.push(id);
    return ids[0] ?? -1; // the ops used here have one output
  }

  [Symbol.dispose](): void {
    for (const id of this.#ids) this.#binding.deleteTensor(id);
  }
}
