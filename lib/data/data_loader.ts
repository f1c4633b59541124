import { deriveSeed, Random } from "lib/core/mod.ts";
import type { Dataset } from "./dataset.ts";
import { IGNORE_INDEX, padBatch, type PaddedBatch } from "./pad_batch.ts";

/** A place in the stream of batches: plain JSON, so that a checkpoint can hold it. */
export interface Cursor {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The batch in the epoch, from 0. */
  readonly batch: number;
}

/** One batch of a data loader, and where it stands. */
export interface Batch extends PaddedBatch {
  /** The position of each row's example in the data set. */
  readonly indices: readonly number[];
  /** How many labels count: all that are not ignored. */
  readonly targets: number;
  /** Its own place. */
  readonly cursor: Cursor;
  /** The place to go on from, once it has been learned. */
  readonly next: Cursor;
  /** Whether an epoch ends with it. */
  readonly isLastOfEpoch: boolean;
}

/** How a data loader makes batches. */
export interface DataLoaderOptions {
  /** B, the examples in a batch. */
  readonly batchSize: number;
  /** Of the order of examples and batches; an integer. */
  readonly seed: number;
  /** Whether each epoch has an order of its own; default true. */
  readonly shuffle?: boolean;
  /** T in positions: a number, or `longest` (the default), the longest example of each batch. */
  readonly padTo?: "longest" | number;
  /**
   * Upper bounds of length in positions, rising: a batch holds examples of one bucket only, so little
   * is padded. By default there is one bucket.
   */
  readonly buckets?: readonly number[];
  /** Whether to leave out batches smaller than `batchSize`, at most one a bucket; default false. */
  readonly dropLast?: boolean;
  /** The T that the model can read, in positions; by default any. */
  readonly maxLength?: number;
  /** The id that fills up; default 0, the vocabulary's `<pad>`. */
  readonly padId?: number;
}

/** Batches without end, in an order that can be taken up again anywhere. */
export interface DataLoader {
  /** The number of batches in an epoch; the same in each. */
  readonly batchesPerEpoch: number;
  /**
   * Batches from a place on, over all epochs to come.
   *
   * @throws {RangeError} If there is no such place.
   */
  batches(from?: Cursor): Generator<Batch, never>;
  /** Every example once, in the data set's order, none left out: for evaluation. */
  sequential(): Generator<Batch, void>;
}

/**
 * Makes the loader of a data set.
 *
 * The order is a function of the seed and the epoch alone: a run that goes on from a saved cursor
 * gets exactly the batches that it would have got.
 *
 * @param dataset The examples.
 * @param options Batch size, order, padding, buckets.
 * @returns The loader.
 * @throws {RangeError} If a setting is out of range, an example is too long for the last bucket,
 * `padTo` or `maxLength`, or `dropLast` leaves no batch.
 *
 * @example
 * ```ts
 * import { createDataLoader, createDataset } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = { encode: (text: string) => Int32Array.of(1, Number(text), 2) };
 * const dataset = createDataset([["5"], ["6"], ["7"]], encoder);
 * const loader = createDataLoader(dataset, { batchSize: 2, seed: 1 });
 * const [first] = loader.batches();
 * const [second] = loader.batches(first?.next);
 * assertEquals([...first?.indices ?? [], ...second?.indices ?? []].sort(), [0, 1, 2]);
 * ```
 */
export function createDataLoader(dataset: Dataset, options: DataLoaderOptions): DataLoader {
  checkOptions(dataset, options);
  const batchesPerEpoch = orderOf(dataset, options, 0).length;
  if (batchesPerEpoch === 0) {
    throw new RangeError(
      `Cannot load data: expected a full batch of ${options.batchSize} examples in some bucket, ` +
        `got ${dataset.size} examples; make the batch smaller, or keep short batches`,
    );
  }
  return Object.freeze({
    batchesPerEpoch,
    batches(from: Cursor = { epoch: 0, batch: 0 }): Generator<Batch, never> {
      checkCursor(from, batchesPerEpoch);
      return walk(dataset, options, from);
    },
    *sequential(): Generator<Batch, void> {
      const all = Array.from({ length: dataset.size }, (_, index) => index);
      const batches = chunk(all, options.batchSize);
      for (const [batch, indices] of batches.entries()) {
        yield makeBatch(dataset, options, { indices, epoch: 0, batch, batches: batches.length });
      }
    },
  });
}

function* walk(
  dataset: Dataset,
  options: DataLoaderOptions,
  from: Cursor,
): Generator<Batch, never> {
  for (let { epoch, batch } = from;; epoch++, batch = 0) {
    const order = orderOf(dataset, options, epoch);
    for (const [i, indices] of order.entries()) {
      if (i >= batch) {
        yield makeBatch(dataset, options, { indices, epoch, batch: i, batches: order.length });
      }
    }
  }
}

/** The indices of each batch of an epoch, in order. */
function orderOf(dataset: Dataset, options: DataLoaderOptions, epoch: number): number[][] {
  const { batchSize, seed, shuffle = true, buckets = [Infinity], dropLast = false } = options;
  const random = new Random(deriveSeed(seed, "order", epoch));
  const all = Array.from({ length: dataset.size }, (_, index) => index);
  const byBucket: number[][] = buckets.map(() => []);
  for (const index of shuffle ? random.shuffle(all) : all) {
    const positions = (dataset.lengths[index] ?? 0) - 1;
    byBucket[buckets.findIndex((bound) => positions <= bound)]?.push(index);
  }
  const batches = byBucket.flatMap((indices) => chunk(indices, batchSize))
    .filter((indices) => !dropLast || indices.length === batchSize);
  // Without this second draw an epoch would run from short sentences to long ones.
  return shuffle && buckets.length > 1 ? random.shuffle(batches) : batches;
}

function chunk(indices: readonly number[], size: number): number[][] {
  return Array.from(
    { length: Math.ceil(indices.length / size) },
    (_, i) => indices.slice(i * size, (i + 1) * size),
  );
}

interface Place {
  readonly indices: readonly number[];
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
}

function makeBatch(dataset: Dataset, options: DataLoaderOptions, place: Place): Batch {
  const { padTo = "longest", maxLength = Infinity, padId = 0 } = options;
  const { indices, epoch, batch, batches } = place;
  const examples = indices.map((index) => dataset.at(index));
  const padded = padBatch(examples, {
    padId,
    maxLength,
    ...(padTo === "longest" ? {} : { length: padTo }),
  });
  const isLastOfEpoch = batch === batches - 1;
  return {
    ...padded,
    indices,
    targets: padded.labels.reduce((count, label) => label === IGNORE_INDEX ? count : count + 1, 0),
    cursor: { epoch, batch },
    next: isLastOfEpoch ? { epoch: epoch + 1, batch: 0 } : { epoch, batch: batch + 1 },
    isLastOfEpoch,
  };
}

function checkOptions(dataset: Dataset, options: DataLoaderOptions): void {
  const { batchSize, padTo = "longest", buckets = [Infinity], maxLength = Infinity } = options;
  const { padId = 0 } = options;
  if (!Number.isInteger(padId) || padId < 0) {
    throw new RangeError(`Cannot load data: expected padId to be an id from 0, got ${padId}`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot load data: expected a batch size from 1, got ${batchSize}`);
  }
  if (buckets.length === 0 || buckets.some((bound, i) => !(bound > (buckets[i - 1] ?? 0)))) {
    throw new RangeError(`Cannot load data: expected rising bucket bounds, got [${buckets}]`);
  }
  if (padTo !== "longest" && (!Number.isInteger(padTo) || padTo < 1 || !(padTo <= maxLength))) {
    throw new RangeError(
      `Cannot load data: expected padTo "longest" or a length from 1 to ${maxLength}, got ${padTo}`,
    );
  }
  const limit = Math.min(padTo === "longest" ? Infinity : padTo, buckets.at(-1) ?? 0, maxLength);
  const long = dataset.lengths.findIndex((length) => !(length - 1 <= limit));
  if (long !== -1) {
    throw new RangeError(
      `Cannot load data: expected examples of at most ${limit} positions, ` +
        `got ${(dataset.lengths[long] ?? 0) - 1} in example ${long}; nothing is cut off`,
    );
  }
}

function checkCursor({ epoch, batch }: Cursor, batchesPerEpoch: number): void {
  const isPlace = Number.isInteger(epoch) && epoch >= 0 && Number.isInteger(batch) && batch >= 0;
  if (!isPlace || batch >= batchesPerEpoch) {
    throw new RangeError(
      `Cannot go on from a cursor: expected an epoch from 0 and a batch below ${batchesPerEpoch}, ` +
        `got ${JSON.stringify({ epoch, batch })}`,
    );
  }
}
