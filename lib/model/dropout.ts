import * as tf from "@tensorflow/tfjs";
import { seededUniform } from "lib/tensor/mod.ts";

/** Drops values at one site of the model; the identity where nothing is dropped. */
export type Dropout = (x: tf.Tensor) => tf.Tensor;

/**
 * Makes the dropout sites of one forward pass: y = x · keep / (1 − rate), keep drawn per value.
 *
 * Each call of the result makes the next site, with its own random stream, so two sites never share
 * a mask. The same seed gives the same masks, so a resumed run drops the same values.
 *
 * @param rate Share of values set to 0, from 0 (inclusive) to 1 (exclusive).
 * @param seed int32 [2], an input of the step; none means evaluation, where nothing is dropped.
 * @returns A function that makes the next site; the caller owns the tensors that a site returns.
 * @throws {RangeError} If the rate is not from 0 (inclusive) to 1 (exclusive).
 *
 * Source: Srivastava and others, "Dropout", 2014 (here the common "inverted" form).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { dropoutSites } from "lib/model/dropout.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const nextSite = dropoutSites(0.5, tf.tensor1d([1, 2], "int32"));
 * const values = new Set(nextSite()(tf.ones([100])).dataSync());
 * assertEquals(values, new Set([0, 2]));
 * ```
 */
export function dropoutSites(rate: number, seed?: tf.Tensor): () => Dropout {
  if (!(rate >= 0 && Math.fround(rate) < 1)) {
    throw new RangeError(`Cannot drop values: expected a rate from 0 to below 1, got ${rate}`);
  }
  let stream = 0;
  return () => {
    const site = stream++;
    if (rate === 0 || seed === undefined) return (x) => x;
    return (x) =>
      tf.tidy(() => {
        const isKept = seededUniform(x.shape, seed, site).greaterEqual(rate);
        return x.mul(isKept.cast("float32").mul(1 / (1 - rate)));
      });
  };
}
