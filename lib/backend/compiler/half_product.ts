import * as tf from "@tensorflow/tfjs";
import { AttributeType, reshapeAttributes, typeAttribute } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import { type Graph, type GraphOutput, outputOf } from "../c_library/graph.ts";
import type { OpAttribute } from "../c_library/op_sink.ts";

/**
 * The ops whose operands may be rounded to 16 bits: products, which take nearly all of the time.
 */
const PRODUCTS = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2"]);

/**
 * A number format of 16 bits: bfloat16 has the range of float32, float16 has three more binary
 * digits.
 */
export type HalfType = "bfloat16" | "float16";

/**
 * TensorFlow's numbers for them. TensorFlow.js has no names for them, so they exist only in graphs.
 */
const HALF_TYPES: Readonly<Record<HalfType, number>> = { bfloat16: 14, float16: 19 };

/**
 * How a product of 16 bits is recorded:
 *
 * - `op`: as TensorFlow's own op, whose result also has 16 bits.
 * - `dot`: as XLA's op, whose result is float32. On a processor XLA has fast kernels only for this
 *   kind and only for bfloat16; it would convert the operands of `op` back to float32.
 * - `cast`: as an emulation: a product in float32 whose operands and result are rounded to 16 bits.
 * - `kept-cast`: the same for XLA, with a barrier, because XLA would remove two casts that cancel
 *   each other.
 */
export type HalfProducts = "op" | "dot" | "cast" | "kept-cast";

const COMPUTED_IN: Readonly<Record<HalfProducts, (type: HalfType) => string>> = {
  op: (type) => `operands in ${type}, result in ${type}`,
  dot: (type) => `operands in ${type}, sums and result in float32`,
  cast: emulated,
  "kept-cast": emulated,
};

function emulated(type: HalfType): string {
  return `float32, operands and result rounded to ${type}: an emulation`;
}

/** An op as the step calls it. */
export interface RecordedOp {
  /** TensorFlow's name of the op. */
  readonly name: string;
  /** Its settings. */
  readonly attributes: readonly OpAttribute[];
  /** Its inputs. */
  readonly operands: readonly GraphOutput[];
}

/** What {@linkcode HalfProductRecorder} must know. */
export interface HalfProductOptions {
  /** The number format. */
  readonly type: HalfType;
  /** How products are recorded. */
  readonly kind: HalfProducts;
  /** Makes a constant of the graph. */
  readonly constant: (values: Int32Array) => GraphOutput;
}

/** Records products of float32 as products of 16 bits, and converts the results back to float32. */
export class HalfProductRecorder {
  readonly #graph: Graph;
  readonly #options: HalfProductOptions;
  readonly #half: number;
  readonly #casts = new Map<string, GraphOutput>();

  /**
   * Creates a recorder without casts.
   *
   * @param graph The graph to which ops are added.
   * @param options The number format, and how products are recorded.
   */
  constructor(graph: Graph, options: HalfProductOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#half = HALF_TYPES[options.type];
  }

  /** The precision of the last recorded product, in words. */
  computedIn = "";

  /**
   * Whether an op is a product of float32: other ops, and products of whole numbers, keep their
   * type.
   */
  takes({ name, operands }: RecordedOp): boolean {
    return PRODUCTS.has(name) &&
      operands.every((operand) => this.#graph.describe(operand).dtype === DataType.FLOAT32);
  }

  /** Records the product. */
  record(op: RecordedOp): GraphOutput {
    const { name, attributes, operands } = op, { kind, type } = this.#options;
    this.computedIn = COMPUTED_IN[kind](type);
    if (kind === "cast" || kind === "kept-cast") return this.#emulate(op);
    const halves = operands.map((operand) => this.#cast(operand, this.#half));
    const [left, right] = halves as [GraphOutput, GraphOutput]; // a product has two operands
    const batches = [left, right].map((half) => this.#sizes(half).slice(0, -2));
    if (kind === "dot" && tf.util.arraysEqual(batches[0] ?? [], batches[1] ?? [])) {
      return this.#dot(left, right, isTransposed(attributes));
    }
    this.computedIn = COMPUTED_IN.op(type);
    return this.#cast(this.#add(name, withType(attributes, this.#half), halves), DataType.FLOAT32);
  }

  #emulate({ name, attributes, operands }: RecordedOp): GraphOutput {
    const rounded = operands.map((operand) => this.#round(operand));
    return this.#round(this.#add(name, attributes, rounded));
  }

  #round(operand: GraphOutput): GraphOutput {
    const half = this.#cast(operand, this.#half);
    return this.#cast(
      this.#options.kind === "kept-cast" ? this.#keep(half) : half,
      DataType.FLOAT32,
    );
  }

  /** Prevents XLA from optimising across this point. */
  #keep(operand: GraphOutput): GraphOutput {
    const key = `${operand}:kept`, known = this.#casts.get(key);
    if (known !== undefined) return known;
    const kept = this.#add("XlaOptimizationBarrier", [], [operand]);
    this.#casts.set(key, kept);
    return kept;
  }

  /**
   * XLA's product. XLA uses its fast kernel if both operands are stored row by row and each row of
   * the left operand is a row of the product. So a left operand that needs it is transposed first,
   * and XLA is prevented from undoing that. (The right operand may be transposed or not.)
   */
  #dot(
    left: GraphOutput,
    right: GraphOutput,
    transposed: readonly [boolean, boolean],
  ): GraphOutput {
    const rank = this.#sizes(left).length;
    const rows = transposed[0] ? this.#transpose(left) : this.#rowByRow(left);
    const dimensions = dimensionNumbers({
      left: [rank - 1],
      right: [transposed[1] ? rank - 1 : rank - 2],
      batch: Array.from({ length: rank - 2 }, (_, axis) => axis),
    });
    return this.#add("XlaDotV2", [
      typeAttribute("LhsT", this.#half),
      typeAttribute("RhsT", this.#half),
      typeAttribute("preferred_element_type", DataType.FLOAT32),
      { name: "dimension_numbers", type: AttributeType.STRING, value: dimensions },
      { name: "precision_config", type: AttributeType.STRING, value: "" },
    ], [rows, this.#rowByRow(right)]);
  }

  #transpose(operand: GraphOutput): GraphOutput {
    const sizes = this.#sizes(operand), lead = sizes.slice(0, -2);
    const order = [...lead.keys(), lead.length + 1, lead.length];
    const turned = this.#add("Transpose", [
      typeAttribute("T", this.#half),
      typeAttribute("Tperm", DataType.INT32),
    ], [operand, this.#options.constant(Int32Array.from(order))]);
    return this.#add("XlaOptimizationBarrier", [], [this.#rowByRow(turned)]);
  }

  /**
   * For XLA a transpose changes only the memory layout, but the result of a reshape is stored row
   * by row. So the operand is reshaped: to one more axis, and back.
   */
  #rowByRow(operand: GraphOutput): GraphOutput {
    const sizes = this.#sizes(operand);
    return this.#reshape(this.#reshape(operand, [1, ...sizes]), sizes);
  }

  #reshape(operand: GraphOutput, sizes: readonly number[]): GraphOutput {
    return this.#add("Reshape", reshapeAttributes(this.#half), [
      operand,
      this.#options.constant(Int32Array.from(sizes)),
    ]);
  }

  #cast(operand: GraphOutput, dtype: number): GraphOutput {
    const key = `${operand}:${dtype}`;
    let cast = this.#casts.get(key);
    if (cast === undefined) {
      const { dtype: from } = this.#graph.describe(operand);
      cast = this.#add("Cast", [typeAttribute("SrcT", from), typeAttribute("DstT", dtype)], [
        operand,
      ]);
      this.#casts.set(key, cast);
    }
    return cast;
  }

  #add(
    name: string,
    attributes: readonly OpAttribute[],
    operands: readonly GraphOutput[],
  ): GraphOutput {
    return outputOf(this.#graph.operation(name, attributes, operands), 0);
  }

  #sizes(output: GraphOutput): readonly number[] {
    return this.#graph.describe(output).shape ?? []; // an op of unknown shape is not recorded
  }
}

function withType(attributes: readonly OpAttribute[], dtype: number): OpAttribute[] {
  return attributes.map((attribute) =>
    attribute.name === "T" ? { ...attribute, value: dtype } : attribute
  );
}

/**
 * Whether each operand's last two axes are exchanged; `MatMul` and its batched forms have different
 * names for this setting.
 */
function isTransposed(attributes: readonly OpAttribute[]): [left: boolean, right: boolean] {
  const isSet = (...names: string[]) =>
    attributes.some(({ name, value }) => names.includes(name) && value === true);
  return [isSet("transpose_a", "adj_x"), isSet("transpose_b", "adj_y")];
}

/** XLA's `DotDimensionNumbers` in protobuf's wire format: lists of axes, all of them below 128. */
function dimensionNumbers(
  { left, right, batch }: Readonly<Record<"left" | "right" | "batch", readonly number[]>>,
): string {
  const lists = [left, right, batch, batch]; // fields 1 to 4; the batch has the same axes in both
  return lists.map((axes, i) =>
    axes.length === 0
      ? ""
      : [(i + 1) << 3 | 2, axes.length, ...axes].map((code) => String.fromCharCode(code)).join("")
  ).join("");
}
