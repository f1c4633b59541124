import * as Plot from "@observablehq/plot";
import { type EndLabel, endLabel, HALO, lastStep, stepFrame, STRETCHES, XY } from "./_frame.ts";
import { ladderRungs } from "./_ladder.ts";
import { type MetricsRow, readings } from "./metrics.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import { type AxisScale, downsample, type Point, smooth } from "./series.ts";

/** Losses to compare a run with, in nats per target token. */
export interface Ladder {
  /** The loss of a guess that gives every token the same probability: ln V. */
  readonly uniform?: number;
  /** The loss of a guess by the tokens' frequencies only. */
  readonly unigram?: number;
  /** The oracle's loss: the best that any model can expect. */
  readonly floor?: number;
}

/** Settings of {@linkcode lossCurve}. */
export interface LossCurveOptions {
  /** Losses to draw as dashed lines; default none. */
  readonly ladder?: Ladder;
  /** The scale of the loss axis; default `linear`. */
  readonly scale?: AxisScale;
  /**
   * The steps of the whole run, so that the axis also shows those still to come; default the last
   * step.
   */
  readonly totalSteps?: number;
}

/**
 * Draws the losses of a run by step: the training loss raw and smoothed, the validation losses with
 * the best one marked, and the ladder of losses to compare with.
 *
 * @param rows What was logged; a loss that is not finite leaves a gap, which the description
 *   counts.
 * @param options Ladder, scale and length of the axes.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If the scale is `log` and a loss, or a loss of the ladder, is not above 0.
 *
 * @example
 * ```ts
 * import { lossCurve, renderPlot } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rows = [{ step: 1, trainLoss: 6.93 }, { step: 2, trainLoss: 5.1, validationLoss: 5.02 }];
 * const svg = renderPlot(lossCurve(rows, { ladder: { uniform: Math.log(1000), floor: 3.678 } }));
 * assertStringIncludes(svg, "floor 3.678");
 * assertStringIncludes(svg, "best 5.020 at step 2");
 * ```
 */
export function lossCurve(
  rows: readonly MetricsRow[],
  options: LossCurveOptions = {},
): ChartOptions {
  const raw = readings(rows, "trainLoss"), validation = readings(rows, "validationLoss");
  const kept = readings(rows.filter(({ isEarly }) => !isEarly), "validationLoss");
  const curves = { raw, validation, train: smooth(raw), best: lowest(kept) };
  const rungs = ladderRungs(options.ladder ?? {}), end = lastStep(rows, options.totalSteps);
  const frame = stepFrame({
    what: "a loss curve",
    label: "loss, nats per target token",
    scale: options.scale ?? "linear",
    values: [...raw, ...validation].map((point) => point.y).concat(rungs.map((rung) => rung.value)),
    lastStep: end,
  }, [
    ...rungs,
    ...endLabel(curves.train, (loss) => `training ${loss.toFixed(3)}`, PALETTE.train),
    ...endLabel(validation, (loss) => `validation ${loss.toFixed(3)}`, PALETTE.validation),
  ]);
  return {
    ...frame,
    ariaLabel: "Loss by step",
    ariaDescription: describe(curves, rungs),
    marks: [rungs.map(rungMark), curveMarks(curves, end), ...frame.marks ?? []],
  };
}

interface Curves {
  readonly raw: readonly Point[];
  readonly train: readonly Point[];
  readonly validation: readonly Point[];
  readonly best: Point | undefined;
}

function curveMarks({ raw, train, validation, best }: Curves, end: number): Plot.Markish[] {
  const isLate = best !== undefined && best.x > end / 2;
  return [
    Plot.line(downsample(raw, STRETCHES), { ...XY, stroke: PALETTE.train, strokeOpacity: 0.3 }),
    Plot.line(downsample(train, STRETCHES), { ...XY, stroke: PALETTE.train, strokeWidth: 2 }),
    Plot.dot(train.slice(-1), { ...XY, fill: PALETTE.train, r: 2 }),
    Plot.line(validation, { ...XY, stroke: PALETTE.validation }),
    Plot.dot(validation, { ...XY, fill: PALETTE.validation, r: 2.5 }),
    best && Plot.dot([best], { ...XY, stroke: PALETTE.validation, r: 6, strokeWidth: 1.5 }),
    best && Plot.text([best], {
      ...XY,
      text: [`best ${best.y.toFixed(3)} at step ${best.x}`],
      textAnchor: isLate ? "end" : "start",
      dx: isLate ? -4 : 4,
      dy: -18,
      fill: PALETTE.validation,
      ...HALO,
    }),
  ];
}

function rungMark(rung: EndLabel): Plot.Markish {
  return Plot.ruleY([rung.value], { stroke: rung.color, strokeDasharray: "5 4" });
}

function lowest(points: readonly Point[]): Point | undefined {
  const finite = points.filter((point) => Number.isFinite(point.y));
  return finite.length === 0 ? undefined : finite.reduce((a, b) => b.y < a.y ? b : a);
}

function describe({ raw, train, validation, best }: Curves, rungs: readonly EndLabel[]): string {
  const first = raw.find((point) => Number.isFinite(point.y));
  const last = train.findLast((point) => Number.isFinite(point.y));
  const gaps = [...raw, ...validation].filter((point) => !Number.isFinite(point.y)).length;
  return [
    first && last ? `training from ${first.y.toFixed(3)} to ${last.y.toFixed(3)}` : "no step yet",
    best ? `best validation ${best.y.toFixed(3)} at step ${best.x}` : "no validation yet",
    ...rungs.map((rung) => rung.text),
    ...gaps > 0 ? [`${gaps} of the losses not finite, left out`] : [],
  ].join("; ");
}
