/**
 * Draws the charts of a bench report: `./denow run -A scripts/bench_chart.ts FILE.json [FOLDER]`.
 *
 * They go to `performance.svg`, `performance_growth.svg` and `performance_ranks.svg` in the folder, by
 * default `docs`, and the figures of ranks to `ranks.json`, for the notebook that works with them.
 *
 * @module
 */
import { growthChart, stepChart } from "../bench/chart.ts";
import { rankFigures, ranksChart } from "../bench/ranks_figures.ts";
import { parseReport, type Report } from "../bench/report.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import { type ChartOptions, renderPlot } from "lib/plot/mod.ts";
import { readCommandLine, refuse } from "./_command_line.ts";

const CHARTS: readonly [name: string, chart: (report: Report) => ChartOptions][] = [
  ["performance.svg", stepChart],
  ["performance_growth.svg", growthChart],
  ["performance_ranks.svg", ranksChart],
];

const FILES: readonly (readonly [name: string, text: (report: Report) => string])[] = [
  ...CHARTS.map(([name, chart]) => [name, (report: Report) => renderPlot(chart(report))] as const),
  ["ranks.json", (report) => JSON.stringify(rankFigures(report), null, 2)],
];

const { words: [file, folder = "docs"] } = readCommandLine({});
if (file === undefined) refuse("Cannot draw: expected the JSON file of a bench run, got none");
const report = parseReport(Deno.readTextFileSync(file));
for (const [name, textOf] of FILES) {
  try {
    writeFileAtomically(`${folder}/${name}`, `${textOf(report)}\n`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a report of other parts has other charts
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  }
}
