import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  type Batch,
  createDataLoader,
  createDataset,
  createGrammar,
  type Curriculum,
  type DataLoaderOptions,
  difficultyOf,
  generateCorpus,
  pacedShare,
} from "lib/data/mod.ts";
import { epochOf, exampleDataset } from "./_loader.ts";

const SIZE = 203, BATCH = 16;
const dataset = exampleDataset(SIZE);
const pacing = { kind: "linear", start: 0.2, steps: 20 } as const;
const byLength: Curriculum = { difficulty: dataset.lengths, order: "easy-first", pacing };

function loaderOf(curriculum: Curriculum, options: Partial<DataLoaderOptions> = {}) {
  return createDataLoader(dataset, { batchSize: BATCH, seed: 4, curriculum, ...options });
}

function take(loader: ReturnType<typeof loaderOf>, count: number, from?: Batch["cursor"]): Batch[] {
  const batches = loader.batches(from);
  return Array.from({ length: count }, () => batches.next().value);
}

Deno.test("DataLoader with a curriculum draws from the easiest, or the hardest, as many as the pacing says", () => {
  for (const order of ["easy-first", "hard-first"] as const) {
    const sorted = dataset.lengths.toSorted((a, b) => order === "easy-first" ? a - b : b - a);
    for (const [step, { indices }] of take(loaderOf({ ...byLength, order }), 30).entries()) {
      const pool = Math.max(BATCH, Math.round(pacedShare(pacing, step) * SIZE));
      const last = sorted[pool - 1] ?? NaN;
      for (const index of indices) {
        const length = dataset.lengths[index] ?? NaN;
        assert(order === "easy-first" ? length <= last : length >= last, `step ${step}`);
      }
      assertEquals(new Set(indices).size, indices.length, "none twice in a batch");
    }
  }
});

Deno.test("DataLoader with a curriculum of random order keeps the pacing, and not the lengths", () => {
  const random = take(loaderOf({ ...byLength, order: "random" }), 5).flatMap(({ indices }) =>
    indices
  );
  assert(new Set(random).size <= Math.round(pacedShare(pacing, 4) * SIZE));
  assert(new Set(random.map((index) => dataset.lengths[index])).size > 4, "lengths of all kinds");
});

Deno.test("DataLoader with a curriculum makes whole passes once all take part, each in its own order", () => {
  const loader = loaderOf(byLength),
    plain = createDataLoader(dataset, { batchSize: BATCH, seed: 4 });
  assertEquals(loader.batchesPerEpoch, plain.batchesPerEpoch);
  const epochs = [2, 3].map((epoch) => epochOf(loader, epoch).flatMap(({ indices }) => indices));
  for (const epoch of epochs) {
    assertEquals(epoch.toSorted((a, b) => a - b), [...Array(SIZE).keys()]);
  }
  assertNotEquals(epochs[0], epochs[1]);
});

Deno.test("DataLoader with a curriculum draws nobody again before all that take part were drawn", () => {
  const still: Curriculum = { ...byLength, pacing: { kind: "step", start: 0.25, steps: 1000 } };
  const drawn = epochOf(loaderOf(still)).flatMap(({ indices }) => indices);
  const counts = new Map<number, number>();
  for (const index of drawn) counts.set(index, (counts.get(index) ?? 0) + 1);
  assertEquals(counts.size, Math.round(0.25 * SIZE));
  assert(Math.max(...counts.values()) - Math.min(...counts.values()) <= 1);
});

Deno.test("DataLoader with a curriculum goes on from any cursor with the batches that it would have given", () => {
  for (const order of ["easy-first", "hard-first", "random"] as const) {
    const loader = loaderOf({ ...byLength, order }, { batchesPerStep: 2 }), all = take(loader, 40);
    for (const [place, batch] of all.entries()) {
      const [next] = take(loaderOf({ ...byLength, order }, { batchesPerStep: 2 }), 1, batch.cursor);
      assertEquals(next, all[place]);
    }
  }
});

Deno.test("DataLoader with a curriculum paces by steps, also where a step has several batches", () => {
  const still: Curriculum = { ...byLength, pacing: { kind: "step", start: 0.01, steps: 3 } };
  const batches = epochOf(loaderOf(still, { batchesPerStep: 4 }));
  const steps = [0, 1, 2].map((i) =>
    batches.slice(4 * i, 4 * i + 4).flatMap(({ indices }) => indices)
  );
  // The pool holds no more than a step needs, so the first three steps are all the same examples.
  for (const step of steps) assertEquals(step.toSorted(), steps[0]?.toSorted());
  assertEquals(new Set(steps[0]).size, 4 * BATCH);
});

Deno.test("DataLoader tells the targets of each step as its batches have them", () => {
  const options = { batchSize: BATCH, seed: 4, batchesPerStep: 3, buckets: [3, 6, 9] };
  for (
    const loader of [createDataLoader(dataset, options), loaderOf(byLength, { batchesPerStep: 3 })]
  ) {
    const told = loader.stepTargets(), batches = take(loader, 60);
    let sum = 0;
    for (const { targets, isLastOfStep } of batches) {
      sum += targets;
      if (!isLastOfStep) continue;
      assertEquals(told.next().value, sum);
      sum = 0;
    }
  }
});

Deno.test("DataLoader takes levels as difficulties: simple grammars first, then the others", () => {
  const levels = ["plain", "agreement", "variable"] as const;
  const mixed = levels.flatMap((level, difficulty) =>
    generateCorpus(createGrammar(level), { count: 40, seed: 1 }).map((words) => ({
      words,
      difficulty,
    }))
  );
  const encoder = {
    encode: (text: string) => Int32Array.from([1, ...text.split(" ").map(() => 4), 2]),
  };
  const difficulty = mixed.map((one) => one.difficulty);
  const loader = createDataLoader(createDataset(mixed.map(({ words }) => words), encoder), {
    batchSize: 8,
    seed: 1,
    curriculum: {
      difficulty,
      order: "easy-first",
      pacing: { kind: "linear", start: 1 / 3, steps: 15 },
    },
  });
  const highest = epochOf(loader).map(({ indices }) =>
    Math.max(...indices.map((i) => difficulty[i] ?? NaN))
  );
  assertEquals([highest[0], highest.at(-1)], [0, 2]);
});

Deno.test("DataLoader refuses a curriculum that does not fit", () => {
  const cases: [options: Partial<DataLoaderOptions>, message: string][] = [
    [
      { curriculum: { ...byLength, difficulty: [1, 2] } },
      "a difficulty for each of 203 examples, got 2",
    ],
    [
      { curriculum: { ...byLength, difficulty: dataset.lengths.map(() => NaN) } },
      "203 of them NaN",
    ],
    [
      { curriculum: { ...byLength, pacing: { ...pacing, steps: 0 } } },
      "a number of steps from 1, got 0",
    ],
    [{ curriculum: byLength, buckets: [3, 9] }, "expected no buckets of length, got [3,9]"],
  ];
  for (const [options, message] of cases) {
    assertThrows(
      () => createDataLoader(dataset, { batchSize: 8, seed: 1, ...options }),
      RangeError,
      message,
    );
  }
});

Deno.test("difficultyOf() measures words, distance and rarity, and refuses what orders nothing", () => {
  const variable = createGrammar("variable");
  const adjectives = variable.pattern.flatMap((part) =>
    "words" in part && part.name === "adjective" ? part.words : []
  );
  const ends = [adjectives[0] ?? "", adjectives.at(-1) ?? ""].map((word) => ["The", word]);
  assertEquals(difficultyOf("words", ends, variable).map(Math.round), [0, 1]);
  const sentences = generateCorpus(variable, { count: 100, seed: 1 });
  const clauses = sentences.map((words) => words.filter((word) => word === "that").length);
  assertEquals(difficultyOf("distance", sentences, variable), clauses.map((n) => 1 + 2 * n));
  const lengths = sentences.map((words) => words.length);
  assertEquals(difficultyOf("length", sentences, variable), lengths);
  const plain = createGrammar("plain"), corpus = generateCorpus(plain, { count: 20, seed: 1 });
  for (const kind of ["length", "distance"] as const) {
    const refused = () => difficultyOf(kind, corpus, plain);
    assertThrows(
      refused,
      RangeError,
      `Cannot order sentences by ${kind}: expected some to be more`,
    );
  }
  assertEquals(new Set(difficultyOf("words", corpus, plain)).size > 10, true);
});
