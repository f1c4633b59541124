import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { classPurity } from "lib/analysis/mod.ts";
import { Random } from "lib/core/mod.ts";

/** 10 classes of 12 vectors around centres; `spread` is how far they lie from these. */
function clusters(spread: number, seed: number) {
  const random = new Random(seed), normal = () => random.normal();
  const labels = Array.from({ length: 120 }, (_, i) => i % 10);
  const centers = Array.from({ length: 10 }, () => Array.from({ length: 16 }, normal));
  const vectors = labels.map((label) =>
    (centers[label] ?? []).map((value) => value + spread * normal())
  );
  return { vectors, labels };
}

/** What shuffled labels give on average: another vector is of one's class this often. */
function exactChance(labels: readonly number[]): number {
  const sizes = [...new Set(labels)].map((label) =>
    labels.filter((other) => other === label).length
  );
  const n = labels.length;
  return sizes.reduce((sum, size) => sum + size * (size - 1), 0) / (n * (n - 1));
}

Deno.test("classPurity() counts neighbours of the same class, as by hand", () => {
  // On a circle at 0, 1, 2, 4, 5 degrees: the nearest of each is 1, 0 or 2, 1, 4 and 3.
  const vectors = [0, 1, 2.5, 40, 41].map((degrees) => {
    const angle = degrees * Math.PI / 180;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const purity = (labels: string[]) => classPurity(vectors, labels, { neighbors: 1 }).purity;
  assertEquals(purity(["a", "a", "a", "b", "b"]), 1);
  assertEquals(purity(["a", "a", "b", "b", "b"]), 4 / 5);
  assertEquals(purity(["a", "b", "a", "b", "a"]), 0);
});

Deno.test("classPurity() has the baseline that combinatorics gives", () => {
  const { vectors, labels } = clusters(1, 1);
  const uneven = labels.map((label) => label < 4 ? 0 : label);
  for (const classes of [labels, uneven]) {
    const { baseline } = classPurity(vectors, classes, { permutations: 2000 });
    // 5 standard errors of 2000 shuffles, whose spread is about 0.011.
    assertAlmostEquals(baseline.mean, exactChance(classes), 5 * 0.011 / Math.sqrt(2000));
    assert(baseline.percentile99 > baseline.mean && baseline.highest >= baseline.percentile99);
  }
});

Deno.test("classPurity() finds clusters, and takes none for one where there is none", () => {
  const tight = classPurity(clusters(0.2, 2).vectors, clusters(0.2, 2).labels);
  assert(tight.purity > 0.95 && tight.purity > tight.baseline.highest);
  assertEquals(tight.pValue, 1 / 1001);
  // Without classes p is uniform: of 40 draws 2 lie below 0.05 on average, 8 almost never.
  const pValues = Array.from({ length: 40 }, (_, seed) => {
    const { vectors, labels } = clusters(1, seed);
    const shuffled = new Random(1000 + seed).shuffle(labels);
    return classPurity(vectors, shuffled, { permutations: 100, seed }).pValue;
  });
  assert(pValues.filter((p) => p <= 0.05).length <= 7, String(pValues));
});

Deno.test("classPurity() depends on the seed in its baseline alone, and on equal seeds not at all", () => {
  const { vectors, labels } = clusters(1, 3);
  const run = (seed: number) => classPurity(vectors, labels, { seed, permutations: 50 });
  assertEquals(run(1), run(1));
  assertEquals(run(1).purity, run(2).purity);
  assert(run(1).baseline.mean !== run(2).baseline.mean);
});

Deno.test("classPurity() refuses labels and settings that do not fit", () => {
  const vectors = [[1, 0], [0, 1], [1, 1]], labels = ["a", "a", "b"];
  const message = (act: () => unknown) => assertThrows(act, Error).message;
  assertEquals(
    message(() => classPurity(vectors, ["a"])),
    "Cannot measure purity: expected 3 labels, got 1",
  );
  assertEquals(
    message(() => classPurity(vectors, labels)),
    "Cannot measure purity: expected a number of neighbors from 1 to 2, got 10",
  );
  assertEquals(
    message(() => classPurity(vectors, labels, { neighbors: 1, permutations: 0 })),
    "Cannot measure purity: expected a number of permutations from 1, got 0",
  );
});
