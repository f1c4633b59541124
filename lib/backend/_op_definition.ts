/** What a recorder must know of an op: how its inputs are grouped, and whether it has a memory. */
export interface OpDefinition {
  /** One entry an input; a list takes as many tensors as the named attribute says. */
  readonly inputs: readonly InputDefinition[];
  /** Whether its outputs may differ from call to call, as a random draw's do. */
  readonly isStateful: boolean;
}

/** One input of an op. */
export interface InputDefinition {
  /** The attribute that holds the length of a list, or the types of its tensors; none for a tensor. */
  readonly listAttribute?: string;
}

// Field numbers of `OpDef` and `OpDef.ArgDef` (tensorflow/core/framework/op_def.proto).
const INPUT_ARG = 2, IS_STATEFUL = 17, NUMBER_ATTR = 5, TYPE_LIST_ATTR = 6;

/** Reads the parts of an `OpDef` message that are needed here. */
export function parseOpDefinition(bytes: Uint8Array): OpDefinition {
  const inputs: InputDefinition[] = [];
  let isStateful = false;
  for (const { field, value } of readFields(bytes)) {
    if (field === INPUT_ARG && value instanceof Uint8Array) inputs.push(parseInput(value));
    if (field === IS_STATEFUL) isStateful = value === 1;
  }
  return { inputs, isStateful };
}

function parseInput(bytes: Uint8Array): InputDefinition {
  for (const { field, value } of readFields(bytes)) {
    if (field !== NUMBER_ATTR && field !== TYPE_LIST_ATTR) continue;
    if (value instanceof Uint8Array && value.length > 0) {
      return { listAttribute: new TextDecoder().decode(value) };
    }
  }
  return {};
}

/** Walks over a protobuf message: numbers for varints, bytes for everything with a length. */
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
    } else at += wireType === 1 ? 8 : 4; // fixed-width numbers: none of interest
  }
}
