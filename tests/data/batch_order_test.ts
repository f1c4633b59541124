import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { type Batch, createDataLoader } from "lib/data/mod.ts";
import { epochOf, exampleDataset } from "./_loader.ts";

Deno.test("DataLoader's buckets keep lengths apart, mix the batches' order, and save pads", () => {
  const dataset = exampleDataset(400), buckets = [3, 6, 9];
  const bucketOf = (index: number) =>
    buckets.findIndex((bound) => (dataset.lengths[index] ?? 0) - 1 <= bound);
  const batches = epochOf(createDataLoader(dataset, { batchSize: 8, seed: 1, buckets }));
  const order = batches.map(({ indices }) => bucketOf(indices[0] ?? -1));
  for (const [i, { indices }] of batches.entries()) {
    assertEquals(new Set(indices.map(bucketOf)), new Set([order[i] ?? -1]));
  }
  assertNotEquals([...order].sort(), order);
  const cells = (all: Batch[]) => all.reduce((sum, { ids }) => sum + ids.length, 0);
  assertLess(cells(batches), cells(epochOf(createDataLoader(dataset, { batchSize: 8, seed: 1 }))));
});

Deno.test("DataLoader with fillRows gives a bucket's batches one shape, and no more rows than examples", () => {
  const dataset = exampleDataset(77), buckets = [3, 6, 9], padTo = buckets;
  for (const batchSize of [4, 10, 25, 100_000]) {
    const loader = createDataLoader(dataset, {
      batchSize,
      seed: 7,
      buckets,
      padTo,
      fillRows: true,
    });
    const full = createDataLoader(dataset, { batchSize, seed: 7, buckets, padTo });
    const batches = epochOf(loader), unfilled = epochOf(full);
    assertEquals(batches.map(({ indices }) => indices), unfilled.map(({ indices }) => indices));
    for (const [place, bound] of buckets.entries()) {
      const ofBucket = batches.filter(({ shape }) => shape[1] === bound);
      const examples = ofBucket.flatMap(({ indices }) => indices).length;
      assert(examples > 0, `bucket ${place}`);
      const rows = Math.min(batchSize, examples);
      assertEquals(new Set(ofBucket.map(({ shape }) => shape[0])), new Set([rows]));
    }
    for (const [i, batch] of batches.entries()) {
      const cells = unfilled[i]?.ids.length ?? 0;
      assertEquals(batch.ids.subarray(0, cells), unfilled[i]?.ids);
      assertEquals(batch.labels.subarray(0, cells), unfilled[i]?.labels);
      assert(batch.mask.subarray(cells).every((one) => one === 0));
      assertEquals(batch.targets, unfilled[i]?.targets);
    }
  }
});

Deno.test("DataLoader makes steps of batches of one bucket, and only a bucket's last step is shorter", () => {
  const dataset = exampleDataset(200), buckets = [3, 6, 9], seed = 3;
  for (const batchesPerStep of [1, 3, 4]) {
    const options = { batchSize: 8, seed, buckets, padTo: buckets, batchesPerStep };
    const loader = createDataLoader(dataset, options), steps: Batch[][] = [[]];
    for (const batch of epochOf(loader, 2)) {
      steps.at(-1)?.push(batch);
      if (batch.isLastOfStep && !batch.isLastOfEpoch) steps.push([]);
    }
    assertEquals(steps.length, loader.stepsPerEpoch);
    assert(steps.at(-1)?.at(-1)?.isLastOfStep);
    for (const step of steps) assertEquals(new Set(step.map(({ shape }) => shape[1])).size, 1);
    const short = steps.filter((step) => step.length !== batchesPerStep);
    assert(short.every((step) => step.length < batchesPerStep));
    const lengths = short.map(([batch]) => batch?.shape[1]);
    assertEquals(new Set(lengths).size, lengths.length, "one a bucket");
  }
});

Deno.test("DataLoader with stratified gives each step every bucket's share, in one shape a bucket", () => {
  const dataset = exampleDataset(203), buckets = [3, 6, 9];
  const shares = buckets.map((bound, i) =>
    dataset.lengths.filter((n) => n - 1 <= bound && n - 1 > (buckets[i - 1] ?? 0)).length / 203
  );
  for (const batchSize of [1, 2, 16, 64, 500]) {
    for (const batchesPerStep of [1, 3]) {
      const options = {
        batchSize,
        seed: 3,
        buckets,
        padTo: buckets,
        fillRows: true,
        batchesPerStep,
      };
      const loader = createDataLoader(dataset, { ...options, stratified: true });
      const rounds = Math.ceil(203 / batchSize), epoch = epochOf(loader, 1);
      assertEquals(loader.batchesPerEpoch, 3 * rounds);
      assertEquals(loader.stepsPerEpoch, Math.ceil(rounds / batchesPerStep));
      for (const [i, { shape, indices, isLastOfStep }] of epoch.entries()) {
        const most = Math.ceil(203 * (shares[i % 3] ?? 0) / rounds - 1e-9);
        assertEquals(shape, [most, buckets[i % 3] ?? NaN]);
        assert(indices.length === most || indices.length === most - 1, `${indices.length}`);
        const isEnd = (i + 1) % (3 * batchesPerStep) === 0 || i === epoch.length - 1;
        assertEquals(isLastOfStep, isEnd);
      }
    }
  }
});

Deno.test("DataLoader with stratified and one bucket is the loader without buckets", () => {
  const dataset = exampleDataset(77), options = { batchSize: 8, seed: 3, batchesPerStep: 2 };
  const stratified = createDataLoader(dataset, { ...options, buckets: [9], stratified: true });
  assertEquals(epochOf(stratified), epochOf(createDataLoader(dataset, options)));
});
