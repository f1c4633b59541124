import * as Plot from "@observablehq/plot";
import { HALO, lastStep, stepFrame, XY } from "./_frame.ts";
import { shortenInside } from "./_labels.ts";
import { ladderRungs } from "./_ladder.ts";
import {
  describeRuns,
  lastLoss,
  lossName,
  lossValues,
  type RunLine,
  runLines,
} from "./_run_lines.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import type { RunCurvesOptions, RunRows } from "./run_curves.ts";

/** Pixels; the gap is a share of a panel. */
const SIZE = {
  ...{ width: 720, panel: 150, gap: 0.14, top: 40, bottom: 40, left: 48, right: 110 },
  letter: 7,
};

/** The most panels in one row. */
const MOST_ACROSS = 4;

/** Characters after a name: a space and a loss. */
const VALUE_LETTERS = 6;

/** A run and its place in the grid. */
interface Panel {
  readonly line: RunLine;
  /** Its name, shortened to fit. */
  readonly title: string;
  readonly place: { readonly fx: number; readonly fy: number };
}

/**
 * Draws several runs as small multiples: one panel per run, with all other runs in grey.
 *
 * Use it if many curves overlap in one chart: it shows each one's shape and place among the others.
 *
 * @param runs The runs, row by row.
 * @param options Which loss, ladder, scale.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 720 pixels wide.
 *
 * @example
 * ```ts
 * import { renderPlot, runGrid } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rows = (loss: number) => [{ step: 1, trainLoss: 6.9 }, { step: 9, trainLoss: loss }];
 * const runs = [{ name: "rate 1e-4", rows: rows(5) }, { name: "rate 1e-3", rows: rows(3.7) }];
 * assertStringIncludes(renderPlot(runGrid(runs, { column: "trainLoss" })), "rate 1e-4");
 * ```
 */
export function runGrid(runs: readonly RunRows[], options: RunCurvesOptions = {}): ChartOptions {
  const { column = "validationLoss", ladder = {}, scale = "linear" } = options;
  const across = Math.max(1, Math.min(MOST_ACROSS, Math.ceil(Math.sqrt(runs.length))));
  const lines = runLines(runs, column), rungs = ladderRungs(ladder), name = lossName(column);
  const most = Math.floor(panelWidth(across, rungs.length > 0) / SIZE.letter) - VALUE_LETTERS;
  const down = Math.max(1, Math.ceil(runs.length / across));
  const { x, y } = stepFrame({
    what: "the losses of runs",
    label: `${name}, nats per target token`,
    scale,
    values: lossValues(lines, rungs),
    lastStep: runs.reduce((last, { rows }) => Math.max(last, lastStep(rows)), 1),
  }, []);
  const place = (i: number) => ({ fx: i % across, fy: Math.floor(i / across) });
  const facet = (count: number) => ({
    domain: Array.from({ length: count }, (_, i) => i),
    axis: null,
    padding: SIZE.gap,
  });
  return {
    width: SIZE.width,
    height: SIZE.top + SIZE.bottom + SIZE.panel * down,
    marginLeft: SIZE.left,
    marginRight: rightOf(rungs.length > 0),
    marginTop: SIZE.top,
    marginBottom: SIZE.bottom,
    ...{ x: { ...x, ticks: 3 }, y: { ...y, ticks: 4 } },
    ...{ fx: facet(across), fy: facet(down) },
    ariaLabel: `The ${name} of ${runs.length} runs by step, a panel each`,
    ariaDescription: describeRuns(lines),
    marks: [
      lines.map((line, i) =>
        panelMarks({ line, title: shortenInside(line.name, most), place: place(i) }, lines, rungs)
      ),
      lines.length > 0
        ? rungNames(rungs, across - 1)
        : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

/** The names of the dashed lines, beside the last panel of the first row. */
function rungNames(rungs: ReturnType<typeof ladderRungs>, fx: number): Plot.Markish {
  return rungs.map((rung) =>
    Plot.text([rung], {
      y: "value",
      text: "text",
      fx,
      fy: 0,
      frameAnchor: "right",
      textAnchor: "start",
      dx: 8,
      fill: rung.color,
    })
  );
}

function rightOf(hasRungs: boolean): number {
  return hasRungs ? SIZE.right : SIZE.top;
}

/** The width of a panel in pixels, without the gap. */
function panelWidth(across: number, hasRungs: boolean): number {
  return (SIZE.width - SIZE.left - rightOf(hasRungs)) / across * (1 - SIZE.gap);
}

function panelMarks(
  { line, title, place }: Panel,
  all: readonly RunLine[],
  rungs: ReturnType<typeof ladderRungs>,
): Plot.Markish[] {
  const { points, color } = line, last = lastLoss(points);
  const others = all.filter((other) => other !== line);
  return [
    others.map((other) =>
      Plot.line(other.points, { ...XY, ...place, stroke: PALETTE.reference, strokeOpacity: 0.25 })
    ),
    rungs.map((rung) =>
      Plot.ruleY([rung.value], { ...place, stroke: rung.color, strokeDasharray: "5 4" })
    ),
    Plot.line(points, { ...XY, ...place, stroke: color, strokeWidth: 2 }),
    // Above the frame, where no curve and no dashed line crosses it.
    Plot.text([last === undefined ? title : `${title} ${last.toFixed(3)}`], {
      ...place,
      frameAnchor: "top-right",
      lineAnchor: "bottom",
      dy: -5,
      fill: color,
      fontWeight: "bold",
      ...HALO,
    }),
  ];
}
