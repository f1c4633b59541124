import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { validationTrend } from "lib/train/mod.ts";

/** A validation every 50 steps. */
const every50 = (losses: readonly number[]) =>
  losses.map((loss, i) => ({ step: 50 * (i + 1), loss }));

Deno.test("validationTrend() has the slope of a line, without error", () => {
  const trend = validationTrend(every50([5, 4.9, 4.8, 4.7, 4.6, 4.5, 4.4, 4.3, 4.2]));
  assertAlmostEquals(trend?.slope ?? NaN, -2, 1e-9);
  assertAlmostEquals(trend?.slopeError ?? NaN, 0, 1e-6);
  assertEquals([trend?.count, trend?.bestStep, trend?.riseSinceBest], [3, 450, 0]);
});

Deno.test("validationTrend() computes slope and error as by hand", () => {
  // Around the mean (100, 4.2): steps −50, 0, 50; losses 0.1, −0.2, 0.1: no slope, rest 0.06.
  const trend = validationTrend(every50([4.3, 4.0, 4.3]));
  assertAlmostEquals(trend?.slope ?? NaN, 0, 1e-9);
  assertAlmostEquals(trend?.slopeError ?? NaN, 1000 * Math.sqrt(0.06 / 1 / 5000), 1e-9);
  assertEquals(trend?.direction, "flat");
});

Deno.test("validationTrend() tells falling, flat and rising by the last third of the validations", () => {
  const cases = [
    ["falling", [6, 5, 4.5, 4.2, 4, 3.9, 3.8, 3.7, 3.6]],
    ["flat", [6, 5, 4.5, 4.2, 4, 3.9, 3.81, 3.808, 3.809]],
    ["rising", [6, 5, 4.5, 4.2, 4, 3.9, 4.0, 4.1, 4.25]],
    ["flat", [6, 4, 4, 4]],
    // Two epochs: far from a line, and still going down or up.
    ["falling", [7.06, 3.79, 3.71]],
    ["falling", [7.06, 6.2, 5.9]],
    ["rising", [3.7, 3.72, 4.5]],
    ["flat", [7.06, 3.79, 3.785]],
    ["flat", [7.06, 3.79, 3.85]],
  ] as const;
  for (const [direction, losses] of cases) {
    assertEquals(validationTrend(every50(losses))?.direction, direction, String(losses));
  }
});

Deno.test("validationTrend() calls noise around a level flat nearly always", () => {
  const random = new Random(1);
  const moved = Array.from({ length: 200 }, () => {
    const losses = Array.from({ length: 30 }, () => 3.7 + 0.01 * random.normal());
    return validationTrend(every50(losses))?.direction !== "flat";
  }).filter(Boolean).length;
  assert(moved < 20, `${moved} of 200`); // two standard errors: 8 % by chance at 8 degrees of freedom
});

Deno.test("validationTrend() sorts by step, and leaves out what is not finite", () => {
  const points = every50([6, 5, 4, NaN, 3.9, Infinity]);
  const trend = validationTrend(points.toReversed());
  assertEquals(trend, validationTrend(points));
  assertEquals([trend?.bestStep, trend?.count], [250, 3]);
});

Deno.test("validationTrend() knows nothing of fewer than three validations, or of one step alone", () => {
  assertEquals(validationTrend([]), null);
  assertEquals(validationTrend(every50([6, 5])), null);
  const same = [5, 4, 3].map((loss) => ({ step: 7, loss }));
  assertEquals(validationTrend(same)?.direction, "flat");
});
