import { assert, assertEquals, assertThrows } from "@std/assert";
import { createDataLoader, createDataset, shareBatch } from "lib/data/mod.ts";

const encoder = {
  encode: (text: string) => Int32Array.of(1, ...text.split(" ").map(Number), 2),
};

/** Sentences of 1 to 4 words in batches of 5 rows, the last one short. */
const loader = createDataLoader(
  createDataset(Array.from({ length: 13 }, (_, i) => Array(1 + i % 4).fill(`${10 + i}`)), encoder),
  { batchSize: 5, seed: 3, padTo: 5, fillRows: true },
);

/** The rows of a batch that hold a sentence: ids, mask and labels. */
function rowsOf({ ids, mask, labels, shape: [B, T] }: ReturnType<typeof shareBatch>): string[] {
  return Array.from(
    { length: B },
    (_, row) => [ids, mask, labels].map((values) => [...values.subarray(row * T, (row + 1) * T)]),
  )
    .filter(([, mask]) => mask?.includes(1))
    .map((row) => JSON.stringify(row));
}

Deno.test("shareBatch() gives each row to one rank, also of a short batch", () => {
  for (const ranks of [1, 2, 3, 4, 5, 7]) {
    for (const batch of loader.batches().take(loader.batchesPerEpoch)) {
      const shares = Array.from({ length: ranks }, (_, rank) => shareBatch(batch, { rank, ranks }));
      const rows = Math.ceil(5 / ranks);
      assert(shares.every(({ shape }) => `${shape}` === `${rows},5`), "one shape for all ranks");
      assertEquals(shares.flatMap(rowsOf).sort(), rowsOf(batch).sort());
      assertEquals(
        shares.flatMap(({ indices }) => indices).sort(),
        batch.indices.toSorted(),
      );
      assertEquals(shares.reduce((sum, { targets }) => sum + targets, 0), batch.targets);
      const counts = shares.map(({ indices }) => indices.length);
      assert(Math.max(...counts) - Math.min(...counts) <= 1, `even: ${counts}`);
      for (const share of shares) {
        assertEquals([share.cursor, share.next], [batch.cursor, batch.next]);
        for (const [row, index] of share.indices.entries()) {
          assertEquals(share.ids[5 * row + 1] === 10 + index, batch.shape[1] > 1, "rows in order");
        }
      }
    }
  }
});

Deno.test("shareBatch() refuses a rank that there is not", () => {
  const [batch] = loader.batches();
  assert(batch !== undefined);
  for (const rank of [-1, 2, 0.5, NaN]) {
    assertThrows(
      () => shareBatch(batch, { rank, ranks: 2 }),
      RangeError,
      `Cannot share a batch: expected a rank from 0 to 1, got ${rank}`,
    );
  }
});
