import { deriveSeed, Random } from "lib/core/mod.ts";
import { type Dataset, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { checkBucketBatches, checkEpochBatches, checkShuffle } from "lib/grade/mod.ts";
import { exercise } from "./_exercise.ts";

/** Fisher and Yates with another partner. */
function swapping(partner: (random: Random, last: number, size: number) => number) {
  return (items: readonly number[], random: Random) => {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = partner(random, last, result.length);
      [result[last], result[other]] = [result[other] ?? NaN, result[last] ?? NaN];
    }
    return result;
  };
}

const shuffle = exercise("shuffle", checkShuffle, [
  [
    "sort by a random comparison",
    (items, random) => items.toSorted(() => random.uniform() - 0.5),
    /sorting by a/,
  ],
  [
    "partner from all places",
    swapping((random, _, size) => random.integer(size)),
    /some orders are likelier/,
  ],
  ["never with itself", swapping((random, last) => random.integer(last)), /no item ever stays/],
  [
    "unseeded",
    swapping((_, last) => Math.floor(Math.random() * (last + 1))),
    /an unseeded shuffle/,
  ],
  [
    "sort instead of shuffle",
    (items) => items.toSorted((a, b) => a - b),
    /no draw decides the order/,
  ],
  ["in place", (items, random) => {
    const shuffled = random.shuffle(items);
    shuffled.forEach((item, i) => (items as number[])[i] = item); // the types forbid it
    return items;
  }, /shuffled in place/],
  ["loses an example", (items, random) => random.shuffle(items).slice(1), /items are lost/],
  [
    "draws with replacement",
    (items, random) => items.map(() => random.pick(items)),
    /items are lost/,
  ],
]);

interface EpochOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
}

/** The right loader with some parts replaced. */
function loader(parts: {
  readonly seedOf?: (options: EpochOptions) => number;
  readonly orderOf?: (size: number) => number[];
  readonly stepOf?: (batchSize: number) => number;
  readonly sizeOf?: (batchSize: number) => number;
  readonly keeps?: (start: number, size: number, batchSize: number) => boolean;
  readonly widthOf?: (dataset: Dataset) => { length?: number };
}) {
  return function* (dataset: Dataset, options: EpochOptions): Generator<PaddedBatch> {
    const { batchSize, seed, epoch } = options, size = dataset.size;
    const random = new Random(parts.seedOf?.(options) ?? deriveSeed(seed, epoch));
    const order = parts.orderOf?.(size) ?? random.shuffle(Array(size).keys());
    const step = parts.stepOf?.(batchSize) ?? batchSize;
    for (let start = 0; start < size; start += step) {
      if (!(parts.keeps?.(start, size, batchSize) ?? true)) continue;
      const indices = order.slice(start, start + (parts.sizeOf?.(batchSize) ?? batchSize));
      const width = parts.widthOf?.(dataset) ?? {};
      yield padBatch(indices.map((index) => dataset.at(index)), { padId: 0, ...width });
    }
  };
}

const epochBatches = exercise("epochBatches", checkEpochBatches, [
  [
    "last batch dropped",
    loader({ keeps: (start, size, batchSize) => start + batchSize <= size }),
    /the last batch is dropped/,
  ],
  ["examples twice", loader({ sizeOf: (batchSize) => batchSize + 1 }), /examples come twice/],
  ["examples lost", loader({ stepOf: (batchSize) => batchSize + 1 }), /examples are lost/],
  ["an empty batch", function* (dataset, options) {
    yield* loader({})(dataset, options);
    yield {
      ids: new Int32Array(),
      mask: new Float32Array(),
      labels: new Int32Array(),
      shape: [0, 0],
    };
  }, /an empty batch/],
  ["epoch not used", loader({ seedOf: ({ seed }) => seed }), /the epoch is not used/],
  ["seed not used", loader({ seedOf: ({ epoch }) => epoch }), /the seed is not used/],
  ["seed + epoch", loader({ seedOf: ({ seed, epoch }) => seed + epoch }), /mixes them up/],
  [
    "unseeded shuffle",
    loader({ seedOf: () => Math.floor(2 ** 30 * Math.random()) }),
    /an unseeded shuffle/,
  ],
  [
    "not shuffled",
    loader({ orderOf: (size) => Array.from({ length: size }, (_, i) => i) }),
    /nothing is shuffled/,
  ],
  [
    "padded to the data set's longest",
    loader({ widthOf: ({ lengths }) => ({ length: Math.max(...lengths) - 1 }) }),
    /pad each batch on its own/,
  ],
]);

/** The right buckets with some parts replaced. */
function buckets(parts: {
  readonly fits?: (length: number, bound: number) => boolean;
  readonly isStrict?: boolean;
  readonly what?: (index: number, length: number) => number;
  readonly cut?: (indices: number[], batchSize: number) => number[][];
}) {
  const { fits = (length, bound) => length <= bound, isStrict = true } = parts;
  const { what = (index) => index, cut = chunk } = parts;
  return (
    lengths: readonly number[],
    { bounds, batchSize }: { readonly bounds: readonly number[]; readonly batchSize: number },
  ) => {
    const held: number[][] = bounds.map(() => []);
    for (const [index, length] of lengths.entries()) {
      const bucket = held[bounds.findIndex((bound) => fits(length, bound))];
      if (bucket === undefined && isStrict) throw new RangeError(`no bucket for ${length}`);
      bucket?.push(what(index, length));
    }
    return held.flatMap((indices) => cut(indices, batchSize));
  };
}

function chunk(indices: number[], size: number): number[][] {
  const count = Math.ceil(indices.length / size);
  return Array.from({ length: count }, (_, i) => indices.slice(i * size, (i + 1) * size));
}

const bucketBatches = exercise("bucketBatches", checkBucketBatches, [
  [
    "bounds exclusive, the longest lost",
    buckets({ fits: (length, bound) => length < bound, isStrict: false }),
    /bounds are inclusive/,
  ],
  [
    "bounds exclusive, but for the last",
    buckets({ fits: (length, bound) => length < bound || bound === 12 && length <= bound }),
    /a bound belongs to its bucket/,
  ],
  ["too long silently lost", buckets({ isStrict: false }), /lost silently/],
  [
    "partial batches dropped",
    buckets({
      cut: (indices, size) => chunk(indices, size).filter((batch) => batch.length === size),
    }),
    /last batch of a bucket is dropped/,
  ],
  ["lengths instead of indices", buckets({ what: (_, length) => length }), /these are lengths/],
  [
    "a bucket in one batch",
    buckets({ cut: (indices) => [indices] }),
    /cut it into batchSize pieces/,
  ],
  [
    "sorted and cut",
    (lengths, { bounds, batchSize }) => {
      if (lengths.some((length) => length > (bounds.at(-1) ?? 0))) throw new RangeError("too long");
      const sorted = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
      return chunk(sorted, batchSize);
    },
    /sorted and cut/,
  ],
  [
    "buckets not used",
    (lengths, { batchSize }) => chunk([...lengths.keys()], batchSize),
    /the buckets are not kept apart/,
  ],
  [
    "an empty batch after a full bucket",
    buckets({ cut: (indices, size) => [...chunk(indices, size), []] }),
    /stop before/,
  ],
]);

/** The exercises of section 1.5. */
export const LOADER_EXERCISES = [shuffle, epochBatches, bucketBatches];
