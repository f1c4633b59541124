import { renderPlot } from "lib/plot/mod.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { growthChart, stepChart } from "../../bench/chart.ts";
import { reportOf, rowOf, sectionOf } from "./_reports.ts";

Deno.test("stepChart() draws a bar for each row that was timed, cut off at twice", () => {
  const report = reportOf([sectionOf([
    rowOf("ours, xla", [33]),
    rowOf("PyTorch eager", [66], { isBaseline: true }),
    rowOf("autocast", [6600]),
    rowOf("compile", []),
  ])]);
  const svg = renderPlot(stepChart(report));
  assertMatch(svg, /^<svg .*aria-label="Time of a training step against eager PyTorch"/);
  const texts = [...svg.matchAll(/>([\d.]+ {2}\(\d+ ms\))</g)].map(([, text]) => text);
  assertEquals(texts, ["0.50  (33 ms)", "1.00  (66 ms)", "100.00  (6600 ms)"]);
});

Deno.test("growthChart() draws a line for each side and size", () => {
  const series = (size: string, values: number[]) =>
    sectionOf(
      values.flatMap((value) => [
        rowOf("ours, xla", [value], { group: `${size} ${value}` }),
        rowOf("PyTorch eager", [2 * value], { group: `${size} ${value}`, isBaseline: true }),
      ]),
      { part: "growth", title: `a step by ${size}` },
    );
  const report = reportOf([
    series("length", [12, 32]),
    series("batch", [8, 64]),
    series("layers", [1, 2]),
  ]);
  const svg = renderPlot(growthChart(report));
  assertEquals(svg.match(/<circle/g)?.length, 12);
  assertMatch(svg, /length 12 ours, xla 12 ms; length 12 PyTorch eager 24 ms/);
});

Deno.test("stepChart() and growthChart() say which part they lack", () => {
  assertThrows(
    () => stepChart(reportOf([sectionOf([], { part: "peak" })])),
    RangeError,
    "Cannot draw the step: expected a report of that part, got one of peak; run `./denow task bench step`",
  );
  assertThrows(() => growthChart(reportOf([])), RangeError, "got one of none");
});
