import * as tf from "@tensorflow/tfjs";
import { AttributeType, reshapeAttributes, typeAttribute } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import { type Graph, type GraphOutput, outputOf } from "../c_library/graph.ts";
import type { OpAttribute } from "../c_library/op_sink.ts";

/** The ops whose operands may be cut to bfloat16: products, where nearly all of the time goes. */
const PRODUCTS = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2"]);

/** TensorFlow's number for bfloat16; TensorFlow.js has no name for it, so it lives in graphs only. */
const BFLOAT16 = 14;

/**
 * How a product in bfloat16 is written down: as TensorFlow's own op, whose result is bfloat16 too, or
 * as XLA's, whose result is float32.
 *
 * On a processor XLA has fast kernels for the second kind only; the operands of the first it would
 * turn back to float32.
 */
export type HalfProducts = "op" | "dot";

/** An op as it was to be recorded. */
export interface RecordedOp {
  /** TensorFlow's name of it. */
  readonly name: string;
  /** Its settings. */
  readonly attributes: readonly OpAttribute[];
  /** What it takes. */
  readonly operands: readonly GraphOutput[];
}

/** Writes products of float32 down as products of bfloat16, the result turned back to float32. */
export class HalfProductRecorder {
  readonly #graph: Graph;
  readonly #kind: HalfProducts;
  readonly #constant: (values: Int32Array) => GraphOutput;
  readonly #casts = new Map<string, GraphOutput>();

  /**
   * Begins without casts.
   *
   * @param graph Where to write.
   * @param kind How.
   * @param constant Makes a constant of the graph.
   */
  constructor(graph: Graph, kind: HalfProducts, constant: (values: Int32Array) => GraphOutput) {
    this.#graph = graph;
    this.#kind = kind;
    this.#constant = constant;
  }

  /** Whether an op is such a product: other ops, and products of whole numbers, keep their type. */
  takes({ name, operands }: RecordedOp): boolean {
    return PRODUCTS.has(name) &&
      operands.every((operand) => this.#graph.describe(operand).dtype === DataType.FLOAT32);
  }

  /** Records the product. */
  record({ name, attributes, operands }: RecordedOp): GraphOutput {
    const halves = operands.map((operand) => this.#cast(operand, BFLOAT16));
    const [left, right] = halves as [GraphOutput, GraphOutput]; // a product has two operands
    const batches = [left, right].map((half) => this.#sizes(half).slice(0, -2));
    if (this.#kind === "dot" && tf.util.arraysEqual(batches[0] ?? [], batches[1] ?? [])) {
      return this.#dot(left, right, isTransposed(attributes));
    }
    return this.#cast(this.#add(name, withType(attributes, BFLOAT16), halves), DataType.FLOAT32);
  }

  /**
   * XLA's product. It takes its fast kernel where both operands lie row by row in memory and each row
   * of the left one is a row of the product; so the left one is turned around beforehand, where
   * it must be, and XLA is kept from taking that back. (The right one may lie either way.)
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
      typeAttribute("LhsT", BFLOAT16),
      typeAttribute("RhsT", BFLOAT16),
      typeAttribute("preferred_element_type", DataType.FLOAT32),
      { name: "dimension_numbers", type: AttributeType.STRING, value: dimensions },
      { name: "precision_config", type: AttributeType.STRING, value: "" },
    ], [rows, this.#rowByRow(right)]);
  }

  #transpose(operand: GraphOutput): GraphOutput {
    const sizes = this.#sizes(operand), lead = sizes.slice(0, -2);
    const order = [...lead.keys(), lead.length + 1, lead.length];
    const turned = this.#add("Transpose", [
      typeAttribute("T", BFLOAT16),
      typeAttribute("Tperm", DataType.INT32),
    ], [operand, this.#constant(Int32Array.from(order))]);
    return this.#add("XlaOptimizationBarrier", [], [this.#rowByRow(turned)]);
  }

  /**
   * To XLA a transpose changes nothing but the order in which its operand lies in memory, while what
   * comes out of a reshape lies row by row. So it is reshaped, to one axis more and back.
   */
  #rowByRow(operand: GraphOutput): GraphOutput {
    const sizes = this.#sizes(operand);
    return this.#reshape(this.#reshape(operand, [1, ...sizes]), sizes);
  }

  #reshape(operand: GraphOutput, sizes: readonly number[]): GraphOutput {
    return this.#add("Reshape", reshapeAttributes(BFLOAT16), [
      operand,
      this.#constant(Int32Array.from(sizes)),
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
    return this.#graph.describe(output).shape ?? []; // known, or it would not have been recorded
  }
}

function withType(attributes: readonly OpAttribute[], dtype: number): OpAttribute[] {
  return attributes.map((attribute) =>
    attribute.name === "T" ? { ...attribute, value: dtype } : attribute
  );
}

/** Whether each operand's last two axes are exchanged: `MatMul` and its batched forms name it apart. */
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
    axes.length === 0 ? "" : String.fromCharCode((i + 1) << 3 | 2, axes.length, ...axes)
  ).join("");
}
