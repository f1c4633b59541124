/**
 * Draws the charts of a bench report: `./denow run -A scripts/bench_chart.ts FILE.json [FOLDER]`.
 *
 * They go to `performance.svg` and `performance_growth.svg` in the folder, by default `docs`.
 *
 * @module
 */
import { growthChart, stepChart } from "../bench/chart.ts";
import { parseReport, type Report } from "../bench/report.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import { type ChartOptions, renderPlot } from "lib/plot/mod.ts";
import { readCommandLine, refuse } from "./_command_line.ts";

const CHARTS: readonly [name: string, chart: (report: Report) => ChartOptions][] = [
  ["performance.svg", stepChart],
  ["performance_growth.svg", growthChart],
];

const { words: [file, folder = "docs"] } = readCommandLine({});
if (file === undefined) refuse("Cannot draw: expected the JSON file of a bench run, got none");
const report = parseReport(Deno.readTextFileSync(file));
for (const [name, chart] of CHARTS) {
  try {
    writeFileAtomically(`${folder}/${name}`, `${renderPlot(chart(report))}\n`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a report of other parts has other charts
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  }
}
