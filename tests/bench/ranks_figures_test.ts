import { renderPlot } from "lib/plot/mod.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { rankFigures, ranksChart } from "../../bench/ranks_figures.ts";
import { reportOf, rowOf, sectionOf } from "./_reports.ts";

const group = "64 x 32";
const report = reportOf([
  sectionOf([
    rowOf("ours, 1 core", [200, 100, 300], { group }),
    rowOf("ours, 2 ranks", [100], { group, facts: { "all-reduce": "11 %" } }),
    rowOf("PyTorch, 2 ranks", [], { group, note: "failed" }),
    rowOf("ours, 1 core", [50], { group: "16 x 32" }),
  ], { part: "ranks" }),
  sectionOf([rowOf("ours, gRPC", [9], { group: "9600000 bytes" })], { part: "all-reduce" }),
]);

Deno.test("rankFigures() gives the medians of what was timed, in seconds", () => {
  const { steps, exchanges, load } = rankFigures(report);
  const step = { batchSize: 64, length: 32 };
  assertEquals(steps, [
    { side: "ours, 1 core", ...step, seconds: 0.2, exchangeShare: null },
    { side: "ours, 2 ranks", ...step, seconds: 0.1, exchangeShare: 0.11 },
    { side: "ours, 1 core", batchSize: 16, length: 32, seconds: 0.05, exchangeShare: null },
  ]);
  assertEquals(exchanges, [{ side: "ours, gRPC", bytes: 9_600_000, seconds: 0.009 }]);
  assertEquals(load, report.load);
});

Deno.test("ranksChart() draws tokens per second at the largest batch", () => {
  const svg = renderPlot(ranksChart(report));
  assertMatch(svg, /ours, 1 core 10,240; ours, 2 ranks 20,480/);
});

Deno.test("rankFigures() says which part it lacks", () => {
  assertThrows(
    () => rankFigures(reportOf([])),
    RangeError,
    'expected a report of that part, got none of "ranks"; run `./denow task bench ranks`',
  );
});
