import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { learningRateCurve, renderPlot } from "lib/plot/mod.ts";
import { seededRun } from "./fixtures/seeded_run.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

Deno.test("learningRateCurve() draws warm-up and cosine as they are stored", () => {
  const chart = learningRateCurve(seededRun(60, 10));
  assertSnapshot("learning_rate_curve", chart);
  assertEquals(chart.ariaDescription, "peak 1.00e-3 at step 6");
});

Deno.test("learningRateCurve() keeps room for the whole run", () => {
  const svg = renderPlot(learningRateCurve(seededRun(60, 10).slice(0, 20), { totalSteps: 60 }));
  assertWellFormed(svg);
  assertStringIncludes(svg, ">60</text>");
});

Deno.test("learningRateCurve() draws no rows, one row, and a rate that is no number", () => {
  assertEquals(learningRateCurve([]).ariaDescription, "no step yet");
  assertStringIncludes(renderPlot(learningRateCurve([])), "nothing to draw yet");
  const one = learningRateCurve([{ step: 1, lr: 0.5 }, { step: 2, lr: NaN }]);
  assertEquals(one.ariaDescription, "peak 5.00e-1 at step 1");
  const svg = renderPlot(one);
  assertWellFormed(svg);
  assert(!svg.includes("NaN"));
});
