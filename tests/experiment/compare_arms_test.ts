import { type Arm, compareArms } from "lib/experiment/mod.ts";
import { Random } from "lib/core/mod.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertThrows,
} from "@std/assert";

function arm(label: string, results: readonly number[], firstSeed = 1): Arm {
  return { label, results: new Map(results.map((result, i) => [firstSeed + i, result])) };
}

Deno.test("compareArms() gives the paired test's figures", () => {
  // By hand: differences 1, 2, 4; mean 7/3, variance 7/3, standard error √(7/9), t = √7 with 2 degrees.
  const [, row] = compareArms([arm("a", [1, 2, 3]), arm("b", [2, 4, 7])]);
  const difference = row?.difference;
  assert(difference);
  assertAlmostEquals(difference.mean, 7 / 3, 1e-12);
  const t = Math.sqrt(7);
  assertAlmostEquals(difference.pValue, 1 - t / Math.sqrt(2 + t * t), 1e-12); // closed form for 2 degrees
  assertAlmostEquals(difference.interval.high - 7 / 3, 4.3026527297 * Math.sqrt(7 / 9), 1e-8);
  assertEquals(difference.isPaired, true);
});

Deno.test("compareArms() takes Welch's test where the seeds differ", () => {
  const [, row] = compareArms([arm("a", [1, 2, 3, 4]), arm("b", [11, 12, 13, 14], 11)]);
  assertEquals([row?.difference?.isPaired, row?.verdict], [false, "worse"]);
  assertAlmostEquals(
    row?.difference?.interval.low ?? NaN,
    10 - 2.446911851 * Math.sqrt(5 / 6),
    1e-6,
  );
});

Deno.test("compareArms() corrects for many comparisons by Holm's method", () => {
  const base = arm("base", [0, 0, 0, 0, 0]);
  const shifted = (label: string, by: number) => arm(label, [by + 1, by - 1, by + 2, by - 2, by]);
  const rows = compareArms([base, shifted("x", 2), shifted("y", 2.2), shifted("z", 0)]);
  const p = rows.map(({ difference }) => difference?.pValue ?? NaN);
  const adjusted = rows.map(({ difference }) => difference?.adjustedPValue ?? NaN);
  assertAlmostEquals(adjusted[2] ?? NaN, 3 * (p[2] ?? NaN), 1e-12);
  assertAlmostEquals(adjusted[1] ?? NaN, Math.max(2 * (p[1] ?? NaN), 3 * (p[2] ?? NaN)), 1e-12);
  assertAlmostEquals(adjusted[3] ?? NaN, 1, 1e-12);
});

Deno.test("compareArms() says what cannot be compared", () => {
  const rows = compareArms([
    arm("a", [1, 2]),
    arm("one", [1]),
    arm("lost", [1, NaN]),
    arm("b", [1, 2]),
  ]);
  assertEquals(rows.map(({ verdict }) => verdict), [
    "baseline",
    "too few seeds",
    "diverged",
    "no significant difference",
  ]);
  assertEquals(rows.map(({ count, diverged }) => [count, diverged]), [[2, 0], [1, 0], [1, 1], [
    2,
    0,
  ]]);
  assertThrows(() => compareArms([]), RangeError, "expected at least one arm, got none");
  assertThrows(() => compareArms([arm("a", [1]), arm("a", [2])]), RangeError, 'got "a" twice');
  assertThrows(
    () => compareArms([arm("a", [1])], { baseline: "b" }),
    RangeError,
    'expected a baseline among a, got "b"',
  );
});

Deno.test("compareArms() finds the direction, also where larger is better", () => {
  const arms = [arm("a", [1, 1.1, 0.9]), arm("b", [2, 2.1, 1.9])];
  assertEquals(compareArms(arms)[1]?.verdict, "worse");
  assertEquals(compareArms(arms, { isLargerBetter: true })[1]?.verdict, "better");
  assertEquals(compareArms(arms, { baseline: "b" })[0]?.verdict, "better");
});

/** Results of several arms over the same seeds: a seed's own effect is half of the variance. */
function simulate(random: Random, shifts: readonly number[], seeds: number): Arm[] {
  const shared = Array.from({ length: seeds }, () => Math.SQRT1_2 * random.normal());
  return shifts.map((shift, i) =>
    arm(`arm ${i}`, shared.map((effect) => effect + shift + Math.SQRT1_2 * random.normal()))
  );
}

Deno.test("compareArms() calls at most 8 % of 200 comparisons without a difference significant", () => {
  const random = new Random(1);
  for (const arms of [2, 4]) {
    for (const seeds of [3, 5]) {
      let found = 0;
      for (let i = 0; i < 200; i++) {
        const rows = compareArms(simulate(random, Array<number>(arms).fill(0), seeds));
        if (rows.some(({ verdict }) => verdict === "better" || verdict === "worse")) found++;
      }
      assert(found <= 16, `${arms} arms, ${seeds} seeds: ${found} of 200`);
    }
  }
});

Deno.test("compareArms() finds at least 80 % of differences of 2 standard deviations at 5 seeds", () => {
  const random = new Random(2);
  let found = 0;
  for (let i = 0; i < 200; i++) {
    const [, row] = compareArms(simulate(random, [0, -2], 5));
    if (row?.verdict === "better") found++;
  }
  assertGreaterOrEqual(found, 160);
});
