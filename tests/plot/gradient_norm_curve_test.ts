import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { gradientNormCurve, renderPlot } from "lib/plot/mod.ts";
import { seededRun } from "./fixtures/seeded_run.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

Deno.test("gradientNormCurve() draws norms and clipping value as they are stored", () => {
  const chart = gradientNormCurve(seededRun(60, 10), { clip: 1 });
  assertSnapshot("gradient_norm_curve", chart);
});

Deno.test("gradientNormCurve() counts the steps above the clipping value", () => {
  const rows = [4, 1, 0.5, 2].map((gradNorm, i) => ({ step: i + 1, gradNorm }));
  assertEquals(
    gradientNormCurve(rows, { clip: 1 }).ariaDescription,
    "smoothed 2 at the end, largest 4; clip 1: 50 % above",
  );
  assertEquals(gradientNormCurve(rows).ariaDescription, "smoothed 2 at the end, largest 4");
  assertStringIncludes(renderPlot(gradientNormCurve(rows, { clip: 1 })), "clip 1: 50 % above");
});

Deno.test("gradientNormCurve() draws no rows, gaps, and a run under way", () => {
  assertEquals(gradientNormCurve([], { clip: 1 }).ariaDescription, "no step yet");
  const rows = [{ step: 1, gradNorm: 2 }, { step: 2, gradNorm: Infinity }, { step: 3, lr: 1 }];
  const svg = renderPlot(gradientNormCurve(rows, { totalSteps: 80, scale: "log" }));
  assertWellFormed(svg);
  assert(!svg.includes("NaN") && !svg.includes("Infinity"));
  assertStringIncludes(svg, ">80</text>");
});

Deno.test("gradientNormCurve() refuses a log axis for a norm of 0", () => {
  const draw = () => gradientNormCurve([{ step: 1, gradNorm: 0 }], { scale: "log" });
  assertEquals(
    assertThrows(draw, RangeError).message,
    "Cannot draw a gradient norm on a log scale: expected values above 0, got 0; " +
      'take scale: "linear"',
  );
});
