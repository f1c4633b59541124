import type * as tf from "@tensorflow/tfjs";

/** A pure function of tensors alone: it uses no other tensor, and gives only new ones. */
export type Pass<In extends tf.Tensor[] = tf.Tensor[], Out extends tf.Tensor[] = tf.Tensor[]> = (
  ...inputs: In
) => [...Out];

/** Turns a pass into one that is carried out as a single operation. */
export type Fuse = (name: string, pass: Pass) => Pass;

let fuseInForce: Fuse | undefined;

/**
 * Marks a chain of small operations as one that may be carried out as a single one.
 *
 * Op by op, each operation goes through the whole of its operands, and waits for the one before:
 * for a chain of twenty on a small tensor that is nearly all of its time. Where nobody asks for it by
 * {@linkcode withFusion}, the chain runs as it is written.
 *
 * @param name What it is called in messages and profiles.
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
  // What fuses passes treats all alike: tensors in, tensors out, in the pass's own order.
  const anyPass = pass as unknown as Pass;
  return (...inputs) => {
    const run = fuseInForce === undefined ? anyPass : fuseInForce(name, anyPass);
    return run(...inputs) as [...Out];
  };
}

/**
 * Runs `work` with every {@linkcode fusible} chain in it carried out as `fuse` says; what was in
 * force before is put back on every way out.
 *
 * @param fuse Asked at each call of a chain, so it should remember what it made of one.
 * @param work Synchronous work: what follows an `await` would run as it is written.
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
 * square(tf.scalar(4)); // outside, nobody is asked
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
