import * as tf from "@tensorflow/tfjs";

/** A tensor as plain data, so that it can be compared after the tensor itself is freed. */
export class PlainTensor {
  /**
   * Holds the shape and the numbers of a tensor.
   *
   * @param shape The size of each axis.
   * @param values The numbers, in lists that are nested like the shape.
   */
  constructor(readonly shape: readonly number[], readonly values: unknown) {}
}

/**
 * Copies a value into plain data: tensors become `PlainTensor`; typed arrays, maps and sets become lists;
 * functions and objects of other classes are not copied.
 *
 * @param value Anything.
 * @returns Data that do not change when the value changes later.
 */
export function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value; // most parts of long lists
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) return "a tensor that is disposed of";
    return new PlainTensor([...value.shape], value.arraySync());
  }
  if (value instanceof Map || value instanceof Set) return [...value].map(toPlain);
  if (ArrayBuffer.isView(value)) return listOf(value as Uint8Array); // any view with elements
  if (Array.isArray(value)) return listOf(value).map(toPlain);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toPlain(part)]));
}

/** As `Array.from`, whose iterator takes most of the time of a check that compares long lists. */
function listOf(values: ArrayLike<unknown>): unknown[] {
  const list: unknown[] = [];
  for (let i = 0; i < values.length; i++) list.push(values[i]);
  return list;
}

/** Whether a value is a plain object with named members. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Lists the tensors in a value; in a record they are sorted by the names of its members.
 *
 * @param value A tensor, or lists and records with tensors in them, to any depth.
 */
export function tensorsIn(value: unknown): tf.Tensor[] {
  if (typeof value !== "object" || value === null) return [];
  if (value instanceof tf.Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  return isRecord(value) ? sortedEntries(value).flatMap(([, part]) => tensorsIn(part)) : [];
}

/**
 * Copies a value, and replaces each of its tensors.
 *
 * @param value A value as {@linkcode tensorsIn} takes it.
 * @param replacements A tensor for each of them, in the same order.
 */
export function withTensors<T>(value: T, replacements: readonly tf.Tensor[]): T {
  const rest = [...replacements];
  const copy = (part: unknown): unknown => {
    if (part instanceof tf.Tensor) return rest.shift();
    if (Array.isArray(part)) return part.map(copy);
    if (!isRecord(part)) return part;
    return Object.fromEntries(sortedEntries(part).map(([key, inner]) => [key, copy(inner)]));
  };
  return copy(value) as T; // the same structure; tensors stand where tensors stood
}

function sortedEntries(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).toSorted(([a], [b]) => a < b ? -1 : 1);
}
