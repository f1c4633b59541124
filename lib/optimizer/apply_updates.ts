import { mapParams, param, type Params } from "lib/tensor/mod.ts";

/**
 * Adds an optimizer's updates to the parameters.
 *
 * @param params The parameters before the step; they are not changed.
 * @param updates What a transform's `update` gave.
 * @returns The parameters after the step; the caller owns them and still owns the old ones.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { applyUpdates } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const after = applyUpdates({ w: tf.scalar(1) }, { w: tf.scalar(-0.25) });
 * assertEquals(after.w!.arraySync(), 0.75);
 * ```
 */
export function applyUpdates(params: Params, updates: Params): Params {
  return mapParams(params, (tensor, name) => tensor.add(param(updates, name)));
}

/**
 * Adds up the gradients of micro-batches, so that several small ones act as one large batch.
 *
 * Each loss must be divided by the number of targets of the whole batch (`divisor` of
 * `crossEntropy`): then the sum is the whole batch's gradient, however the targets are spread.
 *
 * @param total The sum so far; none before the first micro-batch.
 * @param gradients The next micro-batch's gradients.
 * @returns The new sum; the caller owns it and still owns what it gave.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { accumulate } from "lib/optimizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const first = accumulate(undefined, { w: tf.scalar(1) });
 * assertEquals(accumulate(first, { w: tf.scalar(2) }).w!.arraySync(), 3);
 * ```
 */
export function accumulate(total: Params | undefined, gradients: Params): Params {
  if (total === undefined) return mapParams(gradients, (gradient) => gradient.clone());
  return mapParams(gradients, (gradient, name) => param(total, name).add(gradient));
}
