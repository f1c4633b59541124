import { BackendError } from "lib/core/mod.ts";
import { DataType } from "./data_types.ts";
import { cString } from "./c_string.ts";
import { assertStatus, failureOf, type NativeLibrary } from "./native_library.ts";
import type { OpAttribute } from "./op_sink.ts";

/** The kinds of attributes (`tensorflow/c/tf_attrtype.h`). */
export const AttributeType = {
  STRING: 0,
  INT: 1,
  FLOAT: 2,
  BOOL: 3,
  TYPE: 4,
  SHAPE: 5,
  FUNCTION: 8,
} as const;

/** An op's element type, such as its `T`. */
export function typeAttribute(name: string, value: number): OpAttribute {
  return { name, type: AttributeType.TYPE, value };
}

/** The settings of `Reshape`, for sizes of int32. */
export function reshapeAttributes(dtype: number): OpAttribute[] {
  return [typeAttribute("T", dtype), typeAttribute("Tshape", DataType.INT32)];
}

const cStrings = new Map<string, Uint8Array<ArrayBuffer>>();

/** {@linkcode cString} of a name that comes again and again: encoded once. */
export function cName(name: string): Uint8Array<ArrayBuffer> {
  let bytes = cStrings.get(name);
  if (bytes === undefined) cStrings.set(name, bytes = cString(name));
  return bytes;
}

/** What the setters are given: where to set, under which name. */
interface Target {
  readonly library: NativeLibrary;
  readonly op: Deno.PointerValue;
  readonly opName: string;
}

/**
 * Sets one attribute of an op, or a list where the op's definition has a list.
 *
 * A number for an integer attribute is cut to its whole part, as tfjs-node's own binding does:
 * TensorFlow.js passes fractional seeds.
 *
 * @throws {TypeError} If the value is not of the attribute's kind.
 * @throws {BackendError} If the op has no such attribute.
 */
export function setAttribute(target: Target, attribute: OpAttribute): void {
  const { symbols } = target.library, { op } = target;
  const name = cName(attribute.name), value = attribute.value;
  if (takesList(target, attribute)) {
    setList(target, attribute, expect(isList, value, target, attribute));
    return;
  }
  switch (attribute.type) {
    case AttributeType.TYPE:
      symbols.TFE_OpSetAttrType(op, name, expect(isInteger, value, target, attribute));
      return;
    case AttributeType.BOOL:
      symbols.TFE_OpSetAttrBool(op, name, expect(isBoolean, value, target, attribute) ? 1 : 0);
      return;
    case AttributeType.INT:
      symbols.TFE_OpSetAttrInt(op, name, whole(expect(isCount, value, target, attribute)));
      return;
    case AttributeType.FLOAT:
      symbols.TFE_OpSetAttrFloat(op, name, expect(isNumber, value, target, attribute));
      return;
    case AttributeType.STRING: {
      const text = bytesOf(expect(isText, value, target, attribute));
      symbols.TFE_OpSetAttrString(op, name, text, BigInt(text.byteLength));
      return;
    }
    case AttributeType.SHAPE:
      setShape(target, attribute);
      return;
    case AttributeType.FUNCTION: {
      const text = bytesOf(expect(isText, value, target, attribute));
      symbols.TFE_OpSetAttrFunctionName(op, name, text, BigInt(text.byteLength));
      return;
    }
  }
}

/** How TensorFlow's op definitions call the kinds, by number. */
const KIND_NAMES = ["string", "int", "float", "bool", "type", "shape", "tensor", "", "func"];

/** Op to attribute to what the op's definition says: twice the kind, plus 1 for a list. */
const definitions = new Map<string, Map<string, number>>();

/**
 * Whether an attribute is a list. TensorFlow itself takes a value of another kind, or for an
 * attribute that does not exist, and goes on without it: so each is held against the definition.
 */
function takesList(target: Target, { name, type, value }: OpAttribute): boolean {
  // Hints to the runtime, such as `_XlaMustCompile`, stand in no definition.
  if (name.startsWith("_")) return Array.isArray(value) && type !== AttributeType.SHAPE;
  let attributes = definitions.get(target.opName);
  if (attributes === undefined) definitions.set(target.opName, attributes = new Map());
  let definition = attributes.get(name);
  if (definition === undefined) attributes.set(name, definition = definitionOf(target, name));
  if (definition >> 1 !== type) {
    throw new TypeError(
      `Cannot run ${target.opName}: expected attribute "${name}" to be ${
        KIND_NAMES[definition >> 1]
      }, got ${KIND_NAMES[type] ?? `kind ${type}`}`,
    );
  }
  return (definition & 1) === 1;
}

function definitionOf({ library, op, opName }: Target, name: string): number {
  const isList = new Uint8Array(1);
  const kind = library.symbols.TFE_OpGetAttrType(op, cName(name), isList, library.status);
  const failure = failureOf(library);
  if (failure === undefined) return kind * 2 + (isList[0] ?? 0);
  throw new BackendError(
    `Cannot run ${opName}: expected one of its attributes, got "${name}": ${failure.code}: ${failure.message}`,
    { code: failure.code, op: opName },
  );
}

function setList(target: Target, attribute: OpAttribute, list: unknown[]): void {
  switch (attribute.type) {
    case AttributeType.TYPE:
      return setTypeList(target, attribute, list);
    case AttributeType.BOOL:
      return setBoolList(target, attribute, list);
    case AttributeType.INT:
      return setIntList(target, attribute, list);
    case AttributeType.FLOAT:
      return setFloatList(target, attribute, list);
    case AttributeType.STRING:
      return setStringList(target, attribute, list);
    case AttributeType.SHAPE:
      return setShapeList(target, attribute, list);
  }
}

function setTypeList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const types = Int32Array.from(each(isInteger, list, opName, attribute));
  library.symbols.TFE_OpSetAttrTypeList(op, cName(attribute.name), types, types.length);
}

function setBoolList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const flags = Uint8Array.from(each(isBoolean, list, opName, attribute), Number);
  library.symbols.TFE_OpSetAttrBoolList(op, cName(attribute.name), flags, flags.length);
}

function setIntList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const integers = BigInt64Array.from(each(isCount, list, opName, attribute), whole);
  library.symbols.TFE_OpSetAttrIntList(op, cName(attribute.name), integers, integers.length);
}

function setFloatList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const numbers = Float32Array.from(each(isNumber, list, opName, attribute));
  library.symbols.TFE_OpSetAttrFloatList(op, cName(attribute.name), numbers, numbers.length);
}

function setStringList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const texts = each(isText, list, opName, attribute).map(bytesOf);
  const lengths = BigUint64Array.from(texts, (text) => BigInt(text.byteLength));
  const values = addressed(texts);
  library.symbols.TFE_OpSetAttrStringList(
    op,
    cName(attribute.name),
    values,
    lengths,
    texts.length,
  );
}

function setShape(target: Target, attribute: OpAttribute): void {
  const { library, op, opName } = target, { value } = attribute, name = cName(attribute.name);
  // Null is a shape of unknown rank.
  const sizes = value === null
    ? null
    : sizesOf(expect(isList, value, target, attribute), opName, attribute);
  library.symbols.TFE_OpSetAttrShape(op, name, sizes, sizes?.length ?? -1, library.status);
  assertStatus(library, `run ${opName} with attribute "${attribute.name}"`);
}

function setShapeList({ library, op, opName }: Target, attribute: OpAttribute, list: unknown[]) {
  const { symbols, status } = library, name = cName(attribute.name);
  const shapes = each(isList, list, opName, attribute).map((shape) =>
    sizesOf(shape, opName, attribute)
  );
  const ranks = Int32Array.from(shapes, (shape) => shape.length);
  symbols.TFE_OpSetAttrShapeList(op, name, addressed(shapes), ranks, shapes.length, status);
  assertStatus(library, `run ${opName} with attribute "${attribute.name}"`);
}

/** The sizes of a shape; -1 leaves one open. */
function sizesOf(shape: unknown[], opName: string, attribute: OpAttribute) {
  return BigInt64Array.from(each(isInteger, shape, opName, attribute), BigInt);
}

/**
 * Arrays as C takes a list of them: their addresses, and behind those, in the same memory, their
 * bytes. The collector does not see an address, but it sees the one buffer that holds all.
 */
function addressed(arrays: readonly ArrayBufferView[]): Uint8Array<ArrayBuffer> {
  const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;
  let end = arrays.length * 8;
  const starts = arrays.map(({ byteLength }) => (end += aligned(byteLength)) - aligned(byteLength));
  const packed = new Uint8Array(end),
    addresses = new BigUint64Array(packed.buffer, 0, starts.length);
  const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(packed));
  arrays.forEach(({ buffer, byteOffset, byteLength }, index) => {
    const start = starts[index] ?? 0;
    packed.set(new Uint8Array(buffer, byteOffset, byteLength), start);
    addresses[index] = base + BigInt(start);
  });
  return packed;
}

const encoder = new TextEncoder();

function bytesOf(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof value === "string" ? encoder.encode(value) : Uint8Array.from(value);
}

function whole(value: number | bigint): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.trunc(value));
}

/** A check of one value, with the words that say what it wants. */
interface Check<T> {
  readonly wants: string;
  readonly passes: (value: unknown) => value is T;
}

const isInteger: Check<number> = {
  wants: "an integer",
  passes: (value): value is number => Number.isInteger(value),
};
const isCount: Check<number | bigint> = {
  wants: "a finite number",
  passes: (value): value is number | bigint => Number.isFinite(value) || typeof value === "bigint",
};
const isNumber: Check<number> = {
  wants: "a number",
  passes: (value): value is number => typeof value === "number",
};
const isBoolean: Check<boolean> = {
  wants: "true or false",
  passes: (value): value is boolean => typeof value === "boolean",
};
const isList: Check<unknown[]> = {
  wants: "a list",
  passes: (value): value is unknown[] => Array.isArray(value),
};
const isText: Check<string | Uint8Array> = {
  wants: "a string",
  passes: (value): value is string | Uint8Array =>
    typeof value === "string" || value instanceof Uint8Array,
};

function expect<T>(check: Check<T>, value: unknown, target: Target, attribute: OpAttribute): T {
  if (check.passes(value)) return value;
  throw unfit(check.wants, value, target.opName, attribute);
}

function each<T>(check: Check<T>, list: unknown[], opName: string, attribute: OpAttribute): T[] {
  const wrong = list.findIndex((value) => !check.passes(value));
  if (wrong < 0) return list as T[]; // every element has passed
  throw unfit(`a list with ${check.wants} at ${wrong}`, list[wrong], opName, attribute);
}

function unfit(wants: string, value: unknown, opName: string, { name }: OpAttribute): TypeError {
  const got = typeof value === "object" ? JSON.stringify(value) : String(value);
  return new TypeError(
    `Cannot run ${opName}: expected attribute "${name}" to be ${wants}, got ${got}`,
  );
}
