import { BackendError } from "lib/core/mod.ts";
import { AttributeType, cName } from "./_attributes.ts";
import { GRAPH_SIGNATURES, type GraphSymbols } from "./_graph_signatures.ts";
import { type OpDefinition, parseOpDefinition } from "./_op_definition.ts";
import type { NativeContext } from "./native_context.ts";
import { assertStatus, cString, failureOf, required } from "./native_library.ts";
import type { OpAttribute } from "./op_sink.ts";

/** One output of a graph's operation: `TF_Output` as C lays it out, 16 bytes. */
export type GraphOutput = Uint8Array<ArrayBuffer>;

const OUTPUT_BYTES = 16;
const definitions = new Map<string, OpDefinition>();
let symbolsOfProcess: GraphSymbols | undefined;

/**
 * A TensorFlow graph under construction: operations are added one by one, then the whole becomes a
 * function that the context carries out in one call.
 */
export class Graph implements Disposable {
  readonly #context: NativeContext;
  readonly #symbols: GraphSymbols;
  readonly #graph: Deno.PointerObject;
  #operationCount = 0;

  /** @param context The context that the function will belong to. */
  constructor(context: NativeContext) {
    this.#context = context;
    this.#symbols = symbolsOfProcess ??=
      Deno.dlopen(context.library.files.main, GRAPH_SIGNATURES).symbols;
    this.#graph = required(this.#symbols.TF_NewGraph());
  }

  /** How many operations were added. */
  get operationCount(): number {
    return this.#operationCount;
  }

  /** Adds an input of the function to be. */
  placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const operation = this.#begin("Placeholder");
    this.#symbols.TF_SetAttrType(operation, cName("dtype"), dtype);
    const sizes = BigInt64Array.from(shape, BigInt);
    this.#symbols.TF_SetAttrShape(operation, cName("shape"), sizes, sizes.length);
    return outputOf(this.#finish(operation, "Placeholder"), 0);
  }

  /** Adds a constant with the values of an eager tensor, which stays the caller's. */
  constant(handle: Deno.PointerObject): GraphOutput {
    const { library } = this.#context, { symbols, status } = library;
    const tensor = symbols.TFE_TensorHandleResolve(handle, status);
    assertStatus(library, "read a constant");
    try {
      const operation = this.#begin("Const");
      const dtype = symbols.TFE_TensorHandleDataType(handle);
      this.#symbols.TF_SetAttrType(operation, cName("dtype"), dtype);
      this.#symbols.TF_SetAttrTensor(operation, cName("value"), tensor, status);
      assertStatus(library, "record a constant");
      return outputOf(this.#finish(operation, "Const"), 0);
    } finally {
      symbols.TF_DeleteTensor(tensor);
    }
  }

  /**
   * Adds an operation.
   *
   * @throws {BackendError} If TensorFlow refuses it, or it is one whose outputs change from call to
   *   call.
   */
  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly GraphOutput[],
  ): Deno.PointerObject {
    const definition = this.#definition(name);
    const operation = this.#begin(name);
    let next = 0;
    const lists = definition.inputs.filter((input) => input.listAttribute !== undefined);
    for (const { listAttribute } of definition.inputs) {
      if (listAttribute === undefined) {
        this.#symbols.TF_AddInput(operation, inputs[next++] ?? new Uint8Array(OUTPUT_BYTES));
        continue;
      }
      const singles = definition.inputs.length - lists.length;
      const length = lists.length === 1
        ? inputs.length - singles
        : listLength(attributes, listAttribute);
      const packed = concat(inputs.slice(next, next += length));
      this.#symbols.TF_AddInputList(operation, packed, length);
    }
    const inferred = new Set(lists.map((input) => input.listAttribute));
    for (const attribute of attributes) {
      if (!inferred.has(attribute.name)) this.#setAttribute(operation, name, attribute);
    }
    return this.#finish(operation, name);
  }

  /** Whether an op may give other outputs for the same inputs. */
  isStateful(name: string): boolean {
    return this.#definition(name).isStateful;
  }

  /** What TensorFlow infers of an output; null sizes are those that it cannot know beforehand. */
  describe(output: GraphOutput): { dtype: number; shape: readonly number[] | null } {
    const { library } = this.#context, { status } = library;
    const dtype = this.#symbols.TF_OperationOutputType(output);
    const rank = this.#symbols.TF_GraphGetTensorNumDims(this.#graph, output, status);
    assertStatus(library, "infer a shape");
    if (rank < 0) return { dtype, shape: null };
    const sizes = new BigInt64Array(rank);
    this.#symbols.TF_GraphGetTensorShape(this.#graph, output, sizes, rank, status);
    assertStatus(library, "infer a shape");
    const shape = Array.from(sizes, Number);
    return { dtype, shape: shape.some((size) => size < 0) ? null : shape };
  }

  /** Makes the graph a function of the context, to be carried out like an op of that name. */
  toFunction(
    name: string,
    inputs: readonly GraphOutput[],
    outputs: readonly GraphOutput[],
  ): void {
    const { library, context } = this.#context, { status } = library;
    const built = this.#symbols.TF_GraphToFunction(
      ...[this.#graph, cString(name), 0, -1, null] as const,
      ...[inputs.length, concat(inputs), outputs.length, concat(outputs)] as const,
      ...[null, null, null, status] as const,
    );
    assertStatus(library, `make the function ${name}`);
    this.#symbols.TFE_ContextAddFunction(context, built, status);
    this.#symbols.TF_DeleteFunction(built);
    assertStatus(library, `add the function ${name}`);
  }

  /** Takes a function out of the context. */
  removeFunction(name: string): void {
    const { library, context } = this.#context;
    this.#symbols.TFE_ContextRemoveFunction(context, cString(name), library.status);
    assertStatus(library, `remove the function ${name}`);
  }

  /** Frees the graph; functions made of it live on. */
  [Symbol.dispose](): void {
    this.#symbols.TF_DeleteGraph(this.#graph);
  }

  #begin(type: string): Deno.PointerObject {
    const name = cString(`${type}_${this.#operationCount++}`);
    return required(this.#symbols.TF_NewOperation(this.#graph, cName(type), name));
  }

  #finish(operation: Deno.PointerObject, type: string): Deno.PointerObject {
    const { library } = this.#context;
    const finished = this.#symbols.TF_FinishOperation(operation, library.status);
    const failure = failureOf(library);
    if (failure === undefined) return required(finished);
    const message = `Cannot record ${type}: ${failure.code}: ${failure.message}`;
    throw new BackendError(message, { code: failure.code, op: type });
  }

  #definition(name: string): OpDefinition {
    const known = definitions.get(name);
    if (known !== undefined) return known;
    const { library } = this.#context, { status } = library;
    const buffer = this.#symbols.TF_NewBuffer();
    try {
      this.#symbols.TF_GraphGetOpDef(this.#graph, cName(name), buffer, status);
      assertStatus(library, `record ${name}`);
      const { data, length } = readBuffer(this.#symbols.TF_GetBuffer(buffer));
      const bytes = new Uint8Array(length);
      Deno.UnsafePointerView.copyInto(required(data), bytes);
      const definition = parseOpDefinition(bytes);
      definitions.set(name, definition);
      return definition;
    } finally {
      this.#symbols.TF_DeleteBuffer(buffer);
    }
  }

  #setAttribute(operation: Deno.PointerObject, op: string, attribute: OpAttribute): void {
    const symbols = this.#symbols, name = cName(attribute.name);
    // The attribute's kind says what its value is; tfjs-node's kernels pair the two.
    const list = Array.isArray(attribute.value) ? attribute.value as number[] : null;
    const value = attribute.value as never;
    switch (attribute.type) {
      case AttributeType.STRING: {
        const bytes = new TextEncoder().encode(value);
        return symbols.TF_SetAttrString(operation, name, bytes, BigInt(bytes.length));
      }
      case AttributeType.INT:
        if (list === null) return symbols.TF_SetAttrInt(operation, name, whole(value));
        return symbols
          .TF_SetAttrIntList(operation, name, BigInt64Array.from(list, whole), list.length);
      case AttributeType.FLOAT:
        if (list === null) return symbols.TF_SetAttrFloat(operation, name, value);
        return symbols
          .TF_SetAttrFloatList(operation, name, Float32Array.from(list), list.length);
      case AttributeType.BOOL:
        return symbols.TF_SetAttrBool(operation, name, value ? 1 : 0);
      case AttributeType.TYPE:
        if (list === null) return symbols.TF_SetAttrType(operation, name, value);
        return symbols.TF_SetAttrTypeList(operation, name, Int32Array.from(list), list.length);
      case AttributeType.SHAPE:
        return symbols.TF_SetAttrShape(
          operation,
          name,
          BigInt64Array.from(list ?? [], BigInt),
          list?.length ?? -1,
        );
      default:
        throw new BackendError(
          `Cannot record ${op}: expected attribute "${attribute.name}" to be of a known kind, ` +
            `got kind ${attribute.type}`,
          { code: "UNIMPLEMENTED", op },
        );
    }
  }
}

/** An output of an operation, by its place. */
export function outputOf(operation: Deno.PointerObject, place: number): GraphOutput {
  const bytes = new Uint8Array(OUTPUT_BYTES), view = new DataView(bytes.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
  view.setInt32(8, place, true);
  return bytes;
}

function concat(outputs: readonly GraphOutput[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OUTPUT_BYTES * outputs.length);
  outputs.forEach((output, i) => bytes.set(output, OUTPUT_BYTES * i));
  return bytes;
}

function listLength(attributes: readonly OpAttribute[], name: string): number {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return Array.isArray(value) ? value.length : Number(value);
}

function whole(value: number | bigint): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.trunc(value));
}

/** `TF_Buffer`: data, length, and a function that frees them. */
function readBuffer(bytes: Uint8Array): { data: Deno.PointerValue; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    data: Deno.UnsafePointer.create(view.getBigUint64(0, true)),
    length: Number(view.getBigUint64(8, true)),
  };
}
