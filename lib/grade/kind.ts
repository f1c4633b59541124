import * as tf from "@tensorflow/tfjs";
import { isRecord } from "./plain.ts";

/** The kinds of values, apart from lists of one kind and records of kinds. */
export type KindName =
  | "number"
  | "number or null"
  | "boolean"
  | "text"
  | "list"
  | "numbers"
  | "texts"
  | "Int32Array"
  | "Float32Array"
  | "tensor"
  | "int32 tensor"
  | "params"
  | "function"
  | "generator"
  | "nothing"
  | "anything";

/** What an answer returns: a kind, a list of one kind, or a record of kinds. */
export type Kind = KindName | readonly [Kind] | { readonly [member: string]: Kind };

interface KindRule {
  /** The kind as a noun: "an Int32Array". */
  readonly noun: string;
  readonly holds: (value: unknown) => boolean;
}

const isNumbers = (value: unknown) =>
  isList(value) && Array.from(value).every((part) => typeof part === "number");

const RULES: Readonly<Record<KindName, KindRule>> = {
  number: { noun: "a number", holds: (value) => typeof value === "number" },
  "number or null": {
    noun: "a number or null",
    holds: (value) => value === null || typeof value === "number",
  },
  boolean: { noun: "true or false", holds: (value) => typeof value === "boolean" },
  text: { noun: "a text", holds: (value) => typeof value === "string" },
  list: { noun: "a list", holds: isList },
  numbers: { noun: "a list of numbers", holds: isNumbers },
  texts: {
    noun: "a list of texts",
    holds: (value) => Array.isArray(value) && value.every((part) => typeof part === "string"),
  },
  Int32Array: { noun: "an Int32Array", holds: (value) => value instanceof Int32Array },
  Float32Array: { noun: "a Float32Array", holds: (value) => value instanceof Float32Array },
  tensor: { noun: "a float32 tensor", holds: (value) => isTensor(value, "float32") },
  "int32 tensor": { noun: "an int32 tensor", holds: (value) => isTensor(value, "int32") },
  params: {
    noun: "a record of float32 tensors",
    holds: (value) => isRecord(value) && Object.values(value).every((t) => isTensor(t, "float32")),
  },
  function: { noun: "a function", holds: (value) => typeof value === "function" },
  generator: {
    noun: "something to loop over",
    holds: (value) => typeof value === "object" && value !== null && Symbol.iterator in value,
  },
  nothing: { noun: "nothing", holds: (value) => value === undefined },
  anything: { noun: "a value", holds: (value) => !(value instanceof Promise) },
};

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isTensor(value: unknown, dtype: tf.DataType): boolean {
  return value instanceof tf.Tensor && value.dtype === dtype && !value.isDisposed;
}

/**
 * Says why a value is not of a kind.
 *
 * @param value What an answer returned.
 * @param kind What it should be.
 * @param what What the value is called: "the result", or a member of it.
 * @returns "expected ids to be an Int32Array, got a Float32Array", or undefined if the kind is right.
 *
 * @example
 * ```ts
 * import { kindProblem } from "lib/grade/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const kind = { ids: "Int32Array", shape: "numbers" } as const;
 * assertEquals(kindProblem({ ids: Int32Array.of(1), shape: [1, 1] }, kind), undefined);
 * assertEquals(
 *   kindProblem({ ids: [1], shape: [1, 1] }, kind),
 *   "expected ids to be an Int32Array, got a plain list",
 * );
 * ```
 */
export function kindProblem(value: unknown, kind: Kind, what = "the result"): string | undefined {
  if (typeof kind === "string") {
    const { noun, holds } = RULES[kind];
    if (holds(value)) return undefined;
    if (kind === "params" && isRecord(value)) {
      const prefix = what === "the result" ? "" : what;
      return first(
        Object.entries(value),
        ([name, part]) => kindProblem(part, "tensor", `${prefix}["${name}"]`),
      );
    }
    return `expected ${what} to be ${noun}, got ${describe(value)}`;
  }
  if (isListKind(kind)) {
    if (!isList(value)) return `expected ${what} to be a list, got ${describe(value)}`;
    return first(Array.from(value), (part, i) => kindProblem(part, kind[0], `${what}[${i}]`));
  }
  const members = Object.keys(kind), wanted = `{ ${members.join(", ")} }`;
  if (typeof value !== "object" || value === null || isList(value) || value instanceof Promise) {
    return `expected ${what} to be ${wanted}, got ${describe(value)}`;
  }
  const prefix = what === "the result" ? "" : `${what}.`;
  return first(Object.entries(kind), ([member, inner]) => {
    if (!(member in value)) {
      return `expected ${what} to be ${wanted}, got ${describe(value)}`;
    }
    return kindProblem(Reflect.get(value, member), inner, `${prefix}${member}`);
  });
}

function isListKind(kind: Exclude<Kind, string>): kind is readonly [Kind] {
  return Array.isArray(kind);
}

/** The first problem found. */
function first<T>(items: readonly T[], problem: (item: T, i: number) => string | undefined) {
  for (const [i, item] of items.entries()) {
    const found = problem(item, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Says what a value is, in a few words.
 *
 * @param value Anything.
 */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return value === null ? "null" : "nothing";
  if (value instanceof Promise) return "a Promise";
  if (value instanceof tf.Tensor) {
    return value.isDisposed ? "a tensor that is disposed of" : `a tensor of ${value.dtype}`;
  }
  if (Array.isArray(value)) return describeList(value);
  if (ArrayBuffer.isView(value)) {
    const { name } = value.constructor;
    return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
  }
  if (value instanceof Error) return `an error, ${value.name}`;
  if (isRecord(value)) return describeRecord(value);
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Symbol.asyncIterator in value) return "an async generator";
  if (Symbol.iterator in value && "next" in value) return "a generator";
  return `a ${value.constructor?.name || "thing"}`;
}

function describeRecord(record: Readonly<Record<string, unknown>>): string {
  const members = Object.keys(record).join(", ");
  return members === "" ? "{}" : `{ ${members} }`;
}

function describeList(list: readonly unknown[]): string {
  if (list.every((part) => typeof part === "number")) return "a plain list";
  if (list.every((part) => Array.isArray(part))) return "a list of lists";
  const odd = list.findIndex((part) => typeof part !== "string" && typeof part !== "number");
  if (odd === -1) return "a list";
  if (Array.isArray(list[odd])) return "a list of lists";
  // `describe` calls undefined "nothing", and "a list with nothing in it" would mean an empty list.
  return `a list with ${list[odd] === undefined ? "undefined" : describe(list[odd])} in it`;
}
