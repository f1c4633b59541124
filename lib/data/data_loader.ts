import { batchOrder, type Group, inOrder } from "./_batch_order.ts";
import type { Curriculum } from "./curriculum.ts";
import type { Dataset } from "./dataset.ts";
import { countTargets, padBatch, type PaddedBatch } from "./pad_batch.ts";
import { pacedShare } from "./pacing.ts";

/** A place in the stream of batches: plain JSON, so that a checkpoint can hold it. */
export interface Cursor {
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The batch in the epoch, from 0. */
  readonly batch: number;
}

/** One batch of a data loader, and its place in the stream. */
export interface Batch extends PaddedBatch {
  /** The position of each row's example in the data set; empty rows come after these. */
  readonly indices: readonly number[];
  /** How many labels count: all that are not ignored. */
  readonly targets: number;
  /** Its own place. */
  readonly cursor: Cursor;
  /** The place of the next batch: where to go on after this one. */
  readonly next: Cursor;
  /** Whether an epoch ends with it. */
  readonly isLastOfEpoch: boolean;
  /** Whether a step of `batchesPerStep` batches ends with it, or a shorter one. */
  readonly isLastOfStep: boolean;
}

/** How a data loader makes batches. */
export interface DataLoaderOptions {
  /** B, the examples in a batch. */
  readonly batchSize: number;
  /** The seed of the order of examples and batches; an integer. */
  readonly seed: number;
  /** Whether each epoch has its own random order; default true. */
  readonly shuffle?: boolean;
  /**
   * T in positions: a number; several, rising, of which each batch takes the first that is long enough;
   * or `longest` (the default), the longest example of each batch.
   */
  readonly padTo?: "longest" | number | readonly number[];
  /**
   * Whether a batch that is short of examples gets empty rows, so that all batches of a bucket have one
   * B: that of its largest batch. Default false.
   */
  readonly fillRows?: boolean;
  /**
   * Upper bounds of length in positions, rising: a batch holds examples of one bucket only, so little
   * is padded. By default there is one bucket.
   */
  readonly buckets?: readonly number[];
  /**
   * Whether every step takes examples of all buckets, as many of each as is its share of the data: then
   * steps differ in their words and not in their lengths. `batchSize` counts the examples of one batch
   * of each bucket together, and all of them differ by one example at most. By default a step keeps to
   * one bucket.
   */
  readonly stratified?: boolean;
  /**
   * How many batches, or with `stratified` batches of each bucket, make a step, such as the micro-batches
   * whose gradients are added up; default 1. The last step of an epoch, or of a bucket, has fewer where
   * they do not come out even.
   */
  readonly batchesPerStep?: number;
  /**
   * Whether to leave out batches smaller than `batchSize`, at most one per bucket; default false. With
   * `stratified` no batch is left out.
   */
  readonly dropLast?: boolean;
  /**
   * Which examples take part from which step on; by default all from the first on. It takes the place of
   * `shuffle`, and does not go with buckets. An epoch has as many batches as without it.
   */
  readonly curriculum?: Curriculum;
  /** The T that the model can read, in positions; by default any. */
  readonly maxLength?: number;
  /** The id at padding; default 0, the vocabulary's `<pad>`. */
  readonly padId?: number;
}

/** An endless stream of batches, which can be resumed at any place. */
export interface DataLoader {
  /** The number of batches in an epoch; the same in each. */
  readonly batchesPerEpoch: number;
  /** The number of steps in an epoch; the same in each. */
  readonly stepsPerEpoch: number;
  /**
   * Batches from a place on, over all epochs to come.
   *
   * @throws {RangeError} If there is no such place.
   */
  batches(from?: Cursor): Generator<Batch, never>;
  /** How many labels count in each step from the first on, over all epochs, without making batches. */
  stepTargets(): Generator<number, never>;
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
  checkCurriculum(dataset, options);
  const first = batchOrder(dataset, options, 0), batchesPerEpoch = first.length;
  if (batchesPerEpoch === 0) {
    throw new RangeError(
      `Cannot load data: expected a full batch of ${options.batchSize} examples in some bucket, ` +
        `got ${dataset.size} examples; make the batch smaller, or keep short batches`,
    );
  }
  return Object.freeze({
    batchesPerEpoch,
    stepsPerEpoch: first.filter(({ isLastOfStep }) => isLastOfStep).length,
    batches(from: Cursor = { epoch: 0, batch: 0 }): Generator<Batch, never> {
      checkCursor(from, batchesPerEpoch);
      return walk(dataset, options, from);
    },
    *stepTargets(): Generator<number, never> {
      for (let epoch = 0;; epoch++) yield* targetsOf(dataset, batchOrder(dataset, options, epoch));
    },
    *sequential(): Generator<Batch, void> {
      const groups = inOrder(dataset, options.batchSize);
      for (const [batch, group] of groups.entries()) {
        yield makeBatch(dataset, options, { group, epoch: 0, batch, batches: groups.length });
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
    const groups = batchOrder(dataset, options, epoch);
    for (const [i, group] of groups.entries()) {
      if (i >= batch) {
        yield makeBatch(dataset, options, { group, epoch, batch: i, batches: groups.length });
      }
    }
  }
}

function* targetsOf(dataset: Dataset, groups: readonly Group[]): Generator<number> {
  let targets = 0;
  for (const { indices, isLastOfStep } of groups) {
    for (const index of indices) targets += (dataset.lengths[index] ?? 0) - 1;
    if (!isLastOfStep) continue;
    yield targets;
    targets = 0;
  }
}

interface Place {
  readonly group: Group;
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
}

function makeBatch(dataset: Dataset, options: DataLoaderOptions, place: Place): Batch {
  const { padId = 0, maxLength = Infinity, fillRows = false } = options;
  const { group: { indices, most, isLastOfStep }, epoch, batch, batches } = place;
  const length = lengthOf(dataset, options, place.group);
  const padded = padBatch(indices.map((index) => dataset.at(index)), {
    padId,
    maxLength,
    ...(length === undefined ? {} : { length }),
    ...(fillRows ? { rows: most } : {}),
  });
  const isLastOfEpoch = batch === batches - 1;
  return {
    ...padded,
    indices,
    targets: countTargets(padded.labels),
    cursor: { epoch, batch },
    next: isLastOfEpoch ? { epoch: epoch + 1, batch: 0 } : { epoch, batch: batch + 1 },
    isLastOfEpoch,
    isLastOfStep,
  };
}

/** The T of a batch of these examples; undefined where it is that of the longest. */
function lengthOf(
  dataset: Dataset,
  { padTo = "longest" }: DataLoaderOptions,
  { indices, bound }: Group,
): number | undefined {
  if (padTo === "longest") return undefined;
  if (typeof padTo === "number") return padTo;
  // A batch without examples has the shape of the others of its bucket.
  const longest = indices.length === 0
    ? bound
    : indices.reduce((most, index) => Math.max(most, (dataset.lengths[index] ?? 0) - 1), 0);
  return padTo.find((length) => length >= longest);
}

function checkOptions(dataset: Dataset, options: DataLoaderOptions): void {
  const { batchSize, batchesPerStep = 1, padTo = "longest", padId = 0 } = options;
  const { buckets = [Infinity], maxLength = Infinity } = options;
  if (!Number.isInteger(padId) || padId < 0) {
    throw new RangeError(`Cannot load data: expected padId to be an id from 0, got ${padId}`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot load data: expected a batch size from 1, got ${batchSize}`);
  }
  if (!Number.isInteger(batchesPerStep) || batchesPerStep < 1) {
    throw new RangeError(
      `Cannot load data: expected batches per step from 1, got ${batchesPerStep}`,
    );
  }
  if (buckets.length === 0 || buckets.some((bound, i) => !(bound > (buckets[i - 1] ?? 0)))) {
    throw new RangeError(`Cannot load data: expected rising bucket bounds, got [${buckets}]`);
  }
  const lengths = padTo === "longest" ? [] : typeof padTo === "number" ? [padTo] : padTo;
  const isAllowed = (length: number, i: number) =>
    Number.isInteger(length) && length > (lengths[i - 1] ?? 0) && length <= maxLength;
  if (padTo !== "longest" && (lengths.length === 0 || !lengths.every(isAllowed))) {
    throw new RangeError(
      `Cannot load data: expected padTo "longest" or rising lengths from 1 to ${maxLength}, ` +
        `got ${typeof padTo === "number" ? padTo : `[${padTo}]`}`,
    );
  }
  const limit = Math.min(lengths.at(-1) ?? Infinity, buckets.at(-1) ?? 0, maxLength);
  const long = dataset.lengths.findIndex((length) => !(length - 1 <= limit));
  if (long !== -1) {
    throw new RangeError(
      `Cannot load data: expected examples of at most ${limit} positions, ` +
        `got ${(dataset.lengths[long] ?? 0) - 1} in example ${long}; nothing is cut off`,
    );
  }
}

function checkCurriculum({ size }: Dataset, options: DataLoaderOptions): void {
  const { curriculum, buckets = [] } = options;
  if (curriculum === undefined) return;
  const { difficulty } = curriculum;
  pacedShare(curriculum.pacing, 0); // refuses a pacing that is none
  if (difficulty.length !== size || difficulty.some(Number.isNaN)) {
    const nan = difficulty.filter(Number.isNaN).length;
    throw new RangeError(
      `Cannot load data by a curriculum: expected a difficulty for each of ${size} examples, ` +
        `got ${difficulty.length}, ${nan} of them NaN`,
    );
  }
  if (buckets.length > 1) {
    throw new RangeError(
      `Cannot load data by a curriculum: expected no buckets of length, got [${buckets}]; ` +
        "the curriculum decides which examples come together",
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
