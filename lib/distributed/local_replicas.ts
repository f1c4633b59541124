import * as tf from "@tensorflow/tfjs";
import type { Replicas } from "lib/train/mod.ts";

/**
 * Makes the ranks of a data-parallel run inside this one process, to study what they do: each
 * trains its own run, in turns, and tensors are exchanged in memory. It computes the same as
 * several processes, and is not faster than one.
 *
 * @param ranks How many ranks.
 * @returns One link per rank, in order of rank. Every rank's loop must run, since each call waits for all.
 * @throws {RangeError} If `ranks` is not an integer from 1 on.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { localReplicas } from "lib/distributed/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const sums = await Promise.all(
 *   localReplicas(2).map((replicas) => replicas.sum(tf.tensor1d([1, replicas.rank]))),
 * );
 * assertEquals(sums.map((sum) => sum.arraySync()), [[2, 1], [2, 1]]);
 * ```
 */
export function localReplicas(ranks: number): Replicas[] {
  if (!(Number.isInteger(ranks) && ranks >= 1)) {
    throw new RangeError(`Cannot make replicas: expected a number of ranks from 1, got ${ranks}`);
  }
  const meeting = new Meeting(ranks);
  return Array.from({ length: ranks }, (_, rank): Replicas => ({
    rank,
    ranks,
    sum: (tensor) => meeting.meet(rank, tensor, addUp),
    broadcast: (tensor) => meeting.meet(rank, tensor, ([first]) => first as tf.Tensor), // ranks ≥ 1
  }));
}

type Combine = (tensors: readonly tf.Tensor[]) => tf.Tensor;

/**
 * Adds in the order of the ranks, so that the sum has the same bits in whatever order they arrive.
 */
function addUp(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors.reduce((sum, tensor) => sum.add(tensor));
}

/** Lets ranks wait for each other, call by call. */
class Meeting {
  readonly #ranks: number;
  #tensors: (tf.Tensor | undefined)[] = [];
  #met = Promise.withResolvers<tf.Tensor[]>();

  constructor(ranks: number) {
    this.#ranks = ranks;
  }

  async meet(rank: number, tensor: tf.Tensor, combine: Combine): Promise<tf.Tensor> {
    this.#tensors[rank] = tensor;
    const met = this.#met, tensors = this.#tensors.filter((one) => one !== undefined);
    if (tensors.length === this.#ranks) {
      const result = tf.tidy(() => combine(tensors));
      // A copy for each rank: each rank frees its own.
      met.resolve(tensors.map(() => result.clone()));
      if (!tensors.includes(result)) result.dispose();
      this.#tensors = [];
      this.#met = Promise.withResolvers();
    }
    return (await met.promise)[rank] as tf.Tensor; // one per rank
  }
}
