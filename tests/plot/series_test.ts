import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { readings, smooth } from "lib/plot/mod.ts";
import { downsample } from "lib/plot/series.ts";

/**
 * With decay 1 - 100 / n and n = 40,000 the variance falls by (1 - decay) / (1 + decay) = 1 / 799.
 * About 50 independent stretches of 400 make the estimate, so it is off by 20 %: three times that.
 */
const SMOOTHED_SPREAD = 0.6;

function series(values: readonly number[]) {
  return values.map((y, x) => ({ x, y }));
}

Deno.test("downsample() keeps the lowest and highest reading of 50,000, at their steps", () => {
  const random = new Random(3);
  const points = series(Array.from({ length: 50_000 }, () => random.normal()));
  points[20_001] = { x: 20_001, y: 99 };
  points[20_002] = { x: 20_002, y: -99 };
  const thin = downsample(points, 400);
  assertEquals(thin.length, 800);
  assert(thin.every((point) => points[point.x] === point), "only points of the series");
  assert(thin.every((point, i) => i === 0 || point.x > (thin[i - 1]?.x ?? 0)), "in order");
  assertEquals(thin.filter((point) => Math.abs(point.y) === 99).map((point) => point.y), [99, -99]);
});

Deno.test("downsample() leaves a short series as it is, and its gaps", () => {
  const points = series([3, NaN, 1]);
  assertEquals(downsample(points, 2), points);
  assertEquals(downsample([], 5), []);
});

Deno.test("downsample() keeps a stretch without a finite reading as one gap", () => {
  const points = series([1, 2, 3, NaN, NaN, NaN, 3, NaN, 3]);
  assertEquals(downsample(points, 3).map((point) => point.y), [1, 3, NaN, 3]);
});

Deno.test("downsample() refuses a number of stretches that is none", () => {
  for (const stretches of [0, -1, 2.5, NaN]) {
    assertEquals(
      assertThrows(() => downsample([], stretches), RangeError).message,
      `Cannot downsample: expected an integer from 1, got ${stretches}`,
    );
  }
});

Deno.test("smooth() starts at the first value, follows a constant, and passes over gaps", () => {
  assertEquals(smooth(series([5, 5, 5]), 0.5), series([5, 5, 5]));
  const [first, gap, last] = smooth(series([4, NaN, 7]), 0.5);
  assertEquals([first?.y, gap?.y, last?.y], [4, NaN, 6]);
});

Deno.test("smooth() averages over a hundredth of the series, and not below 100 points", () => {
  const random = new Random(5);
  const noise = series(Array.from({ length: 40_000 }, () => random.normal()));
  assertEquals(smooth(noise.slice(0, 100)), noise.slice(0, 100));
  const tail = smooth(noise).slice(20_000), power = tail.reduce((sum, { y }) => sum + y * y, 0);
  assertAlmostEquals(power / tail.length * 799, 1, SMOOTHED_SPREAD);
});

Deno.test("smooth() refuses a decay of 1", () => {
  assertEquals(
    assertThrows(() => smooth(series([1]), 1), RangeError).message,
    "Cannot smooth: expected a decay of at least 0 and below 1, got 1",
  );
});

Deno.test("readings() takes the rows that hold one, and marks what is no number as a gap", () => {
  const rows = [
    { step: 1, trainLoss: 6.9 },
    { step: 2, trainLoss: null },
    { step: 3, validationLoss: 5 },
    { step: 4, trainLoss: Infinity },
    { step: 5, trainLoss: undefined },
  ];
  assertEquals(readings(rows, "trainLoss"), [{ x: 1, y: 6.9 }, { x: 4, y: NaN }]);
  assertEquals(readings(rows, "gradNorm"), []);
});
