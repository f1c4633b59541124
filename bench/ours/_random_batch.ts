/**
 * Random sentences for a step, none of them padded.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import type { Share } from "lib/data/mod.ts";
import type { MicroBatch } from "lib/train/mod.ts";

/** A batch's size. */
export interface BatchSize {
  readonly batchSize: number;
  readonly length: number;
}

/** Makes the rows of a batch that one rank computes; by default all. */
export function randomBatch(
  { batchSize, length: T }: BatchSize,
  vocabSize: number,
  { rank, ranks }: Share = { rank: 0, ranks: 1 },
): MicroBatch {
  const random = new Random(1);
  const rows = Array.from(
    { length: batchSize },
    () => Array.from({ length: T + 1 }, () => random.integer(vocabSize)),
  ).filter((_, row) => row % ranks === rank);
  return {
    ids: tf.tensor2d(rows.map((row) => row.slice(0, T)), [rows.length, T], "int32"),
    mask: tf.ones([rows.length, T]),
    labels: tf.tensor1d(rows.flatMap((row) => row.slice(1)), "int32"),
    dropoutSeed: tf.tensor1d([1, 1], "int32"),
  };
}
