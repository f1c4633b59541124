import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { ClusterError, ConfigError, largest } from "lib/core/mod.ts";
import type { Share } from "lib/data/mod.ts";
import { toBytes } from "lib/checkpoint/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { RunConfig } from "./config.ts";

/**
 * The link between the ranks of a data-parallel run: equal models, each of which learns from its share
 * of every batch. `lib/distributed` makes them; this interface is all that training knows of it.
 *
 * All ranks make the same calls in the same order, with tensors of the same shapes, and each call waits
 * for all of them.
 */
export interface Replicas extends Share {
  /**
   * Adds a tensor up over all ranks, element by element.
   *
   * @param tensor float32; it stays the caller's.
   * @returns The sum, with the same bits on each rank; the caller owns it.
   * @throws {ClusterError} If a rank is lost or late: it is named.
   */
  sum(tensor: tf.Tensor): Promise<tf.Tensor>;
  /**
   * Sends rank 0's tensor to all others.
   *
   * @param tensor float32: what is sent, or on another rank any tensor of that shape. It stays the
   *   caller's.
   * @returns Rank 0's tensor; the caller owns it.
   * @throws {ClusterError} If a rank is lost or late: it is named.
   */
  broadcast(tensor: tf.Tensor): Promise<tf.Tensor>;
}

/**
 * Gathers numbers from all ranks.
 *
 * @param replicas The ranks.
 * @param own This rank's numbers, as many as the others'; each fits a float32.
 * @returns The numbers of each rank, by rank; the same everywhere.
 *
 * @example
 * ```ts
 * import { localReplicas } from "lib/distributed/mod.ts";
 * import { gatherNumbers } from "lib/train/mod.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const gathered = localReplicas(2).map((replicas) => gatherNumbers(replicas, [replicas.rank + 5]));
 * assertEquals(await Promise.all(gathered), [[[5], [6]], [[5], [6]]]);
 * ```
 */
export async function gatherNumbers(
  replicas: Replicas,
  own: ArrayLike<number>,
): Promise<number[][]> {
  const { rank, ranks } = replicas, size = own.length;
  const all = new Float32Array(ranks * size);
  all.set(Array.from(own), rank * size); // the others add 0, which changes no number
  const values = await sumNumbers(replicas, all);
  return Array.from({ length: ranks }, (_, i) => [...values.subarray(i * size, (i + 1) * size)]);
}

/** Adds numbers up over all ranks. */
export async function sumNumbers(replicas: Replicas, own: Float32Array): Promise<Float32Array> {
  const tensor = tf.tensor1d(own);
  try {
    const sum = await replicas.sum(tensor);
    const values = sum.dataSync() as Float32Array; // the sum of float32 is one
    sum.dispose();
    return values;
  } finally {
    tensor.dispose();
  }
}

/**
 * Gathers one text from each rank.
 *
 * @param replicas The ranks.
 * @param own This rank's text.
 * @returns The texts, by rank; the same everywhere.
 *
 * @example
 * ```ts
 * import { localReplicas } from "lib/distributed/mod.ts";
 * import { gatherTexts } from "lib/train/mod.ts";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const [a, b] = localReplicas(2);
 * const texts = await Promise.all([gatherTexts(a!, "one"), gatherTexts(b!, "three")]);
 * assertEquals(texts, [["one", "three"], ["one", "three"]]);
 * ```
 */
export async function gatherTexts(replicas: Replicas, own: string): Promise<string[]> {
  const bytes = new TextEncoder().encode(own);
  const lengths = (await gatherNumbers(replicas, [bytes.length])).flat();
  const padded = new Float32Array(largest(lengths, 1)); // at least one byte: a tensor must not be empty
  padded.set(bytes);
  const all = await gatherNumbers(replicas, padded);
  return all.map((codes, rank) =>
    new TextDecoder().decode(Uint8Array.from(codes.slice(0, lengths[rank])))
  );
}

/**
 * A digest of named tensors: equal where every name, shape and bit is.
 *
 * @param params They are read, which waits for the device.
 * @returns SHA-256, 32 bytes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { fingerprint } from "lib/train/mod.ts";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(fingerprint({ a: tf.scalar(1) }), fingerprint({ a: tf.scalar(1) }));
 * assertNotEquals(fingerprint({ a: tf.scalar(1) }), fingerprint({ a: tf.scalar(1 + 2 ** -23) }));
 * ```
 */
export function fingerprint(params: Params): Uint8Array {
  const hash = createHash("sha256");
  for (const [name, { dtype, shape, data }] of toBytes(params)) {
    hash.update(`${name} ${dtype} [${shape}]\n`).update(data);
  }
  return Uint8Array.from(hash.digest());
}

/** Throws if the weights are not bit-equal on all ranks. */
export async function assertEqualWeights(
  replicas: Replicas,
  params: Params,
  step: number,
): Promise<void> {
  const prints = (await gatherNumbers(replicas, fingerprint(params))).map(hex);
  const others = prints.flatMap((print, rank) => print === prints[0] ? [] : [`rank ${rank}`]);
  if (others.length === 0) return;
  throw new ClusterError(
    `Cannot go on: expected equal weights on all ranks at step ${step}, got others than rank 0's on ` +
      `${others.join(", ")} (${prints.map((print) => print.slice(0, 8)).join(", ")}); ` +
      "resume the run, and check that all ranks run the same program on the same kind of processor",
  );
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Refuses ranks that would have nothing to do.
 *
 * @param ranks How many processes train together.
 * @param config The run's settings.
 * @param setting What the user calls the batch size; default its name in the settings.
 * @throws {ConfigError} If a batch has fewer sentences than there are ranks.
 *
 * @example
 * ```ts
 * import { checkRanks, runConfig } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => checkRanks(65, runConfig()), Error, "got train.batchSize 64");
 * ```
 */
export function checkRanks(
  ranks: number,
  { train: { batchSize } }: Pick<RunConfig, "train">,
  setting = "train.batchSize",
): void {
  if (ranks <= batchSize) return;
  throw new ConfigError(
    `Cannot train on ${ranks} ranks: expected a batch of one sentence per rank at least, ` +
      `got ${setting} ${batchSize}`,
  );
}
