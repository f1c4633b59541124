import { AttributeType } from "./_attributes.ts";
import { DataType } from "./_data_types.ts";
import { type Graph, type GraphOutput, outputOf } from "./graph.ts";
import type { NativeTensors } from "./native_tensors.ts";
import type { OpAttribute } from "./op_sink.ts";

/** The op that draws float32 from [0, 1). */
export const UNIFORM = "StatelessRandomUniformV2";

/** A float32 below 1 is made of 23 bits. */
const MASK = 0x7fffff, SCALE = 2 ** -23;

/** What a graph is extended with. */
interface Target {
  readonly graph: Graph;
  readonly native: NativeTensors;
}

/**
 * Writes a draw of {@linkcode UNIFORM} as a draw of bits and what makes numbers of them.
 *
 * From the same bits TensorFlow's kernel makes a number of the low 23 and XLA's of the high 23: one
 * seed would give one mask op by op and another one compiled. Written so, all give the former.
 */
export function uniformFromBits(
  { graph, native }: Target,
  attributes: readonly OpAttribute[],
  inputs: readonly GraphOutput[],
): GraphOutput {
  const constant = (dtype: number, values: Int32Array | Float32Array) => {
    const id = native.createTensor([], dtype, values);
    try {
      return graph.constant(native.handle(id));
    } finally {
      native.deleteTensor(id);
    }
  };
  const add = (name: string, types: readonly OpAttribute[], operands: readonly GraphOutput[]) =>
    outputOf(graph.operation(name, types, operands), 0);
  const integers = attributes.map((one) =>
    one.name === "dtype" ? { ...one, value: DataType.INT32 } : one
  );
  const bits = add("StatelessRandomUniformFullIntV2", integers, inputs);
  const mask = constant(DataType.INT32, Int32Array.of(MASK));
  const low = add("BitwiseAnd", [type("T", DataType.INT32)], [bits, mask]);
  const types = [type("SrcT", DataType.INT32), type("DstT", DataType.FLOAT32)];
  const scale = constant(DataType.FLOAT32, Float32Array.of(SCALE));
  return add("Mul", [type("T", DataType.FLOAT32)], [add("Cast", types, [low]), scale]);
}

function type(name: string, value: number): OpAttribute {
  return { name, type: AttributeType.TYPE, value };
}
