import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { CheckError, CountingRandom, limitedList, PlainTensor } from "lib/grade/mod.ts";
import type { AnyFunction } from "lib/grade/mod.ts";
import type { Tagged, TensorWire, Wire } from "./wire.ts";

/** Finds functions by the numbers in messages. */
export interface Directory {
  /** Makes a function that calls a function of the other process. */
  remote(id: number, options: { readonly name: string; readonly isAsync: boolean }): AnyFunction;
  /** A function of this process, which the other process sent back. */
  own(id: number): AnyFunction;
}

/**
 * Reads a value that another process wrote.
 *
 * @param wire The value as it came.
 * @param directory Finds functions by their numbers.
 * @returns New data; the caller disposes of the tensors.
 * @throws {TypeError} If {@linkcode encode} does not write such a value.
 */
export function decode(wire: Wire, directory: Directory): unknown {
  const inner = (part: Wire) => decode(part, directory);
  if (typeof wire !== "object" || wire === null) return wire;
  if (isList(wire)) return wire.map(inner);
  switch (wire.t) {
    case "special":
      return wire.value === "undefined" ? undefined : Number(wire.value);
    case "bigint":
      return BigInt(wire.value);
    case "record":
      return decodeRecord(wire, inner);
    case "numbers":
      return decodeNumbers(wire.kind, wire.bytes);
    case "map":
      return new Map(wire.entries.map(inner) as [unknown, unknown][]); // `encode` wrote pairs
    case "set":
      return new Set(wire.items.map(inner));
    case "limited":
      return limitedList(wire.items.map(inner), wire.most, wire.what);
    case "random":
      return decodeRandom(wire);
    case "tensor":
      return decodeTensor(wire.tensor, inner);
    case "plain":
      return new PlainTensor(wire.shape, inner(wire.values));
    case "error":
      return decodeError(wire);
    default:
      return decodeReference(wire, directory);
  }
}

function isList(wire: Wire): wire is readonly Wire[] {
  return Array.isArray(wire);
}

function decodeRecord(
  { keys, values }: Extract<Tagged, { t: "record" }>,
  inner: (part: Wire) => unknown,
): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [i, key] of keys.entries()) {
    const value = inner(values[i] ?? null);
    // An assignment to "__proto__" would set the prototype; this makes it an ordinary member.
    Object.defineProperty(record, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return record;
}

const KINDS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

function decodeNumbers(kind: string, bytes: string): unknown {
  const make = new Map(Object.entries(KINDS)).get(kind);
  if (make === undefined) {
    throw new TypeError(`Cannot read numbers: expected a known kind, got ${kind}`);
  }
  return new make(Uint8Array.fromBase64(bytes).buffer);
}

function decodeRandom({ state, limit }: Extract<Tagged, { t: "random" }>): Random {
  if (limit === undefined) return Random.fromState(state);
  const random = new CountingRandom(0, limit.most);
  random.restore(state);
  random.draws = limit.draws;
  return random;
}

function decodeTensor(wire: TensorWire, inner: (part: Wire) => unknown): tf.Tensor {
  if (wire === null) {
    const tensor = tf.scalar(0);
    tensor.dispose();
    return tensor;
  }
  // The message has the dtype as a plain string, and any values; the types cannot tell more.
  const dtype = wire.dtype as tf.DataType, values = inner(wire.values) as tf.TensorLike;
  return tf.tensor(values, [...wire.shape], dtype);
}

const ERRORS = { Error, RangeError, TypeError, SyntaxError, ReferenceError, EvalError, URIError };

function decodeError({ name, message, stack }: Extract<Tagged, { t: "error" }>): unknown {
  const make = new Map(Object.entries(ERRORS)).get(name) ?? Error;
  const error = name === "CheckError" ? new CheckError(message) : new make(message);
  if (error.name !== name) Object.defineProperty(error, "name", { value: name });
  error.stack = stack;
  return error;
}

function decodeReference(wire: Tagged, directory: Directory): unknown {
  switch (wire.t) {
    case "own":
      return directory.own(wire.id);
    case "function":
      return directory.remote(wire.id, wire);
    case "iterator":
      return decodeIterator(wire, directory);
    case "instance":
      return decodeInstance(wire.name, decode(wire.members, directory) as Record<string, unknown>);
    default:
      throw new TypeError(
        `Cannot read a value: expected a known form, got ${JSON.stringify(wire)}`,
      );
  }
}

function decodeIterator(
  { next, isAsync }: Extract<Tagged, { t: "iterator" }>,
  directory: Directory,
): unknown {
  const step = directory.remote(next, { name: "next", isAsync }) as unknown as () => unknown;
  const iterator = { next: step, return: (value: unknown) => ({ done: true, value }) };
  const key = isAsync ? Symbol.asyncIterator : Symbol.iterator;
  // The object needs a prototype of its own: otherwise it would be taken for a record.
  return Object.assign(Object.create({ [key]: () => iterator }), isAsync ? {} : { next: step });
}

/** An object of a class, not a plain record, with the members that came. */
function decodeInstance(name: string, members: Record<string, unknown>): unknown {
  const constructor = Object.defineProperty(function () {}, "name", { value: name });
  return Object.assign(Object.create({ constructor }), members);
}
