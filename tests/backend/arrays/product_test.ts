import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { addProduct, batchPlaces, productOf } from "lib/backend/arrays/product.ts";
import { addSegments, segmentSumShape } from "lib/backend/arrays/segment_sum.ts";
import { Random } from "lib/core/mod.ts";

function drawn(size: number, random: Random): Float32Array {
  return Float32Array.from({ length: size }, () => random.uniform() - 0.5);
}

Deno.test("addProduct() adds what each row and column come to, whatever the sizes", () => {
  const random = new Random(1);
  for (let round = 0; round < 60; round++) {
    const rows = random.integer(5), inner = random.integer(11), columns = random.integer(6);
    const a = drawn(rows * inner, random), b = drawn(inner * columns, random);
    const out = new Float32Array(rows * columns).fill(2);
    addProduct({ rows, inner, columns }, { a, b, out });
    out.forEach((value, place) => {
      const row = Math.floor(place / columns), column = place % columns;
      const sum = Array.from({ length: inner }, (_, k) => k)
        .reduce((sum, k) => sum + a[row * inner + k]! * b[k * columns + column]!, 2);
      assertAlmostEquals(value, sum, 2e-6);
    });
  }
});

Deno.test("batchPlaces() spreads a batch over the whole one, axis by axis", () => {
  const places = (own: number[], whole: number[], count: number) =>
    Array.from({ length: count }, (_, i) => batchPlaces(own, whole)(i));
  assertEquals(places([2, 3], [2, 3], 6), [0, 1, 2, 3, 4, 5]);
  assertEquals(places([2, 1], [2, 3], 6), [0, 0, 0, 1, 1, 1]);
  assertEquals(places([3], [2, 3], 6), [0, 1, 2, 0, 1, 2]);
  assertEquals(places([], [2, 2], 4), [0, 0, 0, 0]);
  assertEquals(places([2, 1, 2], [2, 2, 2], 8), [0, 1, 0, 1, 2, 3, 2, 3]);
});

function info(shape: number[], dtype: "float32" | "int32" = "float32") {
  return { dataId: {}, shape, dtype };
}

Deno.test("productOf() names inner sizes that differ", () => {
  const transposes = { transposeA: true, transposeB: false };
  assertEquals(productOf(info([4, 5]), info([4, 3]), transposes), {
    rows: 5,
    inner: 4,
    columns: 3,
  });
  assertThrows(
    () => productOf(info([4, 5]), info([5, 3]), transposes),
    TypeError,
    "expected inner sizes that are equal, got [4,5] and [5,3] with transposeA=true",
  );
});

Deno.test("addSegments() adds rows by their ids, and leaves out what has no place", () => {
  const segments = { x: info([2, 3, 2]), segmentIds: info([2, 3], "int32"), numSegments: 3 };
  const shape = segmentSumShape(segments), sums = new Float32Array(6).fill(9);
  assertEquals(shape, [3, 2]);
  const rows = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  addSegments(rows, Int32Array.of(2, 0, 2, -1, 3, 0), { sums, shape });
  assertEquals([...sums], [3 + 11, 4 + 12, 0, 0, 1 + 5, 2 + 6]);
  assertThrows(
    () => segmentSumShape({ ...segments, segmentIds: info([3], "int32") }),
    TypeError,
    "expected ids int32 of the first axes of [2,3,2], got int32 [3]",
  );
});
