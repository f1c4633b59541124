import { tProbability, tQuantile } from "lib/core/mod.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

Deno.test("tProbability() and tQuantile() match tabulated values", () => {
  // Percentage points of Student's t, two-sided 95 % and 99 %.
  const table: [freedom: number, p95: number, p99: number][] = [
    [1, 12.706204736, 63.656741162],
    [2, 4.302652730, 9.924843201],
    [3, 3.182446305, 5.840909310],
    [4, 2.776445105, 4.604094871],
    [9, 2.262157163, 3.249835542],
    [30, 2.042272456, 2.749995654],
  ];
  for (const [freedom, p95, p99] of table) {
    assertAlmostEquals(tQuantile(0.95, freedom), p95, 1e-8);
    assertAlmostEquals(tQuantile(0.99, freedom), p99, 1e-8);
    assertAlmostEquals(tProbability(p95, freedom), 0.95, 1e-10);
  }
});

Deno.test("tProbability() goes from 0 to 1; tQuantile() is its inverse", () => {
  for (const freedom of [1, 2, 5, 40]) {
    assertEquals(tProbability(0, freedom), 0);
    assertEquals(tProbability(Infinity, freedom), 1);
    assertEquals(tProbability(NaN, freedom), NaN);
    for (const p of [0.01, 0.5, 0.9, 0.999]) {
      assertAlmostEquals(tProbability(tQuantile(p, freedom), freedom), p, 1e-9);
    }
  }
});

Deno.test("tProbability() and tQuantile() refuse what they are not defined for", () => {
  assertThrows(
    () => tProbability(1, 0),
    RangeError,
    "expected whole degrees of freedom from 1, got 0",
  );
  assertThrows(() => tProbability(1, 2.5), RangeError, "got 2.5");
  assertThrows(() => tQuantile(1, 2), RangeError, "from 0 to below 1, got 1");
});
