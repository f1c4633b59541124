import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { chooseLengths } from "lib/data/mod.ts";

/** Positions that are computed for sentences of these lengths. */
function costOf(positions: readonly number[], lengths: readonly number[]): number {
  return positions.reduce((sum, n) => sum + (lengths.find((length) => length >= n) ?? NaN), 0);
}

/** All choices of `count` of the lengths that occur, the longest among them. */
function choices(distinct: readonly number[], count: number): number[][] {
  if (count === 1) return [distinct.slice(-1)];
  return distinct.slice(0, -1).flatMap((_, last) =>
    choices(distinct.slice(0, last + 1), count - 1)
      .map((rest) => [...rest, distinct.at(-1) ?? NaN])
  );
}

Deno.test("chooseLengths() computes as few positions as any choice of as many lengths", () => {
  const random = new Random(1);
  for (let round = 0; round < 40; round++) {
    const positions = Array.from({ length: 60 }, () => 1 + random.integer(12));
    const lengths = chooseLengths(positions);
    const distinct = [...new Set(positions)].sort((a, b) => a - b);
    const cheapest = (count: number) =>
      Math.min(...choices(distinct, count).map((choice) => costOf(positions, choice)));
    assertEquals(costOf(positions, lengths), cheapest(lengths.length));
    assertEquals(lengths.at(-1), distinct.at(-1));
    for (let fewer = 1; fewer < lengths.length; fewer++) {
      assert(cheapest(fewer + 1) <= 0.8 * cheapest(fewer), "each length saves a fifth");
    }
    if (lengths.length < 4 && lengths.length < distinct.length) {
      assert(cheapest(lengths.length + 1) > 0.8 * costOf(positions, lengths), "none is missing");
    }
  }
});

Deno.test("chooseLengths() gives one length where all sentences have it, and four at most", () => {
  assertEquals(chooseLengths([6, 6, 6]), [6]);
  assertEquals(chooseLengths([7]), [7]);
  const doubling = Array.from({ length: 10 }, (_, i) => Array(2 ** (10 - i)).fill(2 ** i)).flat();
  assertEquals(chooseLengths(doubling).length, 4);
  assertEquals(chooseLengths(doubling).at(-1), 512);
});

Deno.test("chooseLengths() refuses an empty list", () => {
  assertThrows(
    () => chooseLengths([]),
    RangeError,
    "Cannot choose lengths: expected at least one sentence, got none",
  );
});
