import * as tf from "@tensorflow/tfjs";

/**
 * Named tensors: a model's weights, their gradients, or an optimizer's moments.
 *
 * Names are paths such as `blocks.0.attention.qkv.weight`; the order of the keys is the order of
 * the layers. The record is never changed in place: an update makes a new one.
 */
export type Params = Readonly<Record<string, tf.Tensor>>;

/**
 * Gives the tensor with one name.
 *
 * @param params Where to look.
 * @param name A path such as `finalNorm.bias`.
 * @returns The tensor itself, not a copy; the owner of the record still owns it.
 * @throws {RangeError} If there is no such name; the message lists similar names.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { param } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const params = { "norm.bias": tf.zeros([4]) };
 * assertEquals(param(params, "norm.bias").shape, [4]);
 * ```
 */
export function param(params: Params, name: string): tf.Tensor {
  const found = Object.hasOwn(params, name) ? params[name] : undefined;
  if (found !== undefined) return found;
  const tail = name.slice(name.lastIndexOf(".") + 1);
  const names = Object.keys(params);
  const near = new Set([...names.filter((other) => other.endsWith(tail)), ...names]);
  const examples = [...near].slice(0, 3).join(", ") || "(none)";
  throw new RangeError(`Cannot read parameter "${name}": expected a name such as ${examples}`);
}

/**
 * Applies `fn` to every tensor and keeps the names.
 *
 * @returns A new record; the caller owns what `fn` made.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { mapParams, param } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const doubled = mapParams({ a: tf.tensor1d([1, 2]) }, (tensor) => tensor.mul(2));
 * assertEquals(param(doubled, "a").arraySync(), [2, 4]);
 * ```
 */
export function mapParams(
  params: Params,
  fn: (tensor: tf.Tensor, name: string) => tf.Tensor,
): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, tensor]) => [name, fn(tensor, name)]),
  );
}

/**
 * Counts the numbers in all tensors: the model's size.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { countParams } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(countParams({ weight: tf.zeros([3, 4]), bias: tf.zeros([4]) }), 16);
 * ```
 */
export function countParams(params: Params): number {
  return Object.values(params).reduce((sum, tensor) => sum + tensor.size, 0);
}

/**
 * Frees every tensor of the records; they must not be used afterwards.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { disposeParams } from "lib/tensor/mod.ts";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const params = { bias: tf.zeros([4]) };
 * disposeParams(params);
 * assert(params.bias.isDisposed);
 * ```
 */
export function disposeParams(...records: readonly Params[]): void {
  for (const record of records) tf.dispose(Object.values(record));
}
