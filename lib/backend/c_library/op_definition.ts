import { BackendError } from "lib/core/mod.ts";
import type { OpAttribute } from "./op_sink.ts";

/** What a recorder must know about an op. */
export interface OpDefinition {
  /** Its attributes by name: `type`, `int`, `list(int)`, `bool` and so on. */
  readonly attributes: ReadonlyMap<string, string>;
  /** One entry per input; a list takes as many tensors as its attribute says. */
  readonly inputs: readonly InputDefinition[];
  /** Whether its outputs may differ between calls, as those of random ops do. */
  readonly isStateful: boolean;
}

/** One input of an op. */
export interface InputDefinition {
  /**
   * The attribute that holds the length of a list, or the types of its tensors; absent for a single
   * tensor.
   */
  readonly listAttribute?: string;
}

// Field numbers of `OpDef` and `OpDef.ArgDef` (tensorflow/core/framework/op_def.proto).
const INPUT_ARG = 2, ATTR = 4, IS_STATEFUL = 17, NUMBER_ATTR = 5, TYPE_LIST_ATTR = 6;
// And of `OpDef.AttrDef`.
const ATTR_NAME = 1, ATTR_TYPE = 2;

/** Reads the parts of an `OpDef` message that are needed here. */
export function parseOpDefinition(bytes: Uint8Array): OpDefinition {
  const inputs: InputDefinition[] = [];
  const attributes = new Map<string, string>();
  let isStateful = false;
  for (const { field, value } of readFields(bytes)) {
    if (field === INPUT_ARG && value instanceof Uint8Array) inputs.push(parseInput(value));
    if (field === ATTR && value instanceof Uint8Array) {
      const texts = textsOf(value);
      attributes.set(texts.get(ATTR_NAME) ?? "", texts.get(ATTR_TYPE) ?? "");
    }
    if (field === IS_STATEFUL) isStateful = value === 1;
  }
  return { inputs, attributes, isStateful };
}

function parseInput(bytes: Uint8Array): InputDefinition {
  const texts = textsOf(bytes), listAttribute = texts.get(NUMBER_ATTR) || texts.get(TYPE_LIST_ATTR);
  return listAttribute ? { listAttribute } : {};
}

/** The fields of a message that have a length, read as text. Only the names among them are used. */
function textsOf(bytes: Uint8Array): Map<number, string> {
  const texts = new Map<number, string>(), decoder = new TextDecoder();
  for (const { field, value } of readFields(bytes)) {
    if (value instanceof Uint8Array) texts.set(field, decoder.decode(value));
  }
  return texts;
}

/**
 * Yields the fields of a protobuf message (protobuf.dev, "Encoding"): a number for a varint, bytes
 * for a field with a length.
 */
function* readFields(
  bytes: Uint8Array,
): Generator<{ field: number; value: number | Uint8Array }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint(), field = key >>> 3, wireType = key & 7;
    if (wireType === 0) yield { field, value: varint() };
    else if (wireType === 2) {
      const length = varint();
      yield { field, value: bytes.subarray(at, at += length) };
    } else at += wireType === 1 ? 8 : 4; // skips numbers of fixed width
  }
}

/** The parts of an operation. */
interface OperationParts<Output> {
  readonly name: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Output[];
}

/** One input of an op: one tensor, or the tensors of a list. */
interface InputGroup<Output> extends InputDefinition {
  readonly outputs: readonly Output[];
}

/**
 * Divides a flat list of inputs among the inputs of an op's definition.
 *
 * @throws {BackendError} If there are more or fewer than the definition and the attributes say.
 */
export function groupInputs<Output>(
  definition: OpDefinition,
  parts: OperationParts<Output>,
): InputGroup<Output>[] {
  const { name, attributes, inputs } = parts;
  const lists = definition.inputs.filter((input) => input.listAttribute !== undefined);
  const singles = definition.inputs.length - lists.length;
  const lengths = definition.inputs.map(({ listAttribute }) => {
    if (listAttribute === undefined) return 1;
    if (lists.length === 1) return Math.max(inputs.length - singles, 0); // no attribute needed
    return listLength(attributes, listAttribute);
  });
  const wanted = lengths.reduce((sum, length) => sum + length, 0);
  if (wanted !== inputs.length) {
    throw new BackendError(
      `Cannot record ${name}: expected ${wanted} inputs, got ${inputs.length}`,
      { code: "INVALID_ARGUMENT", op: name },
    );
  }
  let next = 0;
  return definition.inputs.map((input, place) => {
    const end = next + (lengths[place] ?? 0); // there are as many lengths as inputs
    return { ...input, outputs: inputs.slice(next, next = end) };
  });
}

function listLength(attributes: readonly OpAttribute[], name: string): number {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  return Array.isArray(value) ? value.length : Number(value);
}
