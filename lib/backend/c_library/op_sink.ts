import type { TensorValues } from "./data_types.ts";
export type { TensorValues } from "./data_types.ts";

/** What an op gave: the id to use it by, and what it looks like. */
export interface TensorMetadata {
  /** Names the tensor in later calls. */
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
  /** Its kind: one of the binding's `TF_ATTR_...`. */
  readonly type: number;
  /** Its value; an array where the op takes a list. */
  readonly value: unknown;
}

/**
 * The calls that every tensor and every op passes through.
 *
 * TensorFlow itself is one sink: it carries each op out at once. Another one may take its place for
 * a while ({@linkcode Binding.runThrough}), to write down what it is given.
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

  /** Frees a tensor: once for each id. */
  deleteTensor(id: number): void;

  /** Waits for a tensor's values and copies them. */
  tensorDataSync(id: number): TensorValues;

  /**
   * Carries an op out.
   *
   * @param name TensorFlow's name of the op, or of a function added to its context.
   * @param attributes The op's settings.
   * @param inputs The ids of its inputs, which stay the caller's.
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
   * @param id The tensor, which stays the caller's.
   * @param shape Sizes for as many elements as it has.
   * @returns The same values in the other shape, which the caller deletes, or nothing where an op is
   *   needed. A sink without this call is given the op.
   */
  reshape?(id: number, shape: readonly number[]): TensorMetadata | undefined;
}
