import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { pca } from "lib/analysis/mod.ts";
import { Random } from "lib/core/mod.ts";

/** Rounding of float64 sums over a few hundred products. */
const ROUNDING = 1e-10;

/** Vectors whose entries hang together. */
function drawn(count: number, size: number, seed = 1): number[][] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const shared = random.normal();
    return Array.from({ length: size }, (_, i) => 5 + i * shared + random.normal() / (i + 1));
  });
}

const product = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

Deno.test("pca() finds what an ellipse gives by hand", () => {
  // Along (3, 4) / 5 at ±10, across it at ±5: variances 200 / 3 and 50 / 3.
  const along = [6, 8], across = [-4, 3];
  const vectors = [along, along.map((x) => -x), across, across.map((x) => -x)]
    .map(([x = 0, y = 0]) => [x + 7, y - 2]);
  const found = pca(vectors);
  const near = (actual: readonly number[] | undefined, expected: number[]) =>
    expected.forEach((value, i) => assertAlmostEquals(actual?.[i] ?? NaN, value, ROUNDING));
  near(found.mean, [7, -2]);
  near(found.components[0], [0.6, 0.8]);
  near(found.components[1], [0.8, -0.6]); // the larger entry is positive
  near(found.variances, [200 / 3, 50 / 3]);
  near(found.explained, [0.8, 0.2]);
  near(found.points[0], [10, 0]);
  near(found.points[2], [0, -5]);
});

Deno.test("pca() with all components is exact: orthonormal, uncorrelated, and gives the vectors back", () => {
  for (const [count, size] of [[40, 6], [5, 8], [300, 30]] as const) {
    const vectors = drawn(count, size), found = pca(vectors, { components: size });
    for (const [i, a] of found.components.entries()) {
      for (const [j, b] of found.components.entries()) {
        assertAlmostEquals(product(a, b), i === j ? 1 : 0, ROUNDING);
        const covariance = found.points.reduce((sum, p) => sum + (p[i] ?? 0) * (p[j] ?? 0), 0) /
          (count - 1);
        const scale = found.variances[0] ?? 1;
        assertAlmostEquals(
          covariance / scale,
          i === j ? (found.variances[i] ?? 0) / scale : 0,
          ROUNDING,
        );
      }
    }
    assertAlmostEquals(found.explained.reduce((sum, share) => sum + share, 0), 1, ROUNDING);
    assertEquals(found.variances, found.variances.toSorted((a, b) => b - a));
    for (const [row, vector] of vectors.entries()) {
      for (const [column, value] of vector.entries()) {
        const back = (found.mean[column] ?? 0) + found.components.reduce(
          (sum, direction, k) => sum + (direction[column] ?? 0) * (found.points[row]?.[k] ?? 0),
          0,
        );
        assertAlmostEquals(back, value, 1e-8);
      }
    }
  }
});

Deno.test("pca() has one sign for each direction: that of its largest entry", () => {
  const vectors = drawn(50, 6), found = pca(vectors, { components: 6 });
  const mirrored = pca(vectors.map((vector) => vector.map((value) => -value)), { components: 6 });
  for (const [k, direction] of found.components.entries()) {
    const largest = direction.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
    assert(largest > 0);
    direction.forEach((value, i) =>
      assertAlmostEquals(mirrored.components[k]?.[i] ?? NaN, value, 1e-8)
    );
  }
  // Two entries of one size: the first is the one that counts, whatever rounding makes of them.
  const [first] = pca([[0, 0], [1, -1], [3, -3]]).components;
  assertAlmostEquals(first?.[0] ?? NaN, Math.SQRT1_2, ROUNDING);
  assertAlmostEquals(first?.[1] ?? NaN, -Math.SQRT1_2, ROUNDING);
});

Deno.test("pca() of equal vectors finds no variance, and no NaN", () => {
  const { variances, explained, points } = pca([[1, 2], [1, 2], [1, 2]]);
  assertEquals([variances, explained], [[0, 0], [0, 0]]);
  assertEquals(points.flat().map(Math.abs), [0, 0, 0, 0, 0, 0]);
});

Deno.test("pca() refuses one vector, too many components, and what is not finite", () => {
  const message = (act: () => unknown) => assertThrows(act, Error).message;
  assertEquals(
    message(() => pca([[1, 2]])),
    "Cannot find components: expected a number of vectors from 2, got 1",
  );
  assertEquals(
    message(() => pca([[1, 2], [3, 4]], { components: 3 })),
    "Cannot find components: expected a number of components from 1 to 2, got 3",
  );
  assertEquals(
    message(() => pca([[1, 2], [3, Infinity]])),
    "Cannot find components: expected finite numbers, got Infinity at 1",
  );
});
