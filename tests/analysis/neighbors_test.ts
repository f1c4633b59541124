import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { cosineSimilarity, nearestNeighbors } from "lib/analysis/mod.ts";
import { Random } from "lib/core/mod.ts";

Deno.test("cosineSimilarity() asks for the angle alone: lengths do not matter, however extreme", () => {
  for (const scale of [1e-200, 1, 1e200]) {
    assertAlmostEquals(cosineSimilarity([3 * scale, 4 * scale], [4, 3]), 24 / 25, 1e-15);
    assertEquals(cosineSimilarity([scale, 0], [-2, 0]), -1);
  }
  assertEquals(cosineSimilarity([0, 0], [1, 2]), 0);
  assertEquals(cosineSimilarity(Float32Array.of(1, 2), [1, 2]) <= 1, true);
});

Deno.test("nearestNeighbors() orders by cosine, equal ones by index, and leaves itself out", () => {
  const vectors = [[1, 0], [0, 5], [2, 2], [-3, 0], [1, 1], [4, 0]];
  assertEquals(nearestNeighbors(vectors, 0).map(({ index }) => index), [5, 2, 4, 1, 3]);
  assertEquals(nearestNeighbors(vectors, 0, { count: 2 }).length, 2);
  assertEquals(nearestNeighbors(vectors, 0, { count: 0 }), []);
  const among = nearestNeighbors(vectors, 0, { among: [3, 0, 1] });
  assertEquals(among, [{ index: 1, cosine: 0 }, { index: 3, cosine: -1 }]);
});

Deno.test("nearestNeighbors() gives each cosine as cosineSimilarity() does", () => {
  const random = new Random(1);
  const vectors = Array.from(
    { length: 20 },
    () => Float32Array.from({ length: 7 }, () => random.normal()),
  );
  for (const { index, cosine } of nearestNeighbors(vectors, 3, { count: 20 })) {
    assertEquals(cosine, cosineSimilarity(vectors[3] ?? [], vectors[index] ?? []));
  }
});

Deno.test("nearestNeighbors() refuses what is no place, no count and no vector", () => {
  const vectors = [[1, 0], [0, 1]];
  const message = (error: new (text: string) => Error, act: () => unknown) =>
    assertThrows(act, error).message;
  assertEquals(
    message(RangeError, () => nearestNeighbors(vectors, 2)),
    "Cannot find neighbors: expected an index from 0 to 1, got 2",
  );
  assertEquals(
    message(RangeError, () => nearestNeighbors(vectors, 0, { among: [-1] })),
    "Cannot find neighbors: expected an index from 0 to 1, got -1",
  );
  assertEquals(
    message(RangeError, () => nearestNeighbors(vectors, 0, { count: 1.5 })),
    "Cannot find neighbors: expected a count from 0, got 1.5",
  );
  assertEquals(
    message(TypeError, () => nearestNeighbors([[1, 0], [0]], 0)),
    "Cannot find neighbors: expected vectors of 2 numbers, got 1 at 1",
  );
  assertEquals(
    message(TypeError, () => cosineSimilarity([1, NaN], [1, 2])),
    "Cannot compare: expected finite numbers, got NaN at 0",
  );
});
