import type * as tf from "@tensorflow/tfjs";

/** A pure function of its input tensors: it uses no other tensor, and returns only new ones. */
export type Pass<In extends tf.Tensor[] = tf.Tensor[], Out extends tf.Tensor[] = tf.Tensor[]> = (
  ...inputs: In
) => [...Out];

/** Turns a pass into one that runs as a single operation. */
export type Fuse = (name: string, pass: Pass) => Pass;

let fuseInForce: Fuse | undefined;

/**
 * Marks a chain of small operations that may run as a single operation.
 *
 * Run one by one, each operation reads its whole inputs, and waits for the one before: in a chain
 * of twenty on a small tensor, this takes nearly all of the time. Outside of
 * {@linkcode withFusion}, the chain runs as it is written.
 *
 * @param name The chain's name in messages and profiles.
 * @param pass The chain, a pure function of its inputs.
 * @returns A function of the same type; the caller owns its outputs.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { fusible } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const sumAndProduct = fusible(
 *   "sumAndProduct",
 *   (a: tf.Tensor, b: tf.Tensor): [tf.Tensor, tf.Tensor] => [a.add(b), a.mul(b)],
 * );
 * const [sum, product] = sumAndProduct(tf.scalar(3), tf.scalar(4));
 * assertEquals([sum.arraySync(), product.arraySync()], [7, 12]);
 * ```
 */
export function fusible<In extends tf.Tensor[], Out extends tf.Tensor[]>(
  name: string,
  pass: Pass<In, Out>,
): Pass<In, Out> {
  // A `Fuse` function treats all passes alike: tensors in, tensors out, in the pass's own order.
  const anyPass = pass as unknown as Pass;
  return (...inputs) => {
    const run = fuseInForce === undefined ? anyPass : fuseInForce(name, anyPass);
    return run(...inputs) as [...Out];
  };
}

/**
 * Runs `work`, and in it every {@linkcode fusible} chain as `fuse` says; the earlier setting is
 * restored on every exit.
 *
 * @param fuse Called at each call of a chain, so it should keep the pass that it made for the
 *   chain.
 * @param work Synchronous work: code after an `await` would run as it is written.
 * @returns What `work` returns.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { fusible, withFusion } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const square = fusible("square", (x: tf.Tensor): [tf.Tensor] => [x.square()]);
 * const names: string[] = [];
 * withFusion((name, pass) => (names.push(name), pass), () => square(tf.scalar(3)));
 * square(tf.scalar(4)); // outside, `fuse` is not called
 * assertEquals(names, ["square"]);
 * ```
 */
export function withFusion<T>(fuse: Fuse, work: () => T): T {
  const before = fuseInForce;
  fuseInForce = fuse;
  try {
    return work();
  } finally {
    fuseInForce = before;
  }
}
