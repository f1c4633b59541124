import { BackendError } from "lib/core/mod.ts";
import { type OpBuilder, setAttribute } from "./attributes.ts";
import { GRAPH_SIGNATURES, type GraphSymbols } from "./graph_signatures.ts";
import { graphOps } from "./op_builders.ts";
import { groupInputs, type OpDefinition, parseOpDefinition } from "./op_definition.ts";
import type { NativeContext } from "./native_context.ts";
import { cName, cString, readCString } from "./c_string.ts";
import { assertStatus, failureOf, required } from "./native_library.ts";
import type { OpAttribute } from "./op_sink.ts";

/** One output of a graph's operation: `TF_Output` as C lays it out, 16 bytes. */
export type GraphOutput = Uint8Array<ArrayBuffer>;

const OUTPUT_BYTES = 16;
const definitions = new Map<string, OpDefinition>();
let symbolsOfProcess: GraphSymbols | undefined;

/**
 * A TensorFlow graph under construction. Operations are added one by one; then the graph becomes a
 * function that the context runs in one call.
 *
 * @example
 * ```ts
 * import { Graph, outputOf } from "lib/backend/c_library/graph.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const { context, native, TF_FLOAT, TF_ATTR_TYPE } = tensorFlowBinding();
 * using graph = new Graph(context);
 * const x = graph.placeholder(TF_FLOAT, [2]);
 * const square = graph.operation("Square", [{ name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT }], [x]);
 * graph.toFunction("square_of_two", [x], [outputOf(square, 0)]);
 * const input = native.createTensor([2], TF_FLOAT, Float32Array.of(2, 3));
 * const [output] = native.executeOp("square_of_two", [], [input], 1);
 * assertEquals(native.tensorDataSync(output?.id ?? -1), Float32Array.of(4, 9));
 * ```
 */
export class Graph implements Disposable {
  readonly #context: NativeContext;
  readonly #symbols: GraphSymbols;
  readonly #graph: Deno.PointerObject;
  readonly #builder: OpBuilder;
  #operationCount = 0;

  /**
   * Creates a graph without operations.
   *
   * @param context The context that the function will belong to.
   */
  constructor(context: NativeContext) {
    this.#context = context;
    this.#symbols = graphSymbols(context);
    this.#graph = required(this.#symbols.TF_NewGraph());
    this.#builder = graphOps(this.#symbols, (opName) => this.#definition(opName).attributes);
  }

  /** How many operations were added. */
  get operationCount(): number {
    return this.#operationCount;
  }

  /**
   * Adds an input of the later function.
   *
   * @param dtype TensorFlow's number for its element type.
   * @param shape Its sizes; empty for a scalar.
   */
  placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const operation = this.#begin("Placeholder");
    this.#symbols.TF_SetAttrType(operation, cName("dtype"), dtype);
    const sizes = BigInt64Array.from(shape, BigInt);
    this.#symbols.TF_SetAttrShape(operation, cName("shape"), sizes, sizes.length);
    return outputOf(this.#finish(operation, "Placeholder"), 0);
  }

  /** Adds a constant with the values of an eager tensor, which the caller still owns. */
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
   * @param name TensorFlow's name of the op, such as `MatMul`.
   * @param attributes Its settings, without the lengths and types of input lists, which follow from
   *   the inputs.
   * @param inputs Outputs of operations of this graph; the elements of a list follow one another.
   * @returns The operation, for {@linkcode outputOf}.
   * @throws {BackendError} If there is no such op, or TensorFlow refuses the attributes or the
   *   inputs.
   */
  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly GraphOutput[],
  ): Deno.PointerObject {
    const groups = groupInputs(this.#definition(name), { name, attributes, inputs });
    const operation = this.#begin(name);
    const target = { builder: this.#builder, op: operation, opName: name };
    const inferred = new Set<string>();
    for (const { listAttribute, outputs } of groups) {
      if (listAttribute === undefined) this.#symbols.TF_AddInput(operation, concat(outputs));
      else {
        inferred.add(listAttribute);
        this.#symbols.TF_AddInputList(operation, concat(outputs), outputs.length);
      }
    }
    for (const attribute of attributes) {
      if (!inferred.has(attribute.name)) setAttribute(target, attribute);
    }
    return this.#finish(operation, name);
  }

  /** Whether an op may give other outputs for the same inputs. */
  isStateful(name: string): boolean {
    return this.#definition(name).isStateful;
  }

  /**
   * The type and shape that TensorFlow infers for an output; a shape that it cannot know yet is
   * null.
   */
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

  /**
   * Turns the graph into a function of the context, which runs like an op of that name.
   *
   * @param name A name that the context does not have yet, or has for the same function. Then it
   *   counts one function more, and {@linkcode removeFunction} one less.
   * @param inputs Placeholders, in the order in which a call passes its inputs.
   * @param outputs What a call gives, in this order; inputs, constants and repeated outputs are
   *   allowed.
   * @param options Whether a hash of all that the function consists of is added to the name; default
   *   false.
   * @returns The name in the context.
   * @throws {BackendError} If TensorFlow refuses one of them, or another function has the name.
   */
  toFunction(
    name: string,
    inputs: readonly GraphOutput[],
    outputs: readonly GraphOutput[],
    { addHash = false }: { readonly addHash?: boolean } = {},
  ): string {
    const { library, context } = this.#context, { status } = library;
    const built = this.#symbols.TF_GraphToFunction(
      ...[this.#graph, cString(name), addHash ? 1 : 0, -1, null] as const,
      ...[inputs.length, concat(inputs), outputs.length, concat(outputs)] as const,
      ...[null, null, null, status] as const,
    );
    assertStatus(library, `make the function ${name}`);
    const fullName = readCString(this.#symbols.TF_FunctionName(built));
    this.#symbols.TFE_ContextAddFunction(context, built, status);
    this.#symbols.TF_DeleteFunction(built);
    assertStatus(library, `add the function ${fullName}`);
    return fullName;
  }

  /** Frees the graph; functions made from it stay valid. */
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
}

/** Opens the functions at their first use, because running op by op needs none of them. */
function graphSymbols({ library }: NativeContext): GraphSymbols {
  return symbolsOfProcess ??= Deno.dlopen(library.files.main, GRAPH_SIGNATURES).symbols;
}

/**
 * Removes a function from a context.
 *
 * @param context The context that it was added to.
 * @param name Its name.
 * @throws {BackendError} If the context has no function of that name.
 *
 * @example
 * ```ts
 * import { removeFunction } from "lib/backend/c_library/graph.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { BackendError } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const { context } = tensorFlowBinding();
 * assertThrows(() => removeFunction(context, "none"), BackendError, "Cannot remove the function none");
 * ```
 */
export function removeFunction(context: NativeContext, name: string): void {
  const { library } = context;
  graphSymbols(context).TFE_ContextRemoveFunction(context.context, cString(name), library.status);
  assertStatus(library, `remove the function ${name}`);
}

/**
 * An output of an operation, by its index.
 *
 * @param operation What {@linkcode Graph.operation} gave.
 * @param place The index, from 0.
 * @returns The output, which can be an input of further operations.
 *
 * @example
 * ```ts
 * import { Graph, outputOf } from "lib/backend/c_library/graph.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const { context, TF_FLOAT, TF_ATTR_TYPE } = tensorFlowBinding();
 * using graph = new Graph(context);
 * const x = graph.placeholder(TF_FLOAT, [2, 3]);
 * const square = graph.operation("Square", [{ name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT }], [x]);
 * assertEquals(graph.describe(outputOf(square, 0)).shape, [2, 3]);
 * ```
 */
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

/** `TF_Buffer`: data, length, and a function that frees them. */
function readBuffer(bytes: Uint8Array): { data: Deno.PointerValue; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    data: Deno.UnsafePointer.create(view.getBigUint64(0, true)),
    length: Number(view.getBigUint64(8, true)),
  };
}
