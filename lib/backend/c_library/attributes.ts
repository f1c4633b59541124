import { cName } from "./c_string.ts";
import { DataType } from "./data_types.ts";
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

type Bytes = Uint8Array<ArrayBuffer>;
type Sizes = BigInt64Array<ArrayBuffer>;
type Setter<Value extends unknown[]> = (
  op: Deno.PointerValue,
  name: Bytes,
  ...value: Value
) => void;

/** The C library's functions that set one attribute of an op; those that end in List take many. */
export interface AttributeSetters {
  readonly type: Setter<[value: number]>;
  readonly bool: Setter<[value: number]>;
  readonly int: Setter<[value: bigint]>;
  readonly float: Setter<[value: number]>;
  readonly string: Setter<[bytes: Bytes, length: bigint]>;
  readonly shape: Setter<[sizes: Sizes | null, rank: number]>;
  readonly functionName: Setter<[bytes: Bytes, length: bigint]>;
  readonly typeList: Setter<[values: Int32Array<ArrayBuffer>, length: number]>;
  readonly boolList: Setter<[values: Bytes, length: number]>;
  readonly intList: Setter<[values: Sizes, length: number]>;
  readonly floatList: Setter<[values: Float32Array<ArrayBuffer>, length: number]>;
  readonly stringList: Setter<
    [addresses: Bytes, lengths: BigUint64Array<ArrayBuffer>, length: number]
  >;
  readonly shapeList: Setter<[addresses: Bytes, ranks: Int32Array<ArrayBuffer>, length: number]>;
}

/** How ops are built: to run at once, or as a part of a graph. */
export interface OpBuilder {
  /** What is done with the op, for messages. */
  readonly act: "run" | "record";
  /** The functions that set its attributes. */
  readonly set: AttributeSetters;

  /**
   * The kind of an attribute in the op's definition: 2 × the kind's number, plus 1 for a list.
   *
   * @throws {BackendError} If the op has no such attribute.
   */
  definitionOf(op: Deno.PointerValue, opName: string, name: string): number;

  /** Throws if TensorFlow refused a shape that was set before. */
  assertShape(act: string): void;
}

/** The op whose attribute is set, and its name for messages. */
interface Target {
  readonly builder: OpBuilder;
  readonly op: Deno.PointerValue;
  readonly opName: string;
}

/**
 * Sets one attribute of an op, or a list if the op's definition has a list.
 *
 * A number for an integer attribute is cut to its whole part, because TensorFlow.js passes
 * fractional seeds. The binding of tfjs-node does the same.
 *
 * @throws {TypeError} If the value is not of the attribute's kind.
 * @throws {BackendError} If the op has no such attribute.
 */
export function setAttribute(target: Target, attribute: OpAttribute): void {
  const { builder: { set }, op } = target, { value } = attribute, name = cName(attribute.name);
  if (takesList(target, attribute)) {
    setList(target, attribute, expect(isList, value, target, attribute));
    return;
  }
  switch (attribute.type) {
    case AttributeType.TYPE:
      set.type(op, name, expect(isInteger, value, target, attribute));
      return;
    case AttributeType.BOOL:
      set.bool(op, name, expect(isBoolean, value, target, attribute) ? 1 : 0);
      return;
    case AttributeType.INT:
      set.int(op, name, whole(expect(isCount, value, target, attribute)));
      return;
    case AttributeType.FLOAT:
      set.float(op, name, expect(isNumber, value, target, attribute));
      return;
    case AttributeType.STRING:
    case AttributeType.FUNCTION: {
      const text = bytesOf(expect(isText, value, target, attribute));
      const setter = attribute.type === AttributeType.STRING ? set.string : set.functionName;
      setter(op, name, text, BigInt(text.byteLength));
      return;
    }
    case AttributeType.SHAPE:
      setShape(target, attribute);
      return;
  }
}

/** The names of the kinds in TensorFlow's op definitions, by number. */
const KIND_NAMES = ["string", "int", "float", "bool", "type", "shape", "tensor", "", "func"];

/**
 * Turns a kind's name in an op's definition, such as `list(int)`, into the number that
 * {@linkcode OpBuilder.definitionOf} gives.
 */
export function definitionNumber(text: string): number {
  const element = /^list\((.*)\)$/.exec(text)?.[1];
  return KIND_NAMES.indexOf(element ?? text) * 2 + (element === undefined ? 0 : 1);
}

/**
 * Whether an attribute is a list. TensorFlow itself silently ignores a value of the wrong kind, and
 * a value for an attribute that does not exist. So each attribute is compared with the definition
 * here.
 */
function takesList({ builder, op, opName }: Target, { name, type, value }: OpAttribute): boolean {
  // No definition contains hints to the runtime, such as `_XlaMustCompile`.
  if (name.startsWith("_")) return Array.isArray(value) && type !== AttributeType.SHAPE;
  const definition = builder.definitionOf(op, opName, name);
  if (definition >> 1 !== type) {
    throw new TypeError(
      `Cannot ${builder.act} ${opName}: expected attribute "${name}" to be ${
        KIND_NAMES[definition >> 1]
      }, got ${KIND_NAMES[type] ?? `kind ${type}`}`,
    );
  }
  return (definition & 1) === 1;
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

function setTypeList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const types = Int32Array.from(each(isInteger, list, target, attribute));
  target.builder.set.typeList(target.op, cName(attribute.name), types, types.length);
}

function setBoolList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const flags = Uint8Array.from(each(isBoolean, list, target, attribute), Number);
  target.builder.set.boolList(target.op, cName(attribute.name), flags, flags.length);
}

function setIntList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const integers = BigInt64Array.from(each(isCount, list, target, attribute), whole);
  target.builder.set.intList(target.op, cName(attribute.name), integers, integers.length);
}

function setFloatList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const numbers = Float32Array.from(each(isNumber, list, target, attribute));
  target.builder.set.floatList(target.op, cName(attribute.name), numbers, numbers.length);
}

function setStringList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const texts = each(isText, list, target, attribute).map(bytesOf);
  const lengths = BigUint64Array.from(texts, (text) => BigInt(text.byteLength));
  const values = addressed(texts);
  target.builder.set.stringList(target.op, cName(attribute.name), values, lengths, texts.length);
}

function setShape(target: Target, attribute: OpAttribute): void {
  const { builder, op, opName } = target, { value } = attribute, name = cName(attribute.name);
  // Null is a shape of unknown rank.
  const sizes = value === null
    ? null
    : sizesOf(expect(isList, value, target, attribute), target, attribute);
  builder.set.shape(op, name, sizes, sizes?.length ?? -1);
  builder.assertShape(`${builder.act} ${opName} with attribute "${attribute.name}"`);
}

function setShapeList(target: Target, attribute: OpAttribute, list: unknown[]) {
  const { builder, op, opName } = target, name = cName(attribute.name);
  const shapes = each(isList, list, target, attribute).map((shape) =>
    sizesOf(shape, target, attribute)
  );
  const ranks = Int32Array.from(shapes, (shape) => shape.length);
  builder.set.shapeList(op, name, addressed(shapes), ranks, shapes.length);
  builder.assertShape(`${builder.act} ${opName} with attribute "${attribute.name}"`);
}

/** The sizes of a shape; -1 means that a size is unknown. */
function sizesOf(shape: unknown[], target: Target, attribute: OpAttribute): Sizes {
  return BigInt64Array.from(each(isInteger, shape, target, attribute), BigInt);
}

/**
 * Packs arrays as C takes a list of them: first their addresses, then their bytes, in one buffer.
 * The garbage collector does not follow addresses, but it keeps this one buffer alive.
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

/** A check of one value, and the words for what it expects. */
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
  throw unfit(check.wants, value, target, attribute);
}

function each<T>(check: Check<T>, list: unknown[], target: Target, attribute: OpAttribute): T[] {
  const wrong = list.findIndex((value) => !check.passes(value));
  if (wrong < 0) return list as T[]; // every element has passed
  throw unfit(`a list with ${check.wants} at ${wrong}`, list[wrong], target, attribute);
}

function unfit(wants: string, value: unknown, target: Target, { name }: OpAttribute): TypeError {
  const { builder: { act }, opName } = target;
  const got = typeof value === "object" ? JSON.stringify(value) : String(value);
  return new TypeError(
    `Cannot ${act} ${opName}: expected attribute "${name}" to be ${wants}, got ${got}`,
  );
}
