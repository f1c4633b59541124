import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { type CountingRandom, isRecord, limitOf, PlainTensor } from "lib/grade/mod.ts";
import type { AnyFunction } from "lib/grade/mod.ts";
import type { Special, Wire } from "./wire.ts";

/** Remembers the functions that the other process may call. */
export interface Register {
  /** The number by which the other process calls a function of this process. */
  idOf(own: AnyFunction): number;
  /** The number of a function of the other process; undefined for a function of this process. */
  remoteIdOf(value: AnyFunction): number | undefined;
}

const DEEPEST = 100;

/**
 * Writes a value for another process. Data are copied. Functions stay in this process, and the other
 * process gets a function that calls them.
 *
 * @param value Plain data, typed arrays, maps, sets, tensors, generators, functions, objects with methods.
 * @param register Remembers the functions.
 * @throws {TypeError} If the value cannot be sent: a symbol, a Promise inside it, a circular reference.
 */
export function encode(value: unknown, register: Register, depth = 0): Wire {
  if (depth > DEEPEST) {
    throw new TypeError(
      "Cannot send a value: expected plain data, got a circle or a very deep list",
    );
  }
  const inner = (part: unknown) => encode(part, register, depth + 1);
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "undefined":
      return special("undefined");
    case "number":
      return encodeNumber(value);
    case "bigint":
      return { t: "bigint", value: String(value) };
    case "function":
      return encodeFunction(value as AnyFunction, register); // any function can be called
    case "symbol":
      throw new TypeError("Cannot send a value: expected data or a function, got a symbol");
  }
  if (value === null) return null;
  if (Array.isArray(value)) return encodeList(value, inner);
  if (isRecord(value)) return encodeRecord(value, inner);
  return encodeObject(value as object, register, inner); // all other kinds were handled above
}

function encodeList(list: readonly unknown[], inner: (part: unknown) => Wire): Wire {
  const limit = limitOf(list);
  if (limit === undefined) return Array.from(list, inner);
  const { most, what, items } = limit;
  return { t: "limited", items: items.map(inner), most, what };
}

function encodeNumber(value: number): Wire {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return special(Object.is(value, -0) ? "-0" : String(value) as Special); // NaN and both infinities
}

function special(value: Special): Wire {
  return { t: "special", value };
}

function encodeRecord(
  value: Readonly<Record<string, unknown>>,
  inner: (part: unknown) => Wire,
): Wire {
  return { t: "record", keys: Object.keys(value), values: Object.values(value).map(inner) };
}

function encodeFunction(value: AnyFunction, register: Register): Wire {
  const remote = register.remoteIdOf(value);
  if (remote !== undefined) return { t: "own", id: remote };
  const isAsync = value.constructor.name === "AsyncFunction";
  return { t: "function", id: register.idOf(value), name: value.name, isAsync };
}

function encodeObject(value: object, register: Register, inner: (part: unknown) => Wire): Wire {
  if (value instanceof tf.Tensor) return encodeTensor(value, inner);
  if (value instanceof PlainTensor) {
    return { t: "plain", shape: [...value.shape], values: inner(value.values) };
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return encodeNumbers(value);
  if (value instanceof Map) return { t: "map", entries: [...value].map(inner) };
  if (value instanceof Set) return { t: "set", items: [...value].map(inner) };
  if (value instanceof Random) {
    const { draws, most } = value as Partial<CountingRandom>;
    const limit = draws === undefined || most === undefined ? {} : { limit: { draws, most } };
    return { t: "random", state: value.state(), ...limit };
  }
  if (value instanceof Error) return encodeError(value);
  if (value instanceof Promise) {
    throw new TypeError("Cannot send a value: expected a value, got a Promise inside of one");
  }
  const iterator = iteratorOf(value);
  if (iterator === undefined) return encodeInstance(value, inner);
  return { t: "iterator", next: register.idOf(iterator.next), isAsync: iterator.isAsync };
}

/**
 * Writes an error: its name, its message, its stack.
 *
 * @param error What was thrown.
 */
export function encodeError(error: unknown): Wire {
  if (!(error instanceof Error)) {
    return { t: "error", name: typeof error, message: String(error), stack: "" };
  }
  return { t: "error", name: error.name, message: error.message, stack: error.stack ?? "" };
}

function encodeTensor(tensor: tf.Tensor, inner: (part: unknown) => Wire): Wire {
  if (tensor.isDisposed) return { t: "tensor", tensor: null };
  const { shape, dtype } = tensor;
  return { t: "tensor", tensor: { shape: [...shape], dtype, values: inner(tensor.dataSync()) } };
}

function encodeNumbers(view: ArrayBufferView): Wire {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return { t: "numbers", kind: view.constructor.name, bytes: bytes.toBase64() };
}

/** A function that gives the next item of an object that can be looped over; undefined for others. */
function iteratorOf(value: object): { next: () => unknown; isAsync: boolean } | undefined {
  const make: unknown = Reflect.get(value, Symbol.asyncIterator) ??
    Reflect.get(value, Symbol.iterator);
  if (typeof make !== "function") return undefined;
  const iterator: Iterator<unknown> = make.call(value), isAsync = Symbol.asyncIterator in value;
  return { next: isAsync ? async () => await iterator.next() : () => iterator.next(), isAsync };
}

/** An object of a class: its own members, and its methods. */
function encodeInstance(value: object, inner: (part: unknown) => Wire): Wire {
  const members: Record<string, unknown> = {};
  for (const [name, part] of methodsOf(value)) members[name] = part;
  for (const [name, part] of Object.entries(value)) members[name] = part;
  const { name } = value.constructor ?? {};
  return { t: "instance", name: name ?? "Object", members: encodeRecord(members, inner) };
}

function* methodsOf(value: object): Generator<[name: string, part: unknown]> {
  let prototype: unknown = Object.getPrototypeOf(value);
  while (typeof prototype === "object" && prototype !== null && prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name === "constructor") continue;
      const part: unknown = Reflect.get(prototype, name, value);
      yield [name, typeof part === "function" ? part.bind(value) : part];
    }
    prototype = Object.getPrototypeOf(prototype);
  }
}
