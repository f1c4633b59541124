import * as tf from "@tensorflow/tfjs";
import type { Binding } from "./binding.ts";
import type { TensorMetadata, TensorValues } from "../c_library/op_sink.ts";

/** A kernel of TensorFlow.js. */
export type KernelFunc = Parameters<typeof tf.registerKernel>[0]["kernelFunc"];

/** What it is called with. */
export type KernelCall = Parameters<KernelFunc>[0];

/** What of tfjs-node's backend our kernels and the compiled step use, or watch while it records. */
export interface TensorFlowBackend {
  /** What carries its ops out. */
  readonly binding: Binding;
  /** The ids by which the binding knows these tensors; values that wait are uploaded first. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** TensorFlow's number for an element type. */
  getDTypeInteger(dtype: tf.DataType): number;
  /** A tensor for what an op gave; it belongs to the tidy scope in force. */
  createOutputTensor(metadata: TensorMetadata | undefined): tf.Tensor;
  /** Takes values; they are uploaded when an op needs them. */
  write(values: TensorValues, shape: readonly number[], dtype: tf.DataType): tf.DataId;
  /** A tensor's values, later. */
  read(dataId: tf.DataId): Promise<TensorValues>;
  /** A tensor's values, at once. */
  readSync(dataId: tf.DataId): TensorValues;
}

/** The backend in use, where that is TensorFlow. */
export function tensorFlowBackend(): TensorFlowBackend {
  // tfjs-node's class has these methods; its declarations name them more narrowly, or not at all.
  return tf.backend() as unknown as TensorFlowBackend;
}

/** The same, as a kernel is given it. */
export function backendOf(call: KernelCall): TensorFlowBackend {
  return call.backend as TensorFlowBackend; // the kernels that ask are registered for this one
}
