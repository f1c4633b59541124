import { BackendError } from "lib/core/mod.ts";
import { AttributeType } from "./_attributes.ts";
import { DataType } from "./_data_types.ts";
import { type Graph, type GraphOutput, outputOf } from "./graph.ts";
import type { NativeTensors } from "./native_tensors.ts";
import type { OpAttribute, OpSink, TensorMetadata, TensorValues } from "./op_sink.ts";

/** Ids of tensors that exist in a graph only; −1 is tfjs-node's sign for "not uploaded yet". */
const FIRST_RECORDED_ID = -2;

/** The ops whose operands may be cut to bfloat16: products, where nearly all of the time goes. */
const AUTOCAST_OPS = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2"]);

/** TensorFlow's number for bfloat16; TensorFlow.js has no name for it, so it lives in graphs only. */
const BFLOAT16 = 14;

/** How products are computed. */
export type Precision = "float32" | "bfloat16";

/**
 * Writes ops down in a graph instead of carrying them out: what it gives back are ids and shapes, no
 * values.
 *
 * What a program of tensors does may then depend on nothing but its inputs. So it refuses to read a
 * value, and to record an op with a memory of its own (a random draw) or of a shape that depends on
 * values.
 */
export class Recorder implements OpSink {
  readonly #graph: Graph;
  readonly #native: NativeTensors;
  readonly #precision: Precision;
  readonly #outputs = new Map<number, GraphOutput>();
  readonly #origins = new Map<number, string>();
  readonly #cast = new Map<string, GraphOutput>();
  readonly #made = new Set<number>();
  readonly #deleted: number[] = [];
  #nextId = FIRST_RECORDED_ID;

  /** The native tensors from outside whose values are now constants of the graph. */
  readonly captured: number[] = [];

  /**
   * @param graph Where to write.
   * @param native TensorFlow's own tensors, for constants.
   * @param precision How products are computed.
   */
  constructor(graph: Graph, native: NativeTensors, precision: Precision) {
    this.#graph = graph;
    this.#native = native;
    this.#precision = precision;
  }

  /** Adds an input; its id stands for whatever comes in at a call. */
  input(shape: readonly number[], dtype: number): TensorMetadata {
    return this.#add(this.#graph.placeholder(dtype, shape), "an input");
  }

  /** The graph's output of a recorded tensor or a constant. */
  outputOf(id: number): GraphOutput {
    return this.#outputs.get(id) ?? this.#constant(id);
  }

  /** {@inheritDoc OpSink.createTensor} */
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    const id = this.#native.createTensor(shape, dtype, values);
    this.#made.add(id);
    return id;
  }

  /** Frees a constant once the recording is over; a recorded tensor holds nothing to free. */
  deleteTensor(id: number): void {
    if (id <= FIRST_RECORDED_ID) return;
    this.#deleted.push(id);
  }

  /** Frees the constants that were deleted while they might still be needed. */
  finish(): void {
    for (const id of this.#deleted) this.#native.deleteTensor(id);
  }

  /**
   * Reads a constant.
   *
   * @throws {BackendError} If the tensor has no values yet, being part of the recording.
   */
  tensorDataSync(id: number): TensorValues {
    if (id > FIRST_RECORDED_ID) return this.#native.tensorDataSync(id);
    throw new BackendError(
      `Cannot record a step: expected no value to be read inside it, got a read of ${
        this.#origins.get(id) ?? "a tensor"
      }\nCure: return the tensor and read it outside, or replace the condition by tf.where`,
      { code: "FAILED_PRECONDITION" },
    );
  }

  /**
   * Records an op.
   *
   * @throws {BackendError} If its outputs may change from call to call, or have no fixed shape.
   */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    if (this.#graph.isStateful(name)) {
      throw new BackendError(
        `Cannot record ${name}: expected an op that gives the same for the same inputs\n` +
          "Cure: draw by seededUniform(), whose seed is an input, or outside the step",
        { code: "FAILED_PRECONDITION", op: name },
      );
    }
    const isHalf = this.#precision === "bfloat16" && AUTOCAST_OPS.has(name);
    const operands = inputs.map((id) => this.outputOf(id));
    const operation = this.#graph.operation(
      name,
      isHalf ? withType(attributes, BFLOAT16) : attributes,
      isHalf ? operands.map((operand) => this.#toType(operand, BFLOAT16)) : operands,
    );
    return Array.from({ length: outputCount }, (_, place) => {
      const output = outputOf(operation, place);
      return this.#add(isHalf ? this.#toType(output, DataType.FLOAT32) : output, name);
    });
  }

  #add(output: GraphOutput, origin: string): TensorMetadata {
    const { dtype, shape } = this.#graph.describe(output);
    if (shape === null) {
      throw new BackendError(
        `Cannot record ${origin}: expected an output whose shape follows from the inputs' shapes\n` +
          "Cure: use an op of fixed shape, such as tf.where in place of tf.booleanMask",
        { code: "FAILED_PRECONDITION", op: origin },
      );
    }
    const id = this.#nextId--;
    this.#outputs.set(id, output);
    const place = `the output of ${origin} [${shape.join(",")}]`;
    this.#origins.set(id, origin.startsWith("an ") ? origin : place);
    return { id, shape: [...shape], dtype };
  }

  #constant(id: number): GraphOutput {
    if (id <= FIRST_RECORDED_ID) {
      throw new BackendError(
        `Cannot record a step: expected tensors of this recording, got one of a former recording\n` +
          "Cure: let no tensor out of a step but by its result",
        { code: "FAILED_PRECONDITION" },
      );
    }
    const output = this.#graph.constant(this.#native.handle(id, "record a constant"));
    this.#outputs.set(id, output);
    if (!this.#made.has(id)) this.captured.push(id);
    return output;
  }

  #toType(output: GraphOutput, dtype: number): GraphOutput {
    const { dtype: from } = this.#graph.describe(output);
    if (from === dtype) return output;
    const key = `${output.slice(0, 12).join()}:${dtype}`;
    let cast = this.#cast.get(key);
    if (cast === undefined) {
      const operation = this.#graph.operation("Cast", [
        { name: "SrcT", type: AttributeType.TYPE, value: from },
        { name: "DstT", type: AttributeType.TYPE, value: dtype },
      ], [output]);
      this.#cast.set(key, cast = outputOf(operation, 0));
    }
    return cast;
  }
}

function withType(attributes: readonly OpAttribute[], dtype: number): OpAttribute[] {
  return attributes.map((attribute) =>
    attribute.name === "T" ? { ...attribute, value: dtype } : attribute
  );
}
