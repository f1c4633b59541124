import { reshapeAttributes, typeAttribute } from "../c_library/attributes.ts";
import { DataType } from "../c_library/data_types.ts";
import type { Binding } from "./binding.ts";
import type { OpAttribute, TensorValues } from "../c_library/op_sink.ts";

/**
 * Temporary tensors, known only by their ids. They are freed at the end of the block that makes
 * them.
 */
export class Scratch implements Disposable {
  readonly #binding: Binding;
  readonly #ids: number[] = [];

  /** Holds nothing at first. */
  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** The id of a new tensor. */
  tensor(shape: readonly number[], dtype: number, values: TensorValues): number {
    const id = this.#binding.createTensor(shape, dtype, values);
    this.#ids.push(id);
    return id;
  }

  /** The id of a new int32 [n], the form in which ops take shapes and indices. */
  sizes(values: readonly number[]): number {
    return this.tensor([values.length], DataType.INT32, Int32Array.from(values));
  }

  /** The id of the operand in another shape. */
  reshape(operand: readonly number[], dtype: number, shape: readonly number[]): number {
    return this.run("Reshape", reshapeAttributes(dtype), [...operand, this.sizes(shape)]);
  }

  /** The id of the operand, converted to another type. */
  cast(operand: number, { from, to }: { from: number; to: number }): number {
    return this.run("Cast", [typeAttribute("SrcT", from), typeAttribute("DstT", to)], [operand]);
  }

  /** The id of the operand's bits, read as another type; a narrower type adds a last axis. */
  bitcast(operand: number, { from, to }: { from: number; to: number }): number {
    return this.run("Bitcast", [typeAttribute("T", from), typeAttribute("type", to)], [operand]);
  }

  /** The id of an op's one output. */
  run(name: string, attributes: readonly OpAttribute[], inputs: readonly number[]): number {
    const ids = this.#binding.executeOp(name, attributes, inputs, 1).map(({ id }) => id);
    for (const id of ids) this.#ids.push(id);
    return ids[0] ?? -1; // the ops used here have one output
  }

  [Symbol.dispose](): void {
    for (const id of this.#ids) this.#binding.deleteTensor(id);
  }
}
