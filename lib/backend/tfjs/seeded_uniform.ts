import type * as tfjs from "@tensorflow/tfjs";
import { reshapeAttributes, typeAttribute } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import { Scratch } from "./scratch.ts";
import { backendOf, type KernelCall } from "./tensorflow_backend.ts";
import { philoxUniform, UNIFORM_VALUES } from "./philox.ts";

/** The methods that the kernel uses of every backend except TensorFlow's. */
interface PlainBackend {
  readSync(dataId: tfjs.DataId): Int32Array;
  write(values: Float32Array, shape: readonly number[], dtype: "float32"): tfjs.DataId;
}

/**
 * Philox's number in TensorFlow's stateless ops. It is given because "auto" depends on the device.
 */
const PHILOX = 1;

/**
 * How many numbers one block of 64 random bits gives: 16 bits per number are enough for dropout.
 */
const NUMBERS_A_BLOCK = 4;

/**
 * Registers the kernel `SeededUniform` on backends that lack it: input `seed` int32 [2], attributes
 * `shape` and `stream` (an integer from 0), output float32 in [0, 1). The same seed and stream give
 * the same numbers on every backend and in every compile mode: those of {@linkcode philoxUniform}.
 *
 * The numbers are made from random bits, not by TensorFlow's op for uniform numbers: from the same
 * bits that op takes the low 23 and XLA's op the high 23. So with one seed, dropout op by op would
 * differ from compiled dropout.
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

function uniformOnTensorFlow(call: KernelCall): tfjs.TensorInfo {
  const backend = backendOf(call);
  const { seed, shape, stream } = uniformArguments(call);
  using scratch = new Scratch(backend.binding);
  const size = sizeOf(shape), blocks = Math.ceil(size / NUMBERS_A_BLOCK);
  const bits = drawBlocks(scratch, { seed: backend.getInputTensorIds([seed]), stream, blocks });
  const integers = scratch.cast(
    scratch.bitcast(bits, { from: DataType.UINT64, to: DataType.UINT16 }),
    { from: DataType.UINT16, to: DataType.FLOAT32 },
  );
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
  // Key, counter and draws are unsigned types, which TensorFlow.js does not have. So they exist
  // only as ids.
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
  const backend = call.backend as PlainBackend; // every backend of TensorFlow.js has these methods
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
