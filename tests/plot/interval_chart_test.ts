import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { confidenceInterval95 } from "lib/core/mod.ts";
import { intervalChart, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const ROWS = [
  { name: "AdamW", values: [3.69, 3.71, 3.7, 3.695, 3.705] },
  {
    name: "Adam, L2 in the gradient",
    values: [3.7, 3.73, 3.715],
    note: "no significant difference",
  },
  { name: "SGD", values: [3.9, 4.1, 4.0], note: "worse" },
];

Deno.test("intervalChart() draws seeds, means and intervals as it is stored", () => {
  const chart = intervalChart(ROWS, { reference: { name: "floor", value: 3.678 } });
  const svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("interval_chart", chart);
  const { low, high } = confidenceInterval95(ROWS[2]?.values ?? []);
  assertStringIncludes(svg, `4.000 [${low.toFixed(3)}, ${high.toFixed(3)}]`);
  assertStringIncludes(svg, "no significant difference");
});

Deno.test("intervalChart() draws no interval of one seed, and counts those that failed", () => {
  const chart = intervalChart([
    { name: "one", values: [3.7] },
    { name: "two of four", values: [3.7, NaN, 3.8, Infinity] },
    { name: "none", values: [NaN] },
  ]);
  assertEquals(
    chart.ariaDescription,
    "one 3.700, 1 seed; two of four 3.750, 95 % interval 3.115 to 4.385, 2 seeds, 2 failed; " +
      "none without a value",
  );
  const svg = renderPlot(chart);
  assertWellFormed(svg);
  assert(!/NaN|Infinity/.test(svg));
  for (const text of ["3.700, one seed", "2 failed", "no value"]) assertStringIncludes(svg, text);
});

Deno.test("intervalChart() draws rows of the same name apart, long names cut, and nothing", () => {
  const twice = renderPlot(intervalChart([ROWS[0], ROWS[0]].flatMap((row) => row ?? [])));
  assertEquals(twice.match(/>AdamW</g)?.length, 2);
  const long = renderPlot(intervalChart([{ name: "x".repeat(200), values: [1, 2] }]));
  assertStringIncludes(long, "x…<");
  assertEquals(intervalChart([]).ariaDescription, "nothing yet");
  assertStringIncludes(renderPlot(intervalChart([])), "nothing to draw yet");
});
