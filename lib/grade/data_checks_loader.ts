import { largest, Random } from "lib/core/mod.ts";
import { createDataset, type Dataset, type PaddedBatch } from "lib/data/mod.ts";
import { chiSquare, expectList, isSame, kindOf } from "./_data_cases.ts";
import { check, expectEqual, expectThat } from "./check.ts";

const SHUFFLES = 6000;

/** χ² of 6 equally likely orders exceeds it once in a million; the usual wrong shuffles give 60 up. */
const CHI_SQUARE_6 = 36;

/**
 * Checks exercise 1.5a, a seeded shuffle in which every order is equally likely.
 *
 * @param shuffle The student's function: from items and a generator to a new list.
 * @throws {CheckError} If items are lost, the input is changed, or some orders are likelier.
 *
 * @example
 * ```ts
 * import { checkShuffle } from "lib/grade/mod.ts";
 *
 * await checkShuffle((items, random) => random.shuffle(items));
 * ```
 */
export async function checkShuffle(
  shuffle: (items: readonly number[], random: Random) => readonly number[],
): Promise<void> {
  await check("shuffle", () => {
    const items = Array.from({ length: 50 }, (_, i) => i), given = [...items];
    const shuffled: unknown = shuffle(given, new Random(1));
    expectList(shuffled, "the shuffled items");
    expectEqual(given, items, {
      what: "the items given",
      mistakes: [{
        when: true,
        says: "the input is shuffled in place: work on a copy, [...items]",
      }],
    });
    expectPermutation(shuffled, items);
    expectThat(!isSame(shuffled, items), "expected another order, got the one given", [
      { when: true, says: "this sorts or copies: no draw decides the order" },
    ]);
    expectThat(
      isSame(shuffle(items, new Random(1)), shuffled),
      "expected one order from two generators of one seed, got two",
      [{ when: true, says: "an unseeded shuffle: draw from `random`, not from Math.random" }],
    );
    expectFairOrders(shuffle);
  });
}

function expectPermutation(shuffled: ArrayLike<unknown>, items: readonly number[]): void {
  const got = Array.from(shuffled), lost = items.filter((item) => !got.includes(item));
  const isComplete = got.length === items.length && lost.length === 0;
  expectThat(isComplete, `expected each of ${items.length} items once, got ${got.length} items`, [
    {
      when: lost.length > 0,
      says: `items are lost: ${lost.slice(0, 5)}; swap two places at a time`,
    },
    { when: true, says: "items come out more than once: swap two places at a time" },
  ]);
}

function expectFairOrders(
  shuffle: (items: readonly number[], random: Random) => readonly number[],
): void {
  const random = new Random(2), counts = new Map<string, number>();
  for (let i = 0; i < SHUFFLES; i++) {
    const order = shuffle([0, 1, 2], random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  const orders = ["012", "021", "102", "120", "201", "210"];
  const times = orders.map((order) => counts.get(order) ?? 0);
  const staysNever = ["012", "021", "102", "210"].every((order) => !counts.has(order));
  const surprise = chiSquare(times);
  expectThat(
    surprise < CHI_SQUARE_6,
    `expected each of the 6 orders of 3 items about ${SHUFFLES / 6} times, got ${times}`,
    [
      {
        when: staysNever,
        says:
          "no item ever stays where it was: the partner is drawn from last + 1 places, itself " +
          "among them",
      },
      {
        when: () => isSame(times.map((n) => n > 1300 || n < 700), times.map(() => true)),
        says: "sorting by a random comparison favours some orders: swap from the end instead",
      },
      {
        when: true,
        says: "some orders are likelier: sorting by a coin, or a partner drawn from all places " +
          "instead of from those not yet done",
      },
    ],
  );
}

/** What a student writes in exercise 1.5b: a data set's batches of one epoch. */
export type EpochBatches = (
  dataset: Dataset,
  options: { readonly batchSize: number; readonly seed: number; readonly epoch: number },
) => Iterable<PaddedBatch>;

/**
 * Checks exercise 1.5b, the batches of an epoch: shuffled by seed and epoch, padded one by one.
 *
 * @param epochBatches The student's generator: from a data set, a batch size, a seed and an epoch.
 * @throws {CheckError} If an example is lost or comes twice, or the order does not change as it should.
 *
 * @example
 * ```ts
 * import { deriveSeed, Random } from "lib/core/mod.ts";
 * import { padBatch } from "lib/data/mod.ts";
 * import { checkEpochBatches } from "lib/grade/mod.ts";
 *
 * await checkEpochBatches(function* (dataset, { batchSize, seed, epoch }) {
 *   const order = new Random(deriveSeed(seed, epoch)).shuffle(Array(dataset.size).keys());
 *   for (let start = 0; start < order.length; start += batchSize) {
 *     const indices = order.slice(start, start + batchSize);
 *     yield padBatch(indices.map((index) => dataset.at(index)), { padId: 0 });
 *   }
 * });
 * ```
 */
export async function checkEpochBatches(epochBatches: EpochBatches): Promise<void> {
  await check("epochBatches", () => {
    const dataset = exampleDataset(50);
    const epoch = (seed: number, epoch: number, batchSize = 8) =>
      readBatches(epochBatches(dataset, { batchSize, seed, epoch }));
    const first = epoch(1, 0);
    expectEveryExample(first, { size: 50, batchSize: 8 });
    expectEveryExample(epoch(1, 0, 10), { size: 50, batchSize: 10 });
    expectDynamicPadding(first);
    expectOrders(epoch);
  });
}

/** What the check reads of a batch: which examples are in it, and how wide it is. */
interface SeenBatch {
  readonly examples: readonly number[];
  readonly width: number;
  /** The positions of the longest example. */
  readonly longest: number;
}

/** Example i holds the id 100 + i, one to six times: each row tells which example it is. */
function exampleDataset(size: number): Dataset {
  const sentences = Array.from({ length: size }, (_, i) => Array(1 + i % 6).fill(String(100 + i)));
  return createDataset(sentences, {
    encode: (text) => Int32Array.from([1, ...text.split(" ").map(Number), 2]),
  });
}

function readBatches(batches: unknown): SeenBatch[] {
  const isIterable = typeof batches === "object" && batches !== null && Symbol.iterator in batches;
  expectThat(isIterable, `expected batches to be yielded, got ${kindOf(batches)}`, [
    { when: true, says: "write function* and yield each batch" },
  ]);
  // A Set would do too; what is yielded is looked at one by one.
  return Array.from(batches as Iterable<PaddedBatch>, (batch) => {
    const [rows, width] = batch.shape;
    const examples = Array.from({ length: rows }, (_, row) => {
      const id = width > 1 ? batch.ids[row * width + 1] : undefined;
      return id === undefined ? NaN : id - 100;
    });
    return { examples, width, longest: 1 + largest(examples.map((i) => 1 + i % 6)) };
  });
}

function expectEveryExample(
  batches: readonly SeenBatch[],
  { size, batchSize }: { readonly size: number; readonly batchSize: number },
): void {
  const seen = batches.flatMap((batch) => batch.examples), different = new Set(seen).size;
  const sizes = batches.map((batch) => batch.examples.length);
  const rest = size % batchSize, isDropped = seen.length === size - rest && rest > 0;
  expectThat(
    seen.length === size && different === size,
    `expected each of ${size} examples once an epoch, got ${seen.length} rows, ${different} ` +
      `different, in batches of ${sizes}`,
    [
      { when: isDropped, says: "the last batch is dropped: a smaller one is a batch too" },
      { when: seen.length > different, says: "examples come twice: is a slice one too long?" },
      { when: seen.length < size, says: "examples are lost: is a slice or a step one off?" },
    ],
  );
  expectThat(
    sizes.every((rows, i) => rows === (i === sizes.length - 1 && rest > 0 ? rest : batchSize)),
    `expected batches of ${batchSize}, got ${sizes}`,
    [{ when: sizes.includes(0), says: "an empty batch: stop before the start passes the end" }],
  );
}

function expectDynamicPadding(batches: readonly SeenBatch[]): void {
  const wide = batches.find((batch) => batch.width > batch.longest);
  expectThat(
    wide === undefined,
    `expected a batch as wide as its longest example, got ${wide?.width} for ${wide?.longest}`,
    [{ when: true, says: "all batches have the data set's width: pad each batch on its own" }],
  );
}

function expectOrders(epoch: (seed: number, epoch: number) => readonly SeenBatch[]): void {
  const orderOf = (seed: number, index: number) =>
    epoch(seed, index).flatMap((batch) => batch.examples);
  const order = orderOf(1, 0), sorted = order.toSorted((a, b) => a - b);
  expectThat(!isSame(order, sorted), "expected a shuffled epoch, got the data set's order", [
    { when: true, says: "nothing is shuffled" },
  ]);
  expectThat(isSame(orderOf(1, 0), order), "expected the same order for the same seed and epoch", [
    { when: true, says: "an unseeded shuffle: make new Random from seed and epoch at each call" },
  ]);
  expectThat(!isSame(orderOf(1, 1), order), "expected another order in the next epoch", [
    { when: true, says: "the epoch is not used, so each epoch repeats the order of the first" },
  ]);
  expectThat(!isSame(orderOf(2, 0), order), "expected another order from another seed", [
    { when: true, says: "the seed is not used" },
  ]);
  expectThat(
    !isSame(orderOf(2, 0), orderOf(1, 1)),
    "expected seed 2, epoch 0 to differ from seed 1, epoch 1, got the same order",
    [{ when: true, says: "seed + epoch mixes them up: deriveSeed(seed, epoch) keeps them apart" }],
  );
}
