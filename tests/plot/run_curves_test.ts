import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { renderPlot, runCurves, runGrid } from "lib/plot/mod.ts";
import { LADDER, seededRun } from "./fixtures/seeded_run.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Runs whose losses differ by a constant. */
const RUNS = ["AdamW", "SGD with momentum", "Adam"].map((name, i) => ({
  name,
  rows: seededRun(120, 20).map((row) => ({
    ...row,
    ...(row.validationLoss != null && { validationLoss: row.validationLoss + 0.4 * i }),
    trainLoss: Number(row.trainLoss) + 0.4 * i,
  })),
}));

Deno.test("runCurves() draws several runs with the ladder as it is stored", () => {
  const chart = runCurves(RUNS, { ladder: LADDER }), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("run_curves", chart);
  assertStringIncludes(chart.ariaDescription ?? "", "AdamW from 4.8");
});

Deno.test("runCurves() makes room for long names", () => {
  const named = (name: string) => runCurves([{ name, rows: RUNS[0]?.rows ?? [] }]);
  const short = named("a"), long = named("x".repeat(60));
  assertEquals(short.width, 640);
  const room = (chart: typeof long) => (chart.width ?? 0) - (chart.marginRight ?? 0);
  assertEquals(room(long), room(short));
  assert((long.marginRight ?? 0) > 60 * 7);
});

Deno.test("runCurves() draws the training loss smoothed, a log axis, and tells an eleventh run by dashes", () => {
  const train = runCurves(RUNS, { column: "trainLoss", scale: "log" });
  assertStringIncludes(renderPlot(train), "training loss, nats per target token");
  const many = Array.from(
    { length: 11 },
    (_, i) => ({ name: `run ${i}`, rows: RUNS[0]?.rows ?? [] }),
  );
  assertEquals(renderPlot(runCurves(many)).match(/stroke-dasharray="6 3"/g)?.length, 1);
});

Deno.test("runCurves() and runGrid() draw nothing, runs without losses, and losses that are no numbers", () => {
  for (const draw of [runCurves, runGrid]) {
    assertEquals(draw([]).ariaDescription, "no run yet");
    assertStringIncludes(renderPlot(draw([])), "nothing to draw yet");
    const rows = [6, NaN, Infinity, 5].map((validationLoss, step) => ({ step, validationLoss }));
    const chart = draw([{ name: "odd", rows }, { name: "empty", rows: [] }]);
    assertEquals(
      chart.ariaDescription,
      "odd from 6.000 to 5.000 with 2 not finite; empty without a loss",
    );
    const svg = renderPlot(chart);
    assertWellFormed(svg);
    assert(!/NaN|Infinity/.test(svg));
    assertThrows(
      () => draw([{ name: "a", rows: [{ step: 1, validationLoss: 0 }] }], { scale: "log" }),
      RangeError,
    );
  }
});

Deno.test("runGrid() draws a panel each, with the others in grey, as it is stored", () => {
  const chart = runGrid(RUNS, { ladder: LADDER }), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("run_grid", chart);
  for (const { name } of RUNS) assertStringIncludes(svg, name);
  assertEquals(svg.match(/stroke-opacity="0.25"/g)?.length, 3 * 2);
});
