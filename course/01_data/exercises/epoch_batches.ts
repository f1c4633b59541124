import { deriveSeed, Random } from "lib/core/mod.ts";
import { createDataset, type Dataset, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { callLimit, exercise, expectThat, takeAll } from "lib/grade/mod.ts";
import { countOf, cut, unevenness } from "../cases.ts";

interface Options {
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
}
type Answer = (dataset: Dataset, options: Options) => Generator<PaddedBatch>;

/** The right loader with some parts replaced. */
function loader(parts: {
  readonly seedOf?: (options: Options) => number;
  readonly orderOf?: (size: number, random: Random, options: Options) => number[];
  readonly groups?: (order: number[], batchSize: number) => number[][];
  readonly pad?: (examples: Int32Array[], dataset: Dataset) => PaddedBatch;
}): Answer {
  return function* (dataset, options) {
    const random = new Random(parts.seedOf?.(options) ?? seedOf(options)), { size } = dataset;
    const order = parts.orderOf?.(size, random, options) ?? random.shuffle(Array(size).keys());
    for (const indices of (parts.groups ?? cut)(order, options.batchSize)) {
      const examples = indices.map((index) => dataset.at(index));
      yield parts.pad?.(examples, dataset) ?? padBatch(examples, { padId: 0 });
    }
  };
}
const seedOf = ({ seed, epoch }: Options) => deriveSeed(seed, "order", epoch);
const inPlace = (size: number) => Array.from({ length: size }, (_, i) => i);

/** Example i holds the id 100 + i, one to six times: each row tells which example it is. */
function examplesOf(size: number): Dataset {
  const sentences = inPlace(size).map((i) =>
    Array(i === 1 ? 9 : 1 + i * 5 % 6).fill(String(100 + i))
  );
  const dataset = createDataset(sentences, {
    encode: (text) => Int32Array.of(1, ...text.split(" ").map(Number), 2),
  });
  const count = callLimit(20 * size + 100, "an example");
  const at = (index: number) => {
    count();
    return dataset.at(index);
  };
  return { size, lengths: dataset.lengths, at };
}

const EMPTY: PaddedBatch = {
  ids: new Int32Array(),
  mask: new Float32Array(),
  labels: new Int32Array(),
  shape: [0, 0],
};
const MOST_BATCHES = 200;
const batchesOf = (answer: Answer, size: number, options: Options): PaddedBatch[] =>
  takeAll(answer(examplesOf(size), options), MOST_BATCHES, "batch");
const indicesOf = ({ ids, shape: [B, T] }: PaddedBatch): number[] =>
  Array.from({ length: B }, (_, row) => (ids[row * T + 1] ?? 0) - 100);
const orderOf = (answer: Answer, options: Partial<Options>): number[] =>
  batchesOf(answer, 12, { batchSize: 4, seed: 1, epoch: 0, ...options }).flatMap(indicesOf);

/** Refuses two orders that should differ: of 12! orders no two agree by luck. */
function expectOther(answer: Answer, one: Partial<Options>, other: Partial<Options>): true {
  const [first, second] = [orderOf(answer, one), orderOf(answer, other)];
  const [a, b] = [one, other].map((options) => JSON.stringify(options).replaceAll('"', ""));
  expectThat(`${first}` !== `${second}`, `expected orders of ${a} and ${b} to differ, got one`);
  return true;
}

/** 1.5c: the batches of an epoch, in an order that follows from seed and epoch. */
export default exercise<Answer>({
  name: "epochBatches",
  reference: loader({}),
  returns: "generator",
  cases: {
    "20 examples in batches of 8": () => [examplesOf(20), { batchSize: 8, seed: 1, epoch: 0 }],
    "20 examples in batches of 5": () => [examplesOf(20), { batchSize: 5, seed: 2, epoch: 3 }],
    "batches of 1": () => [examplesOf(3), { batchSize: 1, seed: 3, epoch: 0 }],
    "a batch larger than the data set": () => [
      examplesOf(4),
      { batchSize: 9, seed: 1, epoch: 1 },
    ],
    "one example": () => [examplesOf(1), { batchSize: 2, seed: 1, epoch: 0 }],
  },
  /** How large batches are, how many examples come not once, and whether padding is as it should be. */
  read: (generator, [dataset]) => {
    const batches = takeAll(generator, MOST_BATCHES, "batch");
    const padded = batches.map((batch) => {
      const indices = indicesOf(batch).filter((index) => index >= 0 && index < dataset.size);
      return indices.length === 0 ? batch : padBatch(indices.map(dataset.at), { padId: 0 });
    });
    const wrong = (["shape", "ids", "mask", "labels"] as const).find((part) =>
      batches.some((batch, i) => `${batch[part]}` !== `${padded[i]?.[part]}`)
    );
    const times = countOf(batches.flatMap(indicesOf), inPlace(dataset.size));
    return {
      sizes: batches.map(({ shape }) => shape[0]),
      lost: times.filter((count) => count === 0).length,
      repeated: times.filter((count) => count > 1).length,
      padding: wrong === undefined ? "right" : `wrong ${wrong}`,
    };
  },
  properties: {
    "a shuffled epoch": (answer) =>
      expectThat(
        orderOf(answer, {}).some((index, i) => index !== i),
        "expected a shuffled epoch, got the data set's order",
      ),
    "another order in the next epoch": (answer) => expectOther(answer, { epoch: 0 }, { epoch: 1 }),
    "another order from another seed": (answer) => expectOther(answer, { seed: 1 }, { seed: 2 }),
    "the same order from the same call": (answer) =>
      expectThat(
        `${orderOf(answer, {})}` === `${orderOf(answer, {})}`,
        "expected the same order from the same seed and epoch, got another one the second time",
      ),
    "neighbours of the data set are no neighbours": (answer) => {
      const orders = inPlace(300).map((epoch) => orderOf(answer, { epoch }));
      const pairs = orders.flatMap((order) =>
        order.filter((index, i) => index === (order[i - 1] ?? -9) + 1)
      );
      const rule = "expected neighbours of the data set apart in most orders"; // 275, give or take 16
      expectThat(pairs.length < 400, `${rule}, got ${pairs.length} side by side in 300 orders`);
    },
    "seed and epoch kept apart": (answer) =>
      expectOther(answer, { seed: 2, epoch: 0 }, { seed: 1, epoch: 1 }) &&
      expectOther(answer, { seed: 2, epoch: 1 }, { seed: 1, epoch: 2 }),
    "every example in every place as often": (answer) => {
      const orders = inPlace(500).map((epoch) => orderOf(answer, { epoch }));
      for (const place of [0, 5, 11]) {
        const got = unevenness(countOf(orders.map((order) => order[place]), inPlace(12)));
        const rule = `expected each of 12 examples at place ${place} equally often`;
        expectThat(got === undefined, `${rule} over the epochs, got ${got}`);
      }
    },
  },
  mistakes: {
    "the last batch is dropped: a smaller one is a batch too": loader({
      groups: (order, size) => cut(order, size).filter((indices) => indices.length === size),
    }),
    "examples come twice: a slice is one too long": loader({
      groups: (order, size) =>
        cut(order, size).map((_, i) => order.slice(i * size, (i + 1) * size + 1)),
    }),
    "examples are lost: the step is one too long": loader({
      groups: (order, size) => cut(order, size + 1).map((indices) => indices.slice(0, size)),
    }),
    "there is an empty batch: stop before the start passes the end": [function* (dataset, options) {
      yield* loader({})(dataset, options);
      if (dataset.size % options.batchSize === 0) yield EMPTY;
    }, function* (dataset, options) {
      yield* loader({})(dataset, options);
      yield EMPTY;
    }],
    "the loop never ends: stop when all examples have come": function* (dataset, options) {
      while (true) yield* loader({})(dataset, options);
    },
    "nothing is shuffled": loader({ orderOf: inPlace }),
    "whole batches are shuffled, or each one within: shuffle all examples, then cut": [
      loader({
        orderOf: (size, random, { batchSize }) =>
          random.shuffle(cut(inPlace(size), batchSize)).flat(),
      }),
      loader({
        orderOf: (size, random, { batchSize }) =>
          cut(inPlace(size), batchSize).flatMap((indices) => random.shuffle(indices)),
      }),
    ],
    "examples are drawn, so some come twice and others never: shuffle the indices": loader({
      orderOf: (size, random) => inPlace(size).map(() => random.integer(size)),
    }),
    "the epoch is not used, so each epoch repeats the order of the first": [
      loader({ seedOf: ({ seed }) => seed }),
      loader({ seedOf: ({ seed }) => deriveSeed(seed, "order") }),
    ],
    "the seed is not used": [
      loader({ seedOf: ({ epoch }) => epoch }),
      loader({ seedOf: ({ epoch }) => deriveSeed(1, "order", epoch) }),
    ],
    "neither seed nor epoch is used": loader({ seedOf: () => 1 }),
    'seed + epoch mixes them up: deriveSeed(seed, "order", epoch) keeps them apart': [
      loader({ seedOf: ({ seed, epoch }) => seed + epoch }),
      loader({ seedOf: ({ seed, epoch }) => deriveSeed(seed + epoch) }),
    ],
    'Math.random() has no seed: new Random(deriveSeed(seed, "order", epoch))': [
      loader({ orderOf: (size) => inPlace(size).sort(() => Math.random() - 0.5) }),
      loader({ seedOf: () => Math.floor(2 ** 30 * Math.random()) }),
    ],
    "all batches have the data set's width: pad each batch to its own longest": loader({
      pad: (examples, { lengths }) =>
        padBatch(examples, { padId: 0, length: Math.max(...lengths) - 1 }),
    }),
    "the batch's labels are not the ids that come next: use library.padBatch": loader({
      pad: (examples) => {
        const batch = padBatch(examples, { padId: 0 });
        return { ...batch, labels: batch.ids };
      },
    }),
    "the batches have another size: cut the order into pieces of batchSize": [
      loader({ groups: (order) => cut(order, 64) }),
      loader({ groups: (order) => cut(order, 8) }),
    ],
    "yield library.padBatch(...), not the examples themselves": function* (dataset, options) {
      for (const indices of cut(inPlace(dataset.size), options.batchSize)) {
        yield indices.map(dataset.at) as unknown as PaddedBatch;
      }
    },
  },
  styles: {
    "taken off the front": function* (dataset, { batchSize, seed, epoch }) {
      const rest = new Random(deriveSeed(seed, epoch)).shuffle([...dataset.lengths.keys()]);
      while (rest.length > 0) {
        yield padBatch(rest.splice(0, batchSize).map((i) => dataset.at(i)), { padId: 0 });
      }
    },
    "filled up one by one": function* (dataset, { batchSize, seed, epoch }) {
      let examples: Int32Array[] = [];
      const order = new Random(seed * 1000 + epoch).shuffle(inPlace(dataset.size));
      for (const index of order) {
        examples.push(dataset.at(index));
        if (examples.length < batchSize) continue;
        yield padBatch(examples, { padId: 0 });
        examples = [];
      }
      if (examples.length > 0) yield padBatch(examples, { padId: 0 });
    },
  },
});
