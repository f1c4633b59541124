import { BackendError } from "lib/core/mod.ts";
import { AttributeType, cName } from "./attributes.ts";
import type { GraphSymbols } from "./graph_signatures.ts";
import type { OpAttribute } from "./op_sink.ts";

/** What the setters are given: where to set, and the op's name for messages. */
interface Target {
  readonly symbols: GraphSymbols;
  readonly operation: Deno.PointerObject;
  readonly opName: string;
  /** What the op's definition says of its attributes. */
  readonly declared: ReadonlyMap<string, string>;
}

/** How TensorFlow's op definitions call the kinds, by number. */
const KIND_NAMES = ["string", "int", "float", "bool", "type", "shape", "tensor", "", "func"];

/**
 * Sets one attribute of an operation under construction: a list where the value is an array.
 *
 * TensorFlow itself takes an attribute that the op has not, and goes on without it: so each is held
 * against the op's definition.
 *
 * @throws {BackendError} If the op has no such attribute, or the value is not of its kind.
 */
export function setGraphAttribute(target: Target, attribute: OpAttribute): void {
  const { symbols, operation } = target, { value } = attribute, name = cName(attribute.name);
  assertDeclared(target, attribute);
  if (Array.isArray(value)) return setList(target, attribute, value);
  switch (attribute.type) {
    case AttributeType.STRING: {
      if (typeof value !== "string") break;
      const bytes = new TextEncoder().encode(value);
      return symbols.TF_SetAttrString(operation, name, bytes, BigInt(bytes.length));
    }
    case AttributeType.INT:
      if (!isInteger(value)) break;
      return symbols.TF_SetAttrInt(operation, name, whole(value));
    case AttributeType.FLOAT:
      if (typeof value !== "number") break;
      return symbols.TF_SetAttrFloat(operation, name, value);
    case AttributeType.BOOL:
      if (typeof value !== "boolean") break;
      return symbols.TF_SetAttrBool(operation, name, value ? 1 : 0);
    case AttributeType.TYPE:
      if (typeof value !== "number") break;
      return symbols.TF_SetAttrType(operation, name, value);
    case AttributeType.SHAPE:
      if (value !== null) break; // null is a shape of unknown rank
      return symbols.TF_SetAttrShape(operation, name, null, -1);
  }
  throw unfit(target, attribute);
}

function setList(target: Target, attribute: OpAttribute, list: readonly unknown[]): void {
  const { symbols, operation } = target, name = cName(attribute.name), { length } = list;
  switch (attribute.type) {
    case AttributeType.INT:
      if (!list.every(isInteger)) break;
      return symbols.TF_SetAttrIntList(operation, name, BigInt64Array.from(list, whole), length);
    case AttributeType.FLOAT:
      if (!list.every(isNumber)) break;
      return symbols.TF_SetAttrFloatList(operation, name, Float32Array.from(list), length);
    case AttributeType.BOOL:
      return symbols.TF_SetAttrBoolList(operation, name, Uint8Array.from(list, Number), length);
    case AttributeType.TYPE:
      if (!list.every(isNumber)) break;
      return symbols.TF_SetAttrTypeList(operation, name, Int32Array.from(list), length);
    case AttributeType.SHAPE:
      if (!list.every(isInteger)) break; // one shape, and not a list of them
      return symbols.TF_SetAttrShape(operation, name, BigInt64Array.from(list, whole), length);
  }
  throw unfit(target, attribute);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** TensorFlow.js passes fractional seeds for integers: they are cut, as they are op by op. */
function isInteger(value: unknown): value is number | bigint {
  return Number.isFinite(value) || typeof value === "bigint";
}

function whole(value: number | bigint): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.trunc(value));
}

function assertDeclared(target: Target, attribute: OpAttribute): void {
  const { opName: op, declared } = target, { name, type, value } = attribute;
  const kind = declared.get(name);
  if (kind === undefined) {
    throw new BackendError(`Cannot record ${op}: expected one of its attributes, got "${name}"`, {
      code: "NOT_FOUND",
      op,
    });
  }
  const given = KIND_NAMES[type] ?? "", isList = Array.isArray(value) && given !== "shape";
  if (kind !== (isList ? `list(${given})` : given)) throw unfit(target, attribute);
}

function unfit({ opName: op, declared }: Target, { name, type, value }: OpAttribute): BackendError {
  return new BackendError(
    `Cannot record ${op}: expected attribute "${name}" to be ${declared.get(name)}, got ${
      JSON.stringify(value) ?? String(value)
    } as ${KIND_NAMES[type] ?? `kind ${type}`}`,
    { code: "INVALID_ARGUMENT", op },
  );
}
