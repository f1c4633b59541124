import * as Plot from "@observablehq/plot";
import { endLabel, lastStep, stepFrame, XY } from "./_frame.ts";
import { ladderRungs } from "./_ladder.ts";
import {
  describeRuns,
  type LossColumn,
  lossName,
  lossValues,
  type RunLine,
  runLines,
} from "./_run_lines.ts";
import type { AxisScale } from "./series.ts";
import type { Ladder } from "./loss_curve.ts";
import type { MetricsRow } from "./metrics.ts";
import type { ChartOptions } from "./render.ts";

/** One of several runs in a chart. */
export interface RunRows {
  /** The name that distinguishes it from the other runs. */
  readonly name: string;
  /** What was logged. */
  readonly rows: readonly MetricsRow[];
}

/** Settings of {@linkcode runCurves} and {@linkcode runGrid}. */
export interface RunCurvesOptions {
  /** Which loss; the training loss is smoothed. Default `validationLoss`. */
  readonly column?: "trainLoss" | "validationLoss";
  /** Losses to draw as dashed lines; default none. */
  readonly ladder?: Ladder;
  /** The scale of the loss axis; default `linear`. */
  readonly scale?: AxisScale;
}

/** Pixels: the distance from the frame to a name, and the width of a letter. */
const NAME = { tie: 20, letter: 7.5 };

/**
 * Draws the losses of several runs in one chart, with the ladder of losses to compare with.
 *
 * @param runs The runs, in the order of the colours.
 * @param options Which loss, ladder, scale.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide, wider if
 *   names are long.
 * @throws {RangeError} If the scale is `log` and a loss is not above 0.
 *
 * @example
 * ```ts
 * import { renderPlot, runCurves } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const rows = (loss: number) => [{ step: 1, validationLoss: 6.9 }, { step: 9, validationLoss: loss }];
 * const chart = runCurves([{ name: "small", rows: rows(4) }, { name: "large", rows: rows(3.7) }]);
 * assertEquals(chart.ariaDescription, "small from 6.900 to 4.000; large from 6.900 to 3.700");
 * assertStringIncludes(renderPlot(chart), "large 3.700");
 * ```
 */
export function runCurves(runs: readonly RunRows[], options: RunCurvesOptions = {}): ChartOptions {
  const { column = "validationLoss", ladder = {}, scale = "linear" } = options;
  const lines = runLines(runs, column), rungs = ladderRungs(ladder), name = lossName(column);
  const names = [
    ...rungs,
    ...lines.flatMap((line) =>
      endLabel(line.points, (loss) => `${line.name} ${loss.toFixed(3)}`, line.color)
    ),
  ];
  const frame = stepFrame({
    what: "the losses of runs",
    label: `${name}, nats per target token`,
    scale,
    values: lossValues(lines, rungs),
    lastStep: runs.reduce((last, { rows }) => Math.max(last, lastStep(rows)), 1),
  }, names);
  return {
    ...frame,
    ...roomFor(names, frame),
    ariaLabel: `The ${name} of ${runs.length} runs by step`,
    ariaDescription: describeRuns(lines),
    marks: [
      rungs.map((rung) => Plot.ruleY([rung.value], { stroke: rung.color, strokeDasharray: "5 4" })),
      lines.map((line) => lineMarks(line, column)),
      ...frame.marks ?? [],
    ],
  };
}

/** Widens the chart on the right if a name is longer than usual. */
function roomFor(
  names: readonly { readonly text: string }[],
  { width = 0, marginRight = 0 }: ChartOptions,
): { width: number; marginRight: number } {
  const longest = names.reduce((most, { text }) => Math.max(most, text.length), 0);
  const extra = Math.max(0, NAME.tie + NAME.letter * longest - marginRight);
  return { width: width + extra, marginRight: marginRight + extra };
}

function lineMarks({ points, color, dash }: RunLine, column: LossColumn): Plot.Markish[] {
  return [
    Plot.line(points, { ...XY, stroke: color, strokeWidth: 2, strokeDasharray: dash }),
    column === "validationLoss" ? Plot.dot(points, { ...XY, fill: color, r: 2.5 }) : null,
  ];
}
