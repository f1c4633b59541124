import * as Plot from "@observablehq/plot";
import { endLabel, HALO, lastStep, stepFrame, STRETCHES, XY } from "./_frame.ts";
import { type MetricsRow, readings } from "./metrics.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import { downsample } from "./series.ts";

/** Settings of {@linkcode learningRateCurve}. */
export interface LearningRateCurveOptions {
  /**
   * The steps of the whole run, so that the axis also shows those still to come; default the last
   * step.
   */
  readonly totalSteps?: number;
}

/**
 * Draws the learning rate of each step, with its peak marked.
 *
 * @param rows What was logged.
 * @param options Length of the axis.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 *
 * @example
 * ```ts
 * import { learningRateCurve, renderPlot } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rows = [{ step: 1, lr: 5e-4 }, { step: 2, lr: 1e-3 }, { step: 3, lr: 0 }];
 * assertStringIncludes(renderPlot(learningRateCurve(rows)), "peak 1.00e-3 at step 2");
 * ```
 */
export function learningRateCurve(
  rows: readonly MetricsRow[],
  options: LearningRateCurveOptions = {},
): ChartOptions {
  const rates = readings(rows, "lr"), end = lastStep(rows, options.totalSteps);
  const finite = rates.filter((rate) => Number.isFinite(rate.y));
  const peak = finite.reduce((a, b) => b.y > a.y ? b : a, finite[0] ?? { x: 0, y: NaN });
  const peakText = `peak ${peak.y.toExponential(2)} at step ${peak.x}`;
  const frame = stepFrame({
    what: "a learning rate",
    label: "learning rate",
    scale: "linear",
    values: rates.map((rate) => rate.y),
    lastStep: end,
    isFromZero: true,
    format: (rate) => rate === 0 ? "0" : rate.toExponential().replace("e+0", ""),
  }, endLabel(rates, (rate) => `last ${rate.toExponential(2)}`, PALETTE.train));
  return {
    ...frame,
    ariaLabel: "Learning rate by step",
    ariaDescription: finite.length === 0 ? "no step yet" : peakText,
    marks: [
      Plot.line(downsample(rates, STRETCHES), { ...XY, stroke: PALETTE.train, strokeWidth: 2 }),
      Plot.dot(finite.length === 0 ? [] : [peak], { ...XY, fill: PALETTE.train, r: 3 }),
      Plot.text(finite.length === 0 ? [] : [peak], {
        ...XY,
        text: [peakText],
        textAnchor: peak.x > end / 2 ? "end" : "start",
        dx: peak.x > end / 2 ? -8 : 8,
        dy: -12, // so that the halo does not cover a line that stays at the peak
        fill: PALETTE.train,
        ...HALO,
      }),
      ...frame.marks ?? [],
    ],
  };
}
