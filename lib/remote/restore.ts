import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { CountingRandom, isRecord } from "lib/grade/mod.ts";

/**
 * Applies the changes that a call in another process made to its copy of an argument.
 *
 * @param original The argument here: lists, records, typed arrays, generators and tensors change in place.
 * @param updated The copy after the call.
 */
export function restore(original: unknown, updated: unknown): void {
  if (Array.isArray(original) && Array.isArray(updated)) {
    restoreList(original, updated);
  } else if (original instanceof tf.Tensor && updated instanceof tf.Tensor) {
    if (updated.isDisposed && !original.isDisposed) original.dispose();
  } else if (original instanceof Random && updated instanceof Random) {
    original.restore(updated.state());
    if (original instanceof CountingRandom && updated instanceof CountingRandom) {
      original.draws = updated.draws;
    }
  } else if (original instanceof Map && updated instanceof Map) {
    original.clear();
    for (const [key, value] of updated) original.set(key, value);
  } else if (original instanceof Set && updated instanceof Set) {
    original.clear();
    for (const value of updated) original.add(value);
  } else if (ArrayBuffer.isView(original) && ArrayBuffer.isView(updated)) {
    bytesOf(original).set(bytesOf(updated));
  } else if (isRecord(original) && isRecord(updated)) {
    restoreRecord(original, updated);
  }
}

/** Parts of the same kind change in place, because other code may refer to them too. */
function restoreList(original: unknown[], updated: readonly unknown[]): void {
  if (original.length !== updated.length) original.length = updated.length;
  for (const [i, part] of updated.entries()) {
    if (isChangedInPlace(original[i], part)) restore(original[i], part);
    else if (!Object.is(original[i], part)) original[i] = part;
  }
}

function restoreRecord(
  original: Record<string, unknown>,
  updated: Readonly<Record<string, unknown>>,
): void {
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(updated, key)) delete original[key];
  }
  for (const [key, part] of Object.entries(updated)) {
    const own = Object.hasOwn(original, key) ? original[key] : undefined;
    if (isChangedInPlace(own, part)) restore(own, part);
    else if (!Object.hasOwn(original, key) || !Object.is(own, part)) {
      // An assignment to "__proto__" would set the prototype; this makes it an ordinary member.
      Object.defineProperty(original, key, {
        value: part,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }
}

function isChangedInPlace(original: unknown, updated: unknown): boolean {
  if (typeof original !== "object" || typeof updated !== "object") return false;
  if (original === null || updated === null) return false;
  if (ArrayBuffer.isView(original) && ArrayBuffer.isView(updated)) {
    return original.byteLength === updated.byteLength;
  }
  return kindOf(original) === kindOf(updated);
}

function kindOf(value: object): unknown {
  if (value instanceof tf.Tensor) return tf.Tensor;
  if (value instanceof Random) return Random;
  return Object.getPrototypeOf(value);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
