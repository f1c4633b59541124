import type { TensorValues } from "./data_types.ts";
export type { TensorValues } from "./data_types.ts";

/** An output of an op: its id, shape and element type. */
export interface TensorMetadata {
  /** The number of the tensor for later calls. */
  id: number;
  /** Its sizes; empty for a scalar. */
  shape: number[];
  /** TensorFlow's number for its element type. */
  dtype: number;
}

/** One setting of an op, such as `transpose_a` of `MatMul`. */
export interface OpAttribute {
  /** The name that the op's definition gives it. */
  readonly name: string;
  /** Its kind: one of the binding's constants `TF_ATTR_...`. */
  readonly type: number;
  /** Its value; an array if the op takes a list. */
  readonly value: unknown;
}

/**
 * The calls that create, read and delete every tensor and run every op.
 *
 * TensorFlow itself is one sink: it runs each op at once. Another sink may replace it for a while
 * ({@linkcode Binding.runThrough}), to record the calls.
 */
export interface OpSink {
  /**
   * Makes a tensor.
   *
   * @param shape Its sizes; empty for a scalar.
   * @param dtype TensorFlow's number for its element type.
   * @param values As many as the shape says, copied; for strings, the bytes of each one.
   * @returns Its id; the caller deletes it.
   */
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number;

  /** Frees a tensor. Call it once per id. */
  deleteTensor(id: number): void;

  /** Waits for a tensor's values and copies them. */
  tensorDataSync(id: number): TensorValues;

  /**
   * Runs an op.
   *
   * @param name TensorFlow's name of the op, or of a function added to its context.
   * @param attributes The op's settings.
   * @param inputs The ids of its inputs, which the caller still owns.
   * @param outputCount How many outputs the op has.
   * @returns Its outputs, which the caller deletes.
   */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[];

  /**
   * Gives a tensor another shape without an op.
   *
   * @param id The tensor, which the caller still owns.
   * @param shape Sizes with the same number of elements.
   * @returns The same values in the other shape, which the caller deletes, or undefined if an op is
   *   needed. A sink without this method gets the op instead.
   */
  reshape?(id: number, shape: readonly number[]): TensorMetadata | undefined;
}
