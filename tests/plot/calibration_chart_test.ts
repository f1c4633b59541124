import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { calibrationChart, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const BINS = [
  { count: 9000, model: 1e-8, oracle: 0 },
  { count: 800, model: 2e-4, oracle: 5e-5 },
  { count: 7000, model: 0.0038, oracle: 0.00395 },
  { count: 900, model: 0.039, oracle: 0.0395 },
  { count: 150, model: 0.998, oracle: 1 },
];

Deno.test("calibrationChart() draws bins against the diagonal as it is stored", () => {
  const chart = calibrationChart(BINS, { error: 0.013 }), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("calibration_chart", chart);
  assertStringIncludes(svg, "1.3 % of the probability in a wrong bin");
  assertStringIncludes(svg, "impossible by the oracle");
});

Deno.test("calibrationChart() lets areas go by the probability that a bin holds", () => {
  const svg = renderPlot(calibrationChart([
    { count: 3, model: 0.25, oracle: 0.25 },
    { count: 12, model: 0.25, oracle: 0.25 },
  ]));
  const [small = 0, large = 0] = [...svg.matchAll(/ r="([\d.]+)"/g)].map((match) =>
    Number(match[1])
  )
    .sort((a, b) => a - b);
  assert(Math.abs(large / small - 2) < 0.01, `${small} ${large}`);
});

Deno.test("calibrationChart() draws nothing, and says nothing of what the oracle rules out where it is not", () => {
  assertEquals(calibrationChart([]).ariaDescription, "nothing measured yet");
  assertStringIncludes(renderPlot(calibrationChart([])), "nothing to draw yet");
  const svg = renderPlot(calibrationChart([{ count: 1, model: 1, oracle: 1 }]));
  assert(!svg.includes("impossible"));
});
