import { BackendError } from "lib/core/mod.ts";
import { AttributeType } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import type { NativeContext } from "../c_library/native_context.ts";
import { NativeTensors } from "../c_library/native_tensors.ts";
import type { OpAttribute, OpSink, TensorMetadata, TensorValues } from "../c_library/op_sink.ts";

/**
 * Replaces the native add-on of tfjs-node, by calls to TensorFlow's C library: every kernel and
 * gradient of TensorFlow.js runs on it unchanged.
 *
 * Calls go to the current sink, which is TensorFlow by default.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import type { OpSink } from "lib/backend/c_library/op_sink.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const binding = tensorFlowBinding(), { native } = binding, names: string[] = [];
 * const listing: OpSink = {
 *   createTensor: (...call) => native.createTensor(...call),
 *   deleteTensor: (id) => native.deleteTensor(id),
 *   tensorDataSync: (id) => native.tensorDataSync(id),
 *   executeOp: (name, ...rest) => (names.push(name), native.executeOp(name, ...rest)),
 * };
 * binding.runThrough(listing, () => tf.tidy(() => void tf.add(1, 2)));
 * assertEquals(names, ["Add"]);
 * ```
 */
export class Binding implements OpSink {
  /** The context in which the ops run. */
  readonly context: NativeContext;
  /** TensorFlow's own tensors and ops: the current sink, unless another one replaces it. */
  readonly native: NativeTensors;
  #sink: OpSink;

  /** TensorFlow's version, such as `2.21.0`. */
  readonly TF_Version: string;
  /** Element type float32. */
  readonly TF_FLOAT: number = DataType.FLOAT32;
  /** Element type int32. */
  readonly TF_INT32: number = DataType.INT32;
  /** Element type uint8. */
  readonly TF_UINT8: number = DataType.UINT8;
  /** Element type string. */
  readonly TF_STRING: number = DataType.STRING;
  /** Element type complex64. */
  readonly TF_COMPLEX64: number = DataType.COMPLEX64;
  /** Element type int64. */
  readonly TF_INT64: number = DataType.INT64;
  /** Element type bool. */
  readonly TF_BOOL: number = DataType.BOOL;
  /** Element type of handles to state inside TensorFlow. */
  readonly TF_RESOURCE: number = DataType.RESOURCE;
  /** Attribute kind: a string. */
  readonly TF_ATTR_STRING: number = AttributeType.STRING;
  /** Attribute kind: an integer. */
  readonly TF_ATTR_INT: number = AttributeType.INT;
  /** Attribute kind: a float32. */
  readonly TF_ATTR_FLOAT: number = AttributeType.FLOAT;
  /** Attribute kind: true or false. */
  readonly TF_ATTR_BOOL: number = AttributeType.BOOL;
  /** Attribute kind: an element type. */
  readonly TF_ATTR_TYPE: number = AttributeType.TYPE;
  /** Attribute kind: a shape. */
  readonly TF_ATTR_SHAPE: number = AttributeType.SHAPE;
  /** Attribute kind: the name of a function in the context. */
  readonly TF_ATTR_FUNC: number = AttributeType.FUNCTION;

  /**
   * Starts with TensorFlow as the current sink.
   *
   * @param context Where the ops run.
   */
  constructor(context: NativeContext) {
    this.context = context;
    this.native = new NativeTensors(context);
    this.#sink = this.native;
    this.TF_Version = context.library.version;
  }

  /** Makes a tensor in the current sink. */
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    return this.#sink.createTensor(shape, dtype, values);
  }

  /** Frees a tensor of the current sink. */
  deleteTensor(id: number): void {
    this.#sink.deleteTensor(id);
  }

  /** Reads a tensor of the current sink. */
  tensorDataSync(id: number): TensorValues {
    return this.#sink.tensorDataSync(id);
  }

  /** Runs an op in the current sink. */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    return this.#sink.executeOp(name, attributes, inputs, outputCount);
  }

  /** Gives a tensor another shape in the current sink, if that is possible without an op. */
  reshape(id: number, shape: readonly number[]): TensorMetadata | undefined {
    return this.#sink.reshape?.(id, shape);
  }

  /**
   * Runs `work` with `sink` as the current sink, and restores the former sink on every exit.
   *
   * @param sink The sink for all calls meanwhile; it may pass some calls on to
   *   {@linkcode Binding.native}.
   * @param work Synchronous work: code after an `await` would run with the former sink.
   * @returns What `work` returns.
   * @throws {TypeError} If `work` returns a promise.
   */
  runThrough<T>(sink: OpSink, work: () => T): T {
    const before = this.#sink;
    this.#sink = sink;
    try {
      const result = work();
      if (!(result instanceof Promise)) return result;
      throw new TypeError("Cannot run through a sink: expected synchronous work, got a promise");
    } finally {
      this.#sink = before;
    }
  }

  /** Whether new tensors are put on a GPU. */
  isUsingGpuDevice(): boolean {
    return this.context.isGpu;
  }

  /** How many tensors TensorFlow holds for this process. */
  getNumOfTensors(): number {
    return this.native.size;
  }

  /** Always 0: saved models cannot be loaded. */
  getNumOfSavedModels(): number {
    return 0;
  }

  /**
   * Refuses: a saved model's ops would not go through the sinks, and the course needs no saved
   * model.
   *
   * @throws {BackendError} Always, with the code `UNIMPLEMENTED`.
   */
  loadSavedModel(directory: string, _tags: string): number {
    throw new BackendError(
      `Cannot load the SavedModel "${directory}": expected a model in TensorFlow.js's own format\n` +
        "Cure: convert it with tensorflowjs_converter and load it by tf.loadGraphModel()",
      { code: "UNIMPLEMENTED" },
    );
  }

  /**
   * Refuses: there is no saved model to run.
   *
   * @throws {BackendError} Always, with the code `NOT_FOUND`.
   */
  runSavedModel(id: number): TensorMetadata[] {
    throw noSavedModel("run", id);
  }

  /**
   * Refuses: there is no saved model to delete.
   *
   * @throws {BackendError} Always, with the code `NOT_FOUND`.
   */
  deleteSavedModel(id: number): void {
    throw noSavedModel("delete", id);
  }
}

function noSavedModel(act: string, id: number): BackendError {
  return new BackendError(
    `Cannot ${act} a SavedModel: expected the id of a loaded one, got ${id}`,
    { code: "NOT_FOUND" },
  );
}
