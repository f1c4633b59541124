import { BackendError } from "lib/core/mod.ts";
import { type OpBuilder, setAttribute, typeAttribute } from "./attributes.ts";
import { eagerOps } from "./op_builders.ts";
import { arrayFor, assertValuesFit, DataType, dataTypeName } from "./data_types.ts";
import { assertStrings, freeStrings, readStrings, STRING_BYTES, writeStrings } from "./strings.ts";
import type { NativeContext } from "./native_context.ts";
import { cName } from "./c_string.ts";
import { assertStatus, failureOf, required } from "./native_library.ts";
import {
  emptyTensor,
  filledTensor,
  newHandle,
  placedHandle,
  reshapedTensor,
} from "./tensor_handles.ts";
import type { OpAttribute, OpSink, TensorMetadata, TensorValues } from "./op_sink.ts";

/**
 * TensorFlow's tensors, by id, and the ops on them, which run at once and in order.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const { native, TF_INT32 } = tensorFlowBinding();
 * const id = native.createTensor([2], TF_INT32, Int32Array.of(3, 4));
 * assertEquals(native.tensorDataSync(id), Int32Array.of(3, 4));
 * native.deleteTensor(id);
 * ```
 */
export class NativeTensors implements OpSink {
  readonly #context: NativeContext;
  readonly #handles = new Map<number, Deno.PointerObject>();
  readonly #builder: OpBuilder;
  readonly #outputCount = new Int32Array(1);
  #outputs = new BigUint64Array(8);
  #nextId = 0;

  /**
   * Holds no tensor at first.
   *
   * @param context Where the ops run.
   */
  constructor(context: NativeContext) {
    this.#context = context;
    this.#builder = eagerOps(context.library);
  }

  /** How many tensors are held: made and not yet deleted. */
  get size(): number {
    return this.#handles.size;
  }

  /**
   * The `TFE_TensorHandle` of a tensor. This object still owns it: do not delete it.
   *
   * @throws {BackendError} With the code `NOT_FOUND`, if there is no such tensor, or it was
   *   deleted.
   */
  handle(id: number, act = "use a tensor"): Deno.PointerObject {
    const handle = this.#handles.get(id);
    if (handle === undefined) {
      throw new BackendError(
        `Cannot ${act}: expected the id of a live tensor, got ${id}, deleted before or never made`,
        { code: "NOT_FOUND" },
      );
    }
    return handle;
  }

  /**
   * Makes a tensor, on the GPU if one is used.
   *
   * @param shape Its sizes; empty for a scalar.
   * @param dtype TensorFlow's number for its element type.
   * @param values As many as the shape says, copied; for strings, the bytes of each one.
   * @returns Its id; the caller deletes it.
   * @throws {TypeError} If the values do not fit shape and type.
   * @throws {BackendError} If TensorFlow refuses it.
   */
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    if (dtype === DataType.STRING) {
      assertStrings(shape, values);
      return this.#createStrings(shape, values);
    }
    assertValuesFit(values, { dtype, shape });
    const tensor = filledTensor(this.#context.library, { shape, dtype }, values);
    return this.#add(placedHandle(this.#context, tensor, dtype));
  }

  /**
   * Frees a tensor. Call it once per id.
   *
   * @throws {BackendError} With the code `NOT_FOUND`, if it was deleted before or never made.
   */
  deleteTensor(id: number): void {
    const handle = this.handle(id, "delete a tensor");
    this.#handles.delete(id);
    this.#context.library.symbols.TFE_DeleteTensorHandle(handle);
  }

  /**
   * Waits for a tensor's values and copies them.
   *
   * @throws {BackendError} If there is no such tensor, or no array for its type.
   */
  tensorDataSync(id: number): TensorValues {
    const { library } = this.#context, { symbols, status } = library;
    const handle = this.handle(id, "read a tensor");
    const dtype = symbols.TFE_TensorHandleDataType(handle);
    const tensor = symbols.TFE_TensorHandleResolve(handle, status);
    assertStatus(library, "read a tensor");
    try {
      const bytes = Number(symbols.TF_TensorByteSize(tensor));
      const data = symbols.TF_TensorData(tensor);
      if (dtype === DataType.STRING) return readStrings(library, data, bytes);
      const values = arrayFor(dtype, bytes);
      if (values === undefined) throw unreadable(dtype);
      if (data !== null && bytes > 0) Deno.UnsafePointerView.copyInto(data, values);
      return values;
    } finally {
      symbols.TF_DeleteTensor(tensor);
    }
  }

  /**
   * Runs an op.
   *
   * @param name TensorFlow's name of the op, or of a function added to its context.
   * @param attributes The op's settings.
   * @param inputs The ids of its inputs, which the caller still owns.
   * @param outputCount How many outputs the op has.
   * @returns Its outputs, which the caller deletes.
   * @throws {TypeError} If an attribute's value is not of its kind, or if `outputCount` is not a
   *   count.
   * @throws {BackendError} With TensorFlow's code and message, the op, and its inputs' types and
   * shapes, if TensorFlow refuses it.
   */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    assertCall(name, outputCount);
    const { library, context } = this.#context, { symbols, status } = library;
    const op = symbols.TFE_NewOp(context, cName(name), status);
    if (symbols.TF_GetCode(status) !== 0) this.#fail(name, inputs);
    try {
      for (let index = 0; index < inputs.length; index++) {
        // The loop stays inside the array.
        const handle = this.#handles.get(inputs[index] as number);
        if (handle === undefined) this.handle(inputs[index] as number, `run ${name}`);
        symbols.TFE_OpAddInput(op, handle as Deno.PointerObject, status);
        if (symbols.TF_GetCode(status) !== 0) this.#fail(name, inputs);
      }
      const target = { builder: this.#builder, op, opName: name };
      for (let index = 0; index < attributes.length; index++) {
        setAttribute(target, attributes[index] as OpAttribute); // inside the array
      }
      if (outputCount > this.#outputs.length) this.#outputs = new BigUint64Array(outputCount);
      this.#outputCount[0] = outputCount;
      symbols.TFE_Execute(op, this.#outputs, this.#outputCount, status);
      if (symbols.TF_GetCode(status) !== 0) this.#fail(name, inputs);
      return this.#takeOutputs();
    } finally {
      symbols.TFE_DeleteOp(op);
    }
  }

  /**
   * Gives a tensor another shape: a new handle on the same values. Tensors are immutable, so
   * sharing is safe.
   *
   * @param id The tensor, which the caller still owns.
   * @param shape Sizes with the same number of elements.
   * @returns The reshaped tensor, which the caller deletes; undefined for strings and handles,
   *   which have no fixed width, and on a GPU, where the values would have to be copied to the
   *   host.
   * @throws {BackendError} If the sizes have another number of elements.
   */
  reshape(id: number, shape: readonly number[]): TensorMetadata | undefined {
    const { library, isGpu } = this.#context;
    const handle = this.handle(id, "reshape a tensor"), dtype = this.#dtype(handle);
    if (isGpu || dtype === DataType.STRING || dtype === DataType.RESOURCE) return undefined;
    const reshaped = reshapedTensor(library, handle, { shape, dtype });
    if (reshaped !== undefined) {
      return { id: this.#add(newHandle(library, reshaped)), shape: [...shape], dtype };
    }
    const failure = failureOf(library);
    throw new BackendError(
      `Cannot reshape ${this.#describe(id)}: expected as many elements, got [${shape}]: ` +
        `${failure?.code}: ${failure?.message}`,
      { code: failure?.code ?? "UNKNOWN", op: "Reshape" },
    );
  }

  /** Gives an id to each handle that the last op made. */
  #takeOutputs(): TensorMetadata[] {
    const count = this.#outputCount[0] ?? 0, outputs: TensorMetadata[] = [];
    for (let index = 0; index < count; index++) {
      outputs.push(this.adopt(this.#outputs[index] ?? 0n));
    }
    return outputs;
  }

  /**
   * Gives a handle an id. From now on, deleting the tensor frees it.
   *
   * @param address The address of a `TFE_TensorHandle`.
   */
  adopt(address: bigint): TensorMetadata {
    const handle = required(Deno.UnsafePointer.create(address));
    return { id: this.#add(handle), shape: this.#shape(handle), dtype: this.#dtype(handle) };
  }

  #dtype(handle: Deno.PointerObject): number {
    return this.#context.library.symbols.TFE_TensorHandleDataType(handle);
  }

  #shape(handle: Deno.PointerObject): number[] {
    const { symbols, status } = this.#context.library;
    const rank = symbols.TFE_TensorHandleNumDims(handle, status), shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      shape.push(Number(symbols.TFE_TensorHandleDim(handle, axis, status)));
    }
    return shape;
  }

  #add(handle: Deno.PointerObject): number {
    const id = this.#nextId++;
    this.#handles.set(id, handle);
    return id;
  }

  /**
   * TensorFlow does not free the long strings of a tensor that was made through the C API. So that
   * tensor is temporary: the op DeepCopy makes a tensor that owns its strings and frees them.
   */
  #createStrings(shape: readonly number[], strings: readonly Uint8Array[]): number {
    const { library } = this.#context, { symbols, status } = library;
    const bytes = BigInt(strings.length * STRING_BYTES);
    const tensor = emptyTensor(library, { shape, dtype: DataType.STRING }, bytes);
    const places = writeStrings(library, tensor, strings);
    let original: number | undefined;
    try {
      const handle = symbols.TFE_NewTensorHandle(tensor, status);
      assertStatus(library, "create a tensor of strings");
      original = this.#add(required(handle));
      const type = typeAttribute("T", DataType.STRING);
      const [copy] = this.executeOp("DeepCopy", [type], [original], 1);
      return copy?.id ?? -1; // DeepCopy has one output
    } finally {
      if (original !== undefined) this.deleteTensor(original);
      freeStrings(library, places);
      symbols.TF_DeleteTensor(tensor);
    }
  }

  /** Throws the status's failure, with the shapes and types of the op's inputs. */
  #fail(name: string, inputs: readonly number[]): never {
    const failure = failureOf(this.#context.library); // before the calls that describe the inputs
    const described = inputs.map((id) => this.#describe(id)).join(", ") || "no inputs";
    throw new BackendError(
      `Cannot run ${name} on ${described}: ${failure?.code}: ${failure?.message}`,
      { code: failure?.code ?? "UNKNOWN", op: name },
    );
  }

  #describe(id: number): string {
    const handle = this.#handles.get(id);
    return handle === undefined
      ? `tensor ${id}`
      : `${dataTypeName(this.#dtype(handle))} [${this.#shape(handle)}]`;
  }
}

function assertCall(name: string, outputCount: number): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`Cannot run an op: expected its name, got ${JSON.stringify(name)}`);
  }
  if (!Number.isInteger(outputCount) || outputCount < 0) {
    throw new TypeError(
      `Cannot run ${name}: expected the number of its outputs, got ${outputCount}`,
    );
  }
}

function unreadable(dtype: number): BackendError {
  return new BackendError(
    `Cannot read a tensor: expected a data type that JavaScript has an array for, got ${
      dataTypeName(dtype)
    }`,
    { code: "UNIMPLEMENTED" },
  );
}
