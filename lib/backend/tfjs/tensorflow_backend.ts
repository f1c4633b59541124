import * as tf from "@tensorflow/tfjs";
import type { Binding } from "./binding.ts";
import type { TensorMetadata, TensorValues } from "../c_library/op_sink.ts";

/** A kernel of TensorFlow.js. */
export type KernelFunc = Parameters<typeof tf.registerKernel>[0]["kernelFunc"];

/** The argument of a kernel. */
export type KernelCall = Parameters<KernelFunc>[0];

/**
 * The parts of tfjs-node's backend that our kernels and compiled steps use, or that a recording
 * watches.
 */
export interface TensorFlowBackend {
  /** The binding that runs its ops. */
  readonly binding: Binding;
  /**
   * The ids of these tensors in the binding; values that are not uploaded yet are uploaded first.
   */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** TensorFlow's number for an element type. */
  getDTypeInteger(dtype: tf.DataType): number;
  /** A tensor for an op's output; it belongs to the current tidy scope. */
  createOutputTensor(metadata: TensorMetadata | undefined): tf.Tensor;
  /** Stores values; they are uploaded when an op needs them. */
  write(values: TensorValues, shape: readonly number[], dtype: tf.DataType): tf.DataId;
  /** A tensor's values, by a promise. */
  read(dataId: tf.DataId): Promise<TensorValues>;
  /** A tensor's values, synchronously. */
  readSync(dataId: tf.DataId): TensorValues;
}

/** The backend in use, which must be TensorFlow. */
export function tensorFlowBackend(): TensorFlowBackend {
  // tfjs-node's class has these methods; its declarations give them narrower types, or omit them.
  return tf.backend() as unknown as TensorFlowBackend;
}

/** The backend of a kernel's call. */
export function backendOf(call: KernelCall): TensorFlowBackend {
  return call.backend as TensorFlowBackend; // only kernels of this backend call this
}
