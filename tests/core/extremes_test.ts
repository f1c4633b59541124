import { assertEquals } from "@std/assert";
import { largest, smallest } from "lib/core/mod.ts";

Deno.test("largest() and smallest() agree with Math.max() and Math.min()", () => {
  for (const values of [[], [3], [1, -2, 5], [NaN, 1], [1, NaN], [-Infinity, 0], [-0, 0]]) {
    assertEquals(largest(values), Math.max(...values), `${values}`);
    assertEquals(smallest(values), Math.min(...values), `${values}`);
    assertEquals(largest(values, 2), Math.max(2, ...values), `${values}`);
    assertEquals(smallest(values, 2), Math.min(2, ...values), `${values}`);
  }
});

Deno.test("largest() and smallest() take a million values, and whatever can be walked", () => {
  const many = Float32Array.from({ length: 1_000_000 }, (_, i) => i % 1000);
  assertEquals([largest(many), smallest(many)], [999, 0]);
  assertEquals(largest(new Map([[7, "a"], [9, "b"]]).keys()), 9);
});
