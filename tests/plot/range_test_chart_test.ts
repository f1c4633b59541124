import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { rangeTestChart, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** A test whose loss falls from 1e-4 on, fastest at 1e-3, and explodes at 0.3. */
function rising(count: number) {
  const random = new Random(2);
  return Array.from({ length: count }, (_, i) => {
    const lr = 1e-6 * 10 ** (5.5 * i / (count - 1));
    const smoothed = 6.9 - 2.2 / (1 + (1e-3 / lr) ** 1.2) + (lr / 0.25) ** 3;
    return { lr, smoothed, loss: smoothed + 0.1 * random.normal() };
  });
}

Deno.test("rangeTestChart() marks the steepest fall and shades the divergence as it is stored", () => {
  const chart = rangeTestChart({ points: rising(60), steepest: 1e-3, diverged: 0.31 }),
    svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("range_test_chart", chart);
  assertStringIncludes(svg, "diverges from 3.1e-1 on");
});

Deno.test("rangeTestChart() draws nothing, one step, and losses that are not finite", () => {
  const none = { steepest: null, diverged: null };
  assertEquals(rangeTestChart({ points: [], ...none }).ariaDescription, "no step yet");
  assertStringIncludes(renderPlot(rangeTestChart({ points: [], ...none })), "nothing to draw yet");
  const step = (loss: number) => ({ lr: 1e-3, loss, smoothed: loss });
  for (const points of [[step(5)], [step(NaN)], [step(5), { ...step(Infinity), lr: 1 }]]) {
    const svg = renderPlot(rangeTestChart({ points, ...none }));
    assertWellFormed(svg);
    assert(!/NaN|Infinity/.test(svg));
  }
  const lost = rangeTestChart({ points: [step(NaN)], ...none }).ariaDescription;
  assertEquals(lost, "1 step from 1e-3 to 1e-3; no finite loss");
});

Deno.test("rangeTestChart() refuses a rate of 0", () => {
  const points = [{ lr: 0, loss: 5, smoothed: 5 }];
  const error = assertThrows(
    () => rangeTestChart({ points, steepest: null, diverged: null }),
    RangeError,
  );
  assertEquals(error.message, "Cannot draw rates: expected learning rates above 0, got 0");
});
