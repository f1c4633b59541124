import { BackendError } from "lib/core/mod.ts";
import { DataType, dataTypeName } from "../c_library/data_types.ts";
import { HalfProductRecorder, type HalfProducts } from "./half_product.ts";
import { type OpPrecision, OpPrecisionCounter } from "./op_precision.ts";
import { callerPlace } from "./place.ts";
import { type Graph, type GraphOutput, outputOf } from "../c_library/graph.ts";
import type { NativeTensors } from "../c_library/native_tensors.ts";
import type { OpAttribute, OpSink, TensorMetadata, TensorValues } from "../c_library/op_sink.ts";

/**
 * The first id of tensors that exist only in a graph. −1 is taken: in tfjs-node it means "not
 * uploaded yet".
 */
const FIRST_RECORDED_ID = -2;

/**
 * Ids are never reused, so that a tensor of an earlier recording is not taken for one of this
 * recording.
 */
let nextId = FIRST_RECORDED_ID;

/**
 * How products of matrices are computed: in `bfloat16` the operands have 8 significant bits; in
 * `float16` they have 11, and a range of only 6e-8 to 65,504.
 */
export type Precision = "float32" | "bfloat16" | "float16";

export type { HalfProducts } from "./half_product.ts";

/** A tensor from outside a step that became a constant of its program. */
export interface CapturedTensor {
  /** The name of its element type, such as `float32`. */
  readonly dtype: string;
  /** Its sizes; empty for a scalar. */
  readonly shape: readonly number[];
}

/** What {@linkcode Recorder} must know about the step. */
export interface RecorderOptions {
  /** The step's name, for messages. */
  readonly step: string;
  /** How products are computed. */
  readonly precision: Precision;
  /** How products of 16 bits are recorded; default `op`, which runs on every device. */
  readonly halfProducts?: HalfProducts;
}

/** What a step did that cannot be recorded. */
export interface Refusal {
  /** What a recording needs. */
  readonly expected: string;
  /** What the step did. */
  readonly got: string;
  /** What to do instead. */
  readonly cure: string;
  /** The op that was being recorded, if any. */
  readonly op?: string;
}

/**
 * Records ops in a graph instead of running them: it returns ids and shapes, but no values.
 *
 * A recorded program may depend on its inputs only. So the recorder refuses to read a value, to
 * record an op that keeps state (such as a random draw), and to record an op whose output shape
 * depends on values.
 *
 * @example
 * ```ts
 * import { Graph } from "lib/backend/c_library/graph.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { Recorder } from "lib/backend/compiler/recorder.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const { context, native, TF_FLOAT, TF_ATTR_TYPE } = tensorFlowBinding();
 * using graph = new Graph(context);
 * using recorder = new Recorder(graph, native, { step: "square", precision: "float32" });
 * const x = recorder.input([2], TF_FLOAT);
 * const type = { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT };
 * assertEquals(recorder.executeOp("Square", [type], [x.id], 1)[0]?.shape, [2]);
 * ```
 */
export class Recorder implements OpSink, Disposable {
  readonly #graph: Graph;
  readonly #native: NativeTensors;
  readonly #options: RecorderOptions;
  readonly #outputs = new Map<number, GraphOutput>();
  readonly #origins = new Map<number, string>();
  readonly #halfProducts: HalfProductRecorder | undefined;
  readonly #precisions = new OpPrecisionCounter();
  /** Native tensors that were made inside the step and not yet deleted: constants of its code. */
  readonly #made = new Set<number>();
  readonly #captured: CapturedTensor[] = [];
  #refusal: BackendError | undefined;

  /**
   * Starts a recording.
   *
   * @param graph The graph to which ops are added.
   * @param native TensorFlow's own tensors, for constants.
   * @param options The step's name and precision.
   */
  constructor(graph: Graph, native: NativeTensors, options: RecorderOptions) {
    this.#graph = graph;
    this.#native = native;
    this.#options = options;
    const { halfProducts: kind = "op", precision: type } = options;
    const constant = (values: Int32Array) =>
      this.outputOf(this.createTensor([values.length], DataType.INT32, values));
    this.#halfProducts = type === "float32"
      ? undefined
      : new HalfProductRecorder(graph, { type, kind, constant });
  }

  /** The name of the step that is recorded. */
  get step(): string {
    return this.#options.step;
  }

  /** How products are computed. */
  get precision(): Precision {
    return this.#options.precision;
  }

  /** The ops recorded so far, and the precision of each. */
  get precisions(): readonly OpPrecision[] {
    return this.#precisions.list();
  }

  /** The tensors from outside whose values are now constants of the graph. */
  get captured(): readonly CapturedTensor[] {
    return this.#captured;
  }

  /** The first refusal: it is kept even if the step caught the error and went on. */
  get refusal(): BackendError | undefined {
    return this.#refusal;
  }

  /**
   * Refuses what the step did.
   *
   * @throws {BackendError} Always, with the place in the step's code, if the stack shows it.
   */
  refuse({ expected, got, cure, op = "" }: Refusal): never {
    const error = new BackendError(
      `Cannot record the step "${this.step}": expected ${expected}, got ${got}${callerPlace()}\n` +
        `Cure: ${cure}`,
      { code: "FAILED_PRECONDITION", op },
    );
    this.#refusal ??= error;
    throw error;
  }

  /** Adds an input; its id stands for the tensor that a call passes. */
  input(shape: readonly number[], dtype: number): TensorMetadata {
    return this.#add(this.#graph.placeholder(dtype, shape), "an input");
  }

  /** The graph's output of a recorded tensor or a constant. */
  outputOf(id: number): GraphOutput {
    return this.#outputs.get(id) ?? this.#constant(id);
  }

  /** Makes a native tensor: a constant of the step's code. */
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    const id = this.#native.createTensor(shape, dtype, values);
    this.#made.add(id);
    return id;
  }

  /**
   * Marks a tensor that was made outside the step and only uploaded inside, so that the recorder
   * does not free it.
   */
  disown(id: number): void {
    this.#made.delete(id);
  }

  /**
   * Frees a constant, whose values the graph already contains; a recorded tensor has nothing to
   * free.
   */
  deleteTensor(id: number): void {
    if (id <= FIRST_RECORDED_ID) return;
    this.#made.delete(id);
    this.#native.deleteTensor(id);
  }

  /**
   * Reads a constant.
   *
   * @throws {BackendError} If the tensor is part of the recording and so has no values.
   */
  tensorDataSync(id: number): TensorValues {
    if (id > FIRST_RECORDED_ID) return this.#native.tensorDataSync(id);
    return this.refuse({
      expected: "no value to be read inside it",
      got: `a read of ${this.#origins.get(id) ?? "a tensor of another recording"}`,
      cure: "return the tensor and read it outside, or choose between two values by tf.where",
    });
  }

  /**
   * Records an op.
   *
   * @throws {BackendError} If its outputs may differ between calls, or have no fixed shape.
   */
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    if (this.#graph.isStateful(name)) {
      this.refuse({
        expected: "ops that give the same for the same inputs",
        got: name,
        cure: "draw by seededUniform(), whose seed is an input, or outside the step",
        op: name,
      });
    }
    const op = { name, attributes, operands: inputs.map((id) => this.outputOf(id)) };
    if (this.#halfProducts?.takes(op) === true) {
      const output = this.#halfProducts.record(op);
      this.#precisions.add(name, this.#halfProducts.computedIn);
      return [this.#add(output, name)];
    }
    const [first] = op.operands;
    if (first !== undefined) {
      this.#precisions.add(name, dataTypeName(this.#graph.describe(first).dtype));
    }
    const operation = this.#graph.operation(name, attributes, op.operands);
    return Array.from(
      { length: outputCount },
      (_, place) => this.#add(outputOf(operation, place), name),
    );
  }

  /** Frees the tensors that the step made and did not delete. Call it once, after the recording. */
  [Symbol.dispose](): void {
    for (const id of this.#made) this.#native.deleteTensor(id);
    this.#made.clear();
  }

  #add(output: GraphOutput, origin: string): TensorMetadata {
    const { dtype, shape } = this.#graph.describe(output);
    if (shape === null) {
      this.refuse({
        expected: "shapes that follow from the inputs' shapes",
        got: `${origin}, whose output's shape depends on values`,
        cure: "use an op of fixed shape, such as tf.where in place of tf.booleanMaskAsync",
        op: origin,
      });
    }
    const id = nextId--;
    this.#outputs.set(id, output);
    const what = origin === "an input" ? origin : `the output of ${origin}`;
    this.#origins.set(id, `${what}, ${dataTypeName(dtype)} [${shape}],`);
    return { id, shape: [...shape], dtype };
  }

  #constant(id: number): GraphOutput {
    if (id <= FIRST_RECORDED_ID) {
      this.refuse({
        expected: "tensors of this recording",
        got: "one of a former recording",
        cure: "let no tensor out of a step but by its result",
      });
    }
    const output = this.#graph.constant(this.#native.handle(id, "record a constant"));
    this.#outputs.set(id, output);
    if (!this.#made.has(id)) {
      const { dtype, shape } = this.#graph.describe(output);
      this.#captured.push({ dtype: dataTypeName(dtype), shape: shape ?? [] }); // always known
    }
    return output;
  }
}
