import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Batch,
  createDataLoader,
  type Cursor,
  type DataLoader,
  type DataLoaderOptions,
  IGNORE_INDEX,
} from "lib/data/mod.ts";
import { epochOf, exampleDataset } from "./_loader.ts";

function take(loader: DataLoader, count: number, from?: Cursor): Batch[] {
  return loader.batches(from).take(count).toArray();
}

function settings(): DataLoaderOptions[] {
  const result: DataLoaderOptions[] = [];
  for (const batchSize of [1, 3, 8, 64]) {
    for (const shuffle of [true, false]) {
      for (const padTo of ["longest", 12, [4, 9]] as const) {
        for (const dropLast of [false, true]) {
          result.push({ batchSize, shuffle, padTo, dropLast, seed: 7 });
          const others = { buckets: [3, 6, 9], batchesPerStep: 2 };
          result.push({ batchSize, shuffle, padTo, dropLast, seed: 7, ...others });
          const fixed = { padTo: [3, 6, 9], fillRows: true, stratified: true, dropLast: false };
          result.push({ batchSize, shuffle, seed: 7, ...others, ...fixed });
        }
      }
    }
  }
  return result;
}

/** The T that a batch should have whose longest example needs `longest` positions. */
function firstFrom(longest: number, padTo: DataLoaderOptions["padTo"] = "longest"): number {
  if (padTo === "longest") return longest;
  return typeof padTo === "number" ? padTo : padTo.find((length) => length >= longest) ?? NaN;
}

Deno.test("DataLoader gives every example exactly once an epoch, on all settings", () => {
  const dataset = exampleDataset(77), all = Array.from({ length: 77 }, (_, i) => i);
  for (const options of settings().filter(({ dropLast }) => !dropLast)) {
    const loader = createDataLoader(dataset, options);
    for (const epoch of [0, 1, 5]) {
      const indices = epochOf(loader, epoch).flatMap((batch) => batch.indices);
      assertEquals(indices.sort((a, b) => a - b), all, JSON.stringify(options));
    }
  }
});

Deno.test("DataLoader with dropLast leaves out less than a batch a bucket, and repeats none", () => {
  const dataset = exampleDataset(77);
  for (const options of settings().filter(({ dropLast }) => dropLast)) {
    const { batchSize, buckets = [Infinity] } = options;
    if (batchSize === 64 && options.buckets !== undefined) continue; // no bucket has 64: refused
    const batches = epochOf(createDataLoader(dataset, options));
    const indices = batches.flatMap((batch) => batch.indices);
    assert(batches.every((batch) => batch.indices.length === batchSize));
    assertEquals(new Set(indices).size, indices.length);
    assertLess(77 - indices.length, 1 + buckets.length * (batchSize - 1));
  }
});

Deno.test("DataLoader's rows are the examples that indices names, on all settings", () => {
  const dataset = exampleDataset(77);
  for (const options of settings().filter(({ batchSize }) => batchSize !== 64)) {
    for (const batch of epochOf(createDataLoader(dataset, options))) {
      const [B, T] = batch.shape;
      assertEquals([batch.ids.length, batch.mask.length, batch.labels.length], [
        B * T,
        B * T,
        B * T,
      ]);
      assert(options.fillRows ? B >= batch.indices.length : B === batch.indices.length);
      const longest = Math.max(...batch.indices.map((index) => (dataset.lengths[index] ?? 0) - 1));
      if (batch.indices.length > 0) assertEquals(T, firstFrom(longest, options.padTo));
      for (const [row, index] of batch.indices.entries()) {
        const labels = [...batch.labels.subarray(row * T, (row + 1) * T)];
        assertEquals(
          labels.filter((label) => label !== IGNORE_INDEX),
          [...dataset.at(index)].slice(1),
        );
      }
      assertEquals(batch.targets, batch.mask.reduce((sum, one) => sum + one, 0));
    }
  }
});

Deno.test("DataLoader goes on from any cursor exactly as it would have, over epochs", () => {
  const dataset = exampleDataset(30);
  for (const options of settings().filter(({ batchSize }) => batchSize === 8)) {
    const loader = createDataLoader(dataset, options), total = 3 * loader.batchesPerEpoch;
    const whole = take(loader, total);
    for (let cut = 0; cut < total - 1; cut++) {
      const saved: Cursor = JSON.parse(JSON.stringify(whole[cut]?.next));
      const fresh = createDataLoader(exampleDataset(30), options);
      assertEquals(take(fresh, total - cut - 1, saved), whole.slice(cut + 1));
      assertEquals(take(fresh, 1, whole[cut]?.cursor), whole.slice(cut, cut + 1));
    }
  }
});

Deno.test("DataLoader marks places and ends of epochs", () => {
  const loader = createDataLoader(exampleDataset(10), { batchSize: 4, seed: 1 });
  assertEquals(loader.batchesPerEpoch, 3);
  assertEquals(
    take(loader, 4).map(({ cursor, next, isLastOfEpoch }) => ({ cursor, next, isLastOfEpoch })),
    [
      { cursor: { epoch: 0, batch: 0 }, next: { epoch: 0, batch: 1 }, isLastOfEpoch: false },
      { cursor: { epoch: 0, batch: 1 }, next: { epoch: 0, batch: 2 }, isLastOfEpoch: false },
      { cursor: { epoch: 0, batch: 2 }, next: { epoch: 1, batch: 0 }, isLastOfEpoch: true },
      { cursor: { epoch: 1, batch: 0 }, next: { epoch: 1, batch: 1 }, isLastOfEpoch: false },
    ],
  );
});

Deno.test("DataLoader shuffles anew each epoch, by the seed, or not at all", () => {
  const dataset = exampleDataset(40);
  const order = (options: Partial<DataLoaderOptions>, epoch: number) =>
    epochOf(createDataLoader(dataset, { batchSize: 4, seed: 1, ...options }), epoch)
      .flatMap((batch) => batch.indices);
  assertEquals(order({}, 3), order({}, 3));
  assertNotEquals(order({}, 0), order({}, 1));
  assertNotEquals(order({}, 0), order({ seed: 2 }, 0));
  assertNotEquals(order({}, 0), Array.from({ length: 40 }, (_, i) => i));
  assertEquals(order({ shuffle: false }, 2), Array.from({ length: 40 }, (_, i) => i));
});

Deno.test("DataLoader.sequential() is one pass in order, with dropLast too", () => {
  const options = { batchSize: 4, seed: 1, dropLast: true, buckets: [5, 9] };
  const batches = [...createDataLoader(exampleDataset(10), options).sequential()];
  assertEquals(batches.map(({ indices }) => indices), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]);
  assertEquals(batches.map(({ isLastOfEpoch }) => isLastOfEpoch), [false, false, true]);
});

Deno.test("DataLoader.sequential() pads to given lengths and rows as an epoch does", () => {
  const options = { batchSize: 4, seed: 1, padTo: [5, 9], fillRows: true };
  const batches = [...createDataLoader(exampleDataset(10), options).sequential()];
  assertEquals(batches.map(({ shape }) => shape), [[4, 9], [4, 9], [4, 9]]);
  const few = [...createDataLoader(exampleDataset(1), options).sequential()];
  assertEquals(few.map(({ shape }) => shape), [[1, 5]]);
});

Deno.test("createDataLoader() pads with padId, by default 0", () => {
  const dataset = exampleDataset(2), options = { batchSize: 2, seed: 1, shuffle: false };
  assertEquals([...take(createDataLoader(dataset, options), 1)[0]?.ids.subarray(2, 4) ?? []], [
    0,
    0,
  ]);
  const [batch] = take(createDataLoader(dataset, { ...options, padId: 3 }), 1);
  assertEquals([...batch?.ids.subarray(2, 4) ?? []], [3, 3]);
});

Deno.test("createDataLoader() refuses settings that cannot be", () => {
  const dataset = exampleDataset(8);
  const refuse = (options: Partial<DataLoaderOptions>, text: string) =>
    assertThrows(
      () => createDataLoader(dataset, { batchSize: 4, seed: 1, ...options }),
      RangeError,
      `Cannot load data: expected ${text}`,
    );
  for (const batchSize of [0, 2.5, NaN]) {
    refuse({ batchSize }, `a batch size from 1, got ${batchSize}`);
  }
  refuse({ buckets: [] }, "rising bucket bounds, got []");
  refuse({ buckets: [5, 5, 9] }, "rising bucket bounds, got [5,5,9]");
  const lengths = 'padTo "longest" or rising lengths from 1 to';
  refuse({ padTo: 0 }, `${lengths} Infinity, got 0`);
  refuse({ padTo: 20, maxLength: 16 }, `${lengths} 16, got 20`);
  refuse({ padTo: [12, 20], maxLength: 16 }, `${lengths} 16, got [12,20]`);
  refuse({ padTo: [9, 9] }, `${lengths} Infinity, got [9,9]`);
  refuse({ padTo: [] }, `${lengths} Infinity, got []`);
  for (const batchesPerStep of [0, 1.5, NaN]) {
    refuse({ batchesPerStep }, `batches per step from 1, got ${batchesPerStep}`);
  }
  const long = "examples of at most 8 positions, got 9 in example 1; nothing is cut off";
  refuse({ buckets: [4, 8] }, long);
  refuse({ padTo: 8 }, long);
  refuse({ padTo: [4, 8] }, long);
  refuse({ maxLength: 8 }, long);
  for (const padId of [-1, 0.5, NaN]) refuse({ padId }, `padId to be an id from 0, got ${padId}`);
  refuse({ maxLength: NaN }, "examples of at most NaN positions");
  refuse({ padTo: 20, maxLength: NaN }, 'padTo "longest" or rising lengths from 1 to NaN, got 20');
  refuse(
    { batchSize: 9, dropLast: true },
    "a full batch of 9 examples in some bucket, got 8 examples; make the batch smaller, " +
      "or keep short batches",
  );
});

Deno.test("DataLoader.batches() refuses a cursor that is no place, before the first batch", () => {
  const loader = createDataLoader(exampleDataset(8), { batchSize: 4, seed: 1 });
  for (const from of [{ epoch: 0, batch: 2 }, { epoch: -1, batch: 0 }, { epoch: 0.5, batch: 0 }]) {
    assertThrows(
      () => loader.batches(from),
      RangeError,
      "Cannot go on from a cursor: expected an epoch from 0 and a batch below 2, got " +
        JSON.stringify(from),
    );
  }
});

Deno.test("createDataLoader() makes a batch of 200,000 examples", () => {
  const example = Int32Array.of(1, 4, 2), size = 200_000;
  const dataset = { size, lengths: new Array<number>(size).fill(3), at: () => example };
  const [batch] = createDataLoader(dataset, { batchSize: size, seed: 1 }).batches();
  assertEquals(batch?.shape, [size, 2]);
});
