import { expectList } from "./_data_cases.ts";
import { check, expectThat } from "./check.ts";

/**
 * Checks exercise 1.5c, batches of examples of like length.
 *
 * @param bucketBatches The student's function: from the length of each example, the upper bounds of
 * the buckets and a batch size to the indices of each batch.
 * @throws {CheckError} If a batch mixes buckets, or an example is lost.
 *
 * @example
 * ```ts
 * import { checkBucketBatches } from "lib/grade/mod.ts";
 *
 * await checkBucketBatches((lengths, { bounds, batchSize }) => {
 *   const buckets: number[][] = bounds.map(() => []);
 *   for (const [index, length] of lengths.entries()) {
 *     const bucket = buckets[bounds.findIndex((bound) => length <= bound)];
 *     if (bucket === undefined) throw new RangeError(`no bucket holds length ${length}`);
 *     bucket.push(index);
 *   }
 *   return buckets.flatMap((indices) =>
 *     Array.from({ length: Math.ceil(indices.length / batchSize) }, (_, i) =>
 *       indices.slice(i * batchSize, (i + 1) * batchSize))
 *   );
 * });
 * ```
 */
export async function checkBucketBatches(
  bucketBatches: (
    lengths: readonly number[],
    options: { readonly bounds: readonly number[]; readonly batchSize: number },
  ) => readonly (readonly number[])[],
): Promise<void> {
  await check("bucketBatches", () => {
    const lengths = Array.from({ length: 41 }, (_, i) => 4 + i * 5 % 9), bounds = [6, 9, 12];
    const batches: unknown = bucketBatches([...lengths], { bounds, batchSize: 4 });
    expectList(batches, "the batches");
    const indices = Array.from(batches, (batch) => {
      expectList(batch, "each batch");
      return Array.from(batch, Number);
    });
    expectEveryIndex(indices, lengths, bounds);
    expectPure(indices, lengths, bounds);
    expectFull(indices, lengths, bounds);
    let hasThrown = false;
    try {
      bucketBatches([5, 13], { bounds, batchSize: 4 });
    } catch (error) {
      hasThrown = error instanceof RangeError;
    }
    expectThat(hasThrown, "expected a RangeError for length 13 above the last bound 12, got none", [
      { when: true, says: "an example without a bucket is lost silently: throw" },
    ]);
  });
}

function bucketOf(length: number | undefined, bounds: readonly number[]): number {
  return bounds.findIndex((bound) => (length ?? Infinity) <= bound);
}

function expectEveryIndex(
  batches: readonly (readonly number[])[],
  lengths: readonly number[],
  bounds: readonly number[],
): void {
  const got = batches.flat(), size = lengths.length;
  const lost = lengths.flatMap((_, i) => got.includes(i) ? [] : [i]);
  const isOnBound = lost.every((i) => bounds.includes(lengths[i] ?? 0));
  const areLengths = got.length === size && got.every((value) => lengths.includes(value));
  const isShort = lost.length > 0 && batches.every((batch) => batch.length === 4);
  expectThat(
    got.length === size && lost.length === 0,
    `expected each of ${size} indices once, got ${got.length}, without ${lost.slice(0, 6)}`,
    [
      { when: areLengths, says: "these are lengths: a batch holds the examples' indices" },
      {
        when: lost.length > 0 && isOnBound,
        says: "what lies on a bound is lost: bounds are inclusive, length <= bound",
      },
      {
        when: isShort,
        says: "the last batch of a bucket is dropped: a smaller one is a batch too",
      },
      {
        when: lost.length === 0,
        says: "an example is in several buckets: take the first that fits",
      },
    ],
  );
}

function expectPure(
  batches: readonly (readonly number[])[],
  lengths: readonly number[],
  bounds: readonly number[],
): void {
  const lengthsOf = (batch: readonly number[]) => batch.map((i) => lengths[i]);
  const mixed = batches.find((batch) =>
    new Set(lengthsOf(batch).map((length) => bucketOf(length, bounds))).size > 1
  );
  const exclusive = bounds.with(-1, Infinity); // whoever writes < keeps the longest all the same
  const isOnBound = batches.every((batch) =>
    new Set(lengthsOf(batch).map((length) => exclusive.findIndex((bound) => (length ?? 0) < bound)))
      .size === 1
  );
  const ordered = batches.flatMap(lengthsOf);
  const isSorted = ordered.every((length, i) => (ordered[i - 1] ?? 0) <= (length ?? 0));
  expectThat(
    mixed === undefined,
    `expected lengths of one bucket in a batch (bounds ${bounds}), got ${lengthsOf(mixed ?? [])}`,
    [
      { when: isOnBound, says: "a bound belongs to its bucket: length <= bound, not <" },
      { when: isSorted, says: "sorted and cut: a batch runs over a bound; cut each bucket alone" },
      { when: true, says: "the buckets are not kept apart: collect first, cut afterwards" },
    ],
  );
}

function expectFull(
  batches: readonly (readonly number[])[],
  lengths: readonly number[],
  bounds: readonly number[],
): void {
  const sizes = batches.map((batch) => batch.length);
  expectThat(sizes.every((size) => size > 0), `expected no empty batch, got sizes ${sizes}`, [
    { when: true, says: "a bucket that is full to the last batch leaves nothing: stop before" },
  ]);
  const needed = bounds.map((_, k) =>
    Math.ceil(lengths.filter((length) => bucketOf(length, bounds) === k).length / 4)
  ).reduce((sum, count) => sum + count, 0);
  const isLarge = sizes.some((size) => size > 4);
  expectThat(
    batches.length === needed && !isLarge,
    `expected ${needed} batches of at most 4, got sizes ${sizes}`,
    [
      { when: isLarge, says: "a whole bucket is one batch: cut it into batchSize pieces" },
      { when: true, says: "batches are cut before they are full" },
    ],
  );
}
