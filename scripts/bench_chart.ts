/**
 * Draws the charts of a bench report: `./denow run -A scripts/bench_chart.ts FILE.json [FOLDER]`.
 *
 * They go to `performance.svg`, `performance_growth.svg` and `performance_ranks.svg` in the folder, by
 * default `docs`, and the figures of ranks to `ranks.json` in the folder, by default in that of the
 * notebook that works with them.
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

const { words: [file, folder] } = readCommandLine({}), charts = folder ?? "docs";
const files: readonly (readonly [path: string, text: (report: Report) => string])[] = [
  ...CHARTS.map(([name, chart]) =>
    [`${charts}/${name}`, (report: Report) => renderPlot(chart(report))] as const
  ),
  [
    `${folder ?? "course/06_challenges"}/ranks.json`,
    (report) => JSON.stringify(rankFigures(report), null, 2),
  ],
];

if (file === undefined) refuse("Cannot draw: expected the JSON file of a bench run, got none");
const report = parseReport(Deno.readTextFileSync(file));
for (const [path, textOf] of files) {
  try {
    writeFileAtomically(path, `${textOf(report)}\n`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a report of other parts has other charts
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}\n`));
  }
}
