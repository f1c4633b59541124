import * as tf from "@tensorflow/tfjs";
import type { TensorMetadata, TensorValues } from "./op_sink.ts";

/** What of tfjs-node's backend the compiled step uses, or watches while it records. */
export interface TensorFlowBackend {
  /** The ids by which the binding knows these tensors; values that wait are uploaded first. */
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  /** TensorFlow's number for an element type. */
  getDTypeInteger(dtype: tf.DataType): number;
  /** A tensor for what an op gave; it belongs to the tidy scope in force. */
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
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
