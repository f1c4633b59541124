import { exercise, limitedList, type WrongAnswer } from "lib/grade/mod.ts";
import { cut } from "../cases.ts";

interface Options {
  readonly bounds: readonly number[];
  readonly batchSize: number;
}
type Answer = (lengths: readonly number[], options: Options) => number[][];

const bucketOf = (length: number, bounds: readonly number[]) =>
  bounds.findIndex((bound) => length <= bound);

/** The right buckets with some parts replaced. */
function buckets(parts: {
  readonly bucket?: (length: number, bounds: readonly number[]) => number;
  readonly onTooLong?: (buckets: number[][], index: number) => void;
  readonly what?: (index: number, length: number) => number;
  readonly cutUp?: (indices: number[], batchSize: number) => number[][];
}): Answer {
  return (lengths, { bounds, batchSize }) => {
    const buckets: number[][] = bounds.map(() => []);
    for (const [index, length] of lengths.entries()) {
      const bucket = buckets[(parts.bucket ?? bucketOf)(length, bounds)];
      if (bucket !== undefined) bucket.push(parts.what?.(index, length) ?? index);
      else (parts.onTooLong ?? refuse)(buckets, index);
    }
    return buckets.flatMap((indices) => (parts.cutUp ?? cut)(indices, batchSize));
  };
}
function refuse(): never {
  throw new RangeError("no bucket is long enough");
}
/** What JavaScript says where the bucket was not looked at. */
function crash(): never {
  throw new TypeError("Cannot read properties of undefined (reading 'push')");
}
const below = (length: number, bounds: readonly number[]) =>
  bounds.findIndex((bound) => length < bound);

/** The indices in an order by length, cut into batches that know no buckets. */
const sortedAndCut: WrongAnswer<Answer> = (lengths, { bounds, batchSize }) => {
  if (lengths.some((length) => bucketOf(length, bounds) === -1)) refuse();
  const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  return cut(order, batchSize);
};

const lengthsOf = (...lengths: number[]) => limitedList(lengths, 10_000, "a length");
const MANY = Array.from({ length: 41 }, (_, i) => 4 + i * 5 % 9);

/** 1.5d: batches of examples of like length. */
export default exercise<Answer>({
  name: "bucketBatches",
  reference: buckets({}),
  returns: [["number"]],
  cases: {
    "41 lengths, bounds [6, 9, 12]": () => [
      lengthsOf(...MANY),
      { bounds: [6, 9, 12], batchSize: 4 },
    ],
    "the same with bounds [5, 7, 8, 10, 12]": () => [
      lengthsOf(...MANY),
      { bounds: [5, 7, 8, 10, 12], batchSize: 3 },
    ],
    "one bound, batches of 1": () => [lengthsOf(3, 2, 3), { bounds: [3], batchSize: 1 }],
    "buckets that fill batches exactly": () => [
      lengthsOf(2, 5, 2, 5),
      { bounds: [3, 6], batchSize: 2 },
    ],
    "an empty bucket": () => [lengthsOf(2, 9), { bounds: [3, 6, 9], batchSize: 2 }],
    "no lengths": () => [lengthsOf(), { bounds: [3], batchSize: 2 }],
    "length 13 above the last bound 12": () => [
      lengthsOf(5, 13),
      { bounds: [6, 9, 12], batchSize: 4 },
    ],
  },
  drawn: (random) => [
    lengthsOf(...Array.from({ length: random.integer(9) }, () => 1 + random.integer(9))),
    { bounds: [2 + random.integer(3), 6, 8], batchSize: 1 + random.integer(3) },
  ],
  /** Which indices come, and the sizes of each bucket's batches; the order is free. */
  read: (batches, [lengths, { bounds }]) => {
    const kinds = batches.map((batch) => {
      const all = new Set(batch.map((index) => bucketOf(lengths[index] ?? Infinity, bounds)));
      return all.size > 1 ? "mixed" : `bucket ${[...all].join()}`;
    });
    return {
      indices: batches.flat().sort((a, b) => a - b),
      mixed: kinds.filter((kind) => kind === "mixed").length,
      sizes: kinds.map((kind, i) => `${kind}: ${batches[i]?.length}`).sort(),
    };
  },
  mistakes: {
    "a bound belongs to its bucket: length <= bound, not <": [
      buckets({ bucket: below }),
      buckets({ bucket: below, onTooLong: crash }),
      buckets({ bucket: below, onTooLong: () => {} }),
      ...[12, undefined].map((last) =>
        buckets({
          bucket: (length, bounds) =>
            bounds.findIndex((bound) =>
              length < bound || length === bound && bound === (last ?? bounds.at(-1))
            ),
        })
      ),
    ],
    "an example without a bucket is lost silently: throw a RangeError": buckets({
      onTooLong: () => {},
    }),
    "an example without a bucket is too long, and does not belong in the last bucket: throw":
      buckets({ onTooLong: (all, index) => void all.at(-1)?.push(index) }),
    "findIndex gives -1 where no bound fits, and there is no such bucket: throw a RangeError":
      buckets({
        onTooLong: crash,
      }),
    "the last batch of a bucket is dropped: a smaller one is a batch too": buckets({
      cutUp: (indices, size) => cut(indices, size).filter((batch) => batch.length === size),
    }),
    "these are lengths: a batch holds the examples' indices": buckets({
      what: (_, length) => length,
    }),
    "a whole bucket is one batch: cut it into batchSize pieces": [
      buckets({ cutUp: (indices) => indices.length === 0 ? [] : [indices] }),
      buckets({ cutUp: (indices) => [indices] }),
    ],
    "an empty batch: a bucket may have no examples, or be full to the last batch": [
      buckets({ cutUp: (indices, size) => [...cut(indices, size), []] }),
      buckets({ cutUp: (indices, size) => indices.length === 0 ? [[]] : cut(indices, size) }),
      buckets({
        cutUp: (indices, size) => cut(indices, size).concat(indices.length % size ? [] : [[]]),
      }),
    ],
    "sorted and cut: a batch runs over a bound; cut each bucket alone": sortedAndCut,
    "the buckets are not kept apart: collect first, cut afterwards": [
      (lengths, { batchSize }) => cut([...lengths.keys()], batchSize),
      (lengths, { bounds, batchSize }) => {
        if (lengths.some((length) => bucketOf(length, bounds) === -1)) refuse();
        return cut([...lengths.keys()], batchSize);
      },
    ],
    "an example is in several buckets: take the first that fits": (
      lengths,
      { bounds, batchSize },
    ) => {
      if (lengths.some((length) => bucketOf(length, bounds) === -1)) refuse();
      return bounds.flatMap((bound) =>
        cut([...lengths.keys()].filter((i) => (lengths[i] ?? 0) <= bound), batchSize)
      );
    },
    "the buckets are written as numbers: there are as many as bounds": (lengths, options) =>
      buckets({})(lengths, { ...options, bounds: options.bounds.slice(0, 3) }),
    "the batch size is written as a number: use batchSize": (lengths, { bounds }) =>
      buckets({})(lengths, { bounds, batchSize: 4 }),
    "the last buckets are lost: give the batches of all of them": buckets({
      bucket: bucketOf,
      cutUp: (indices, size) => cut(indices, size).slice(0, 1),
    }),
    "the loop never ends: what fits in no bucket stays in the list": (
      lengths,
      { bounds, batchSize },
    ) => {
      const left = [...lengths.keys()], batches: number[][] = [];
      while (left.length > 0) {
        for (const bound of bounds) {
          const fits = left.filter((i) => (lengths[i] ?? 0) < bound).slice(0, batchSize);
          if (fits.length > 0) batches.push(fits);
          for (const index of fits) left.splice(left.indexOf(index), 1);
        }
      }
      return batches;
    },
  },
  styles: {
    "bucket by bucket": (lengths, { bounds, batchSize }) => {
      const batches: number[][] = [];
      if (Math.max(...lengths) > (bounds.at(-1) ?? 0)) throw new RangeError("too long");
      bounds.forEach((bound, k) => {
        const above = bounds[k - 1] ?? -Infinity;
        const own = [...lengths.keys()].filter((i) => {
          const length = lengths[i] ?? 0;
          return length > above && length <= bound;
        });
        while (own.length > 0) batches.push(own.splice(0, batchSize));
      });
      return batches;
    },
    "batches that are open": (lengths, { bounds, batchSize }) => {
      const done: number[][] = [], open = new Map<number, number[]>();
      lengths.forEach((length, index) => {
        const bound = bounds.find((one) => one >= length);
        if (bound === undefined) throw new RangeError("too long");
        const batch = [...open.get(bound) ?? [], index];
        open.set(bound, batch.length < batchSize ? batch : []);
        if (batch.length === batchSize) done.push(batch);
      });
      return [...done, ...[...open.values()].filter((batch) => batch.length > 0)];
    },
  },
});
