import type { Batch } from "./data_loader.ts";
import { countTargets, IGNORE_INDEX } from "./pad_batch.ts";

/** One of several that share the rows of a batch. */
export interface Share {
  /** Which of them, from 0. */
  readonly rank: number;
  /** How many they are. */
  readonly ranks: number;
}

/**
 * The part of a batch that one of several ranks computes: rows rank, rank + ranks, rank + 2 ranks and
 * so on. Together the parts have each row once, and those of a short batch differ by one row at most.
 *
 * @param batch The whole batch.
 * @param share Whose part.
 * @returns A batch of ⌈B / ranks⌉ rows, the same for every rank: one that has a row fewer gets an empty
 *   one. With a single rank, the batch itself.
 * @throws {RangeError} If there is no such rank.
 *
 * @example
 * ```ts
 * import { createDataLoader, createDataset, shareBatch } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = { encode: (text: string) => Int32Array.of(1, Number(text), 2) };
 * const dataset = createDataset([["5"], ["6"], ["7"]], encoder);
 * const [batch] = createDataLoader(dataset, { batchSize: 3, seed: 1 }).sequential();
 * const [first, second] = [0, 1].map((rank) => shareBatch(batch!, { rank, ranks: 2 }));
 * assertEquals([first?.indices, second?.indices], [[0, 2], [1]]);
 * assertEquals([first?.shape, second?.shape], [[2, 2], [2, 2]]);
 * ```
 */
export function shareBatch(batch: Batch, { rank, ranks }: Share): Batch {
  if (!(Number.isInteger(ranks) && Number.isInteger(rank) && rank >= 0 && rank < ranks)) {
    throw new RangeError(
      `Cannot share a batch: expected a rank from 0 to ${ranks - 1}, got ${rank}`,
    );
  }
  if (ranks === 1) return batch;
  const { shape: [B, T], indices } = batch, rows = Math.ceil(B / ranks);
  const ids = new Int32Array(rows * T);
  const labels = new Int32Array(rows * T).fill(IGNORE_INDEX);
  const mask = new Float32Array(rows * T);
  for (let row = rank, own = 0; row < B; row += ranks, own++) {
    const start = row * T, end = start + T;
    ids.set(batch.ids.subarray(start, end), own * T);
    labels.set(batch.labels.subarray(start, end), own * T);
    mask.set(batch.mask.subarray(start, end), own * T);
  }
  return {
    ...batch,
    ids,
    labels,
    mask,
    shape: [rows, T],
    indices: indices.filter((_, row) => row % ranks === rank),
    targets: countTargets(labels),
  };
}
