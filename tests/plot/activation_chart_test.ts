import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { activationChart, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** What goes through layers that multiply by the same factor each. */
function powersOf(factor: number): number[] {
  return Array.from({ length: 9 }, (_, depth) => factor ** depth);
}

Deno.test("activationChart() draws initialisations by depth as it is stored", () => {
  const chart = activationChart([
      { name: "deviation 1", deviations: powersOf(11) },
      { name: "deviation 0.01", deviations: powersOf(0.11) },
      { name: "Xavier", deviations: powersOf(0.7) },
      { name: "He", deviations: powersOf(1) },
      { name: "He, normed", deviations: powersOf(0.95) },
    ]),
    svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("activation_chart", chart);
});

Deno.test("activationChart() leaves out what has no place on a log axis, and says so", () => {
  const chart = activationChart([
    { name: "overflow", deviations: [1, 1e20, Infinity, NaN] },
    { name: "dead", deviations: [1, 0.1, 0, 0] },
    { name: "never alive", deviations: [0, 0] },
  ], { unit: "block", label: "size" });
  assertEquals(
    chart.ariaDescription,
    "overflow from 1 to 1e20, 2 zero or not finite; " +
      "dead from 1 to 0.1, 2 zero or not finite; never alive without a value above 0",
  );
  const svg = renderPlot(chart);
  assertWellFormed(svg);
  assert(!/NaN|Infinity/.test(svg));
  for (const text of ["block", "size", "overflow", "dead"]) assertStringIncludes(svg, text);
});

Deno.test("activationChart() tells a fifth line from the first by its dashes", () => {
  const names = ["a", "b", "c", "d", "e"];
  const svg = renderPlot(activationChart(names.map((name) => ({ name, deviations: [1, 2] }))));
  assertEquals(svg.match(/stroke-dasharray="6 3"/g)?.length, 1);
});

Deno.test("activationChart() draws nothing, and a single value", () => {
  const none = activationChart([]);
  assertEquals(none.ariaDescription, "nothing measured yet");
  assertStringIncludes(renderPlot(none), "nothing to draw yet");
  assertWellFormed(renderPlot(activationChart([{ name: "one", deviations: [1] }])));
});

Deno.test("activationChart() takes 200,000 layers", () => {
  const deviations = new Array<number>(200_000).fill(2);
  assertEquals(activationChart([{ name: "deep", deviations }]).x?.domain, [0, 199_999]);
});
