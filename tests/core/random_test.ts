import { assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { deriveSeed, Random } from "lib/core/mod.ts";

const DRAWS = 100_000;

Deno.test("Random gives the same numbers on every machine", () => {
  const random = new Random(42);
  assertEquals(Array.from({ length: 4 }, () => random.uint32()), [
    1378079558,
    1169310378,
    1551967633,
    3583738254,
  ]);
});

Deno.test("Random.fromState() goes on where the state was taken", () => {
  const random = new Random(7);
  for (let draw = 0; draw < 13; draw++) random.normal();
  const restored = Random.fromState(JSON.parse(JSON.stringify(random.state())));
  assertEquals(
    Array.from({ length: 50 }, () => restored.uint32()),
    Array.from({ length: 50 }, () => random.uint32()),
  );
});

Deno.test("Random.integer() is uniform: chi-squared below its 99.99 % point", () => {
  const random = new Random(3), counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const value = random.integer(10);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const chiSquared = counts.reduce((sum, n) => sum + (n - DRAWS / 10) ** 2 / (DRAWS / 10), 0);
  assertLess(chiSquared, 33.7); // 9 degrees of freedom
});

Deno.test("Random.normal() has mean 0 and variance 1 within 4 standard errors", () => {
  const random = new Random(5);
  let sum = 0, squares = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const value = random.normal();
    sum += value;
    squares += value * value;
  }
  assertLess(Math.abs(sum / DRAWS), 4 / Math.sqrt(DRAWS));
  assertLess(Math.abs(squares / DRAWS - 1), 4 * Math.sqrt(2 / DRAWS));
});

Deno.test("Random.shuffle() keeps every item and gives each order of three as often", () => {
  const random = new Random(9), counts = new Map<string, number>();
  for (let draw = 0; draw < 6000; draw++) {
    const order = random.shuffle("abc").join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
  const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assertLess(chiSquared, 25.7); // 5 degrees of freedom, 99.99 % point
});

Deno.test("deriveSeed() separates purposes, counters and their order", () => {
  const seeds = [
    deriveSeed(1, "a"),
    deriveSeed(2, "a"),
    deriveSeed(1, "b"),
    deriveSeed(1, "a", 1),
    deriveSeed(1, "a", 11),
    deriveSeed(1, 1, "a"),
  ];
  assertEquals(new Set(seeds).size, seeds.length);
  assertNotEquals(deriveSeed(1, "a", "b"), deriveSeed(1, "ab"));
});

Deno.test("Random refuses seeds, bounds, lists and states it cannot use", () => {
  const random = new Random(0);
  assertThrows(() => new Random(0.5), RangeError, "expected an integer, got 0.5");
  assertThrows(() => random.integer(0), RangeError, "expected a bound from 1 to 2^32, got 0");
  assertThrows(() => random.pick([]), RangeError, "expected at least one, got an empty list");
  assertThrows(() => Random.fromState([1, 2]), TypeError, "4 integers, got [1,2]");
});
