import * as Plot from "@observablehq/plot";
import { type EndLabel, endLabel, lastStep, stepFrame, STRETCHES, XY } from "./_frame.ts";
import { formatShort } from "./_numbers.ts";
import { type MetricsRow, readings } from "./metrics.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import { type AxisScale, downsample, type Point, smooth } from "./series.ts";

/** Settings of {@linkcode gradientNormCurve}. */
export interface GradientNormCurveOptions {
  /** The norm above which gradients are clipped, as a dashed line; default none. */
  readonly clip?: number;
  /** The scale of the vertical axis; default `linear`, from 0. */
  readonly scale?: AxisScale;
  /**
   * The steps of the whole run, so that the axis also shows those still to come; default the last
   * step.
   */
  readonly totalSteps?: number;
}

/**
 * Draws the global norm of the gradient before clipping, raw and smoothed, with the clipping value.
 *
 * @param rows What was logged; a norm that is not finite leaves a gap.
 * @param options Clipping value, scale and length of the axes.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If the scale is `log` and a norm or the clipping value is not above 0.
 *
 * @example
 * ```ts
 * import { gradientNormCurve } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ step: 1, gradNorm: 2.5 }, { step: 2, gradNorm: 0.5 }];
 * const { ariaDescription } = gradientNormCurve(rows, { clip: 1 });
 * assertEquals(ariaDescription, "smoothed 0.5 at the end, largest 2.5; clip 1: 50 % above");
 * ```
 */
export function gradientNormCurve(
  rows: readonly MetricsRow[],
  options: GradientNormCurveOptions = {},
): ChartOptions {
  const raw = readings(rows, "gradNorm"), norms = smooth(raw);
  const limits = limitLabel(raw, options.clip);
  const frame = stepFrame({
    what: "a gradient norm",
    label: "gradient norm before clipping",
    scale: options.scale ?? "linear",
    values: [...raw.map((norm) => norm.y), ...limits.map((limit) => limit.value)],
    lastStep: lastStep(rows, options.totalSteps),
    isFromZero: true,
  }, [...limits, ...endLabel(norms, (norm) => `smoothed ${formatShort(norm)}`, PALETTE.train)]);
  return {
    ...frame,
    ariaLabel: "Gradient norm by step",
    ariaDescription: describe(raw, norms, limits),
    marks: [
      Plot.ruleY(limits, { y: "value", stroke: PALETTE.reference, strokeDasharray: "5 4" }),
      Plot.line(downsample(raw, STRETCHES), { ...XY, stroke: PALETTE.train, strokeOpacity: 0.3 }),
      Plot.line(downsample(norms, STRETCHES), { ...XY, stroke: PALETTE.train, strokeWidth: 2 }),
      Plot.dot(norms.slice(-1), { ...XY, fill: PALETTE.train, r: 2 }),
      ...frame.marks ?? [],
    ],
  };
}

function limitLabel(norms: readonly Point[], clip: number | undefined): EndLabel[] {
  if (clip === undefined) return [];
  const finite = norms.filter((norm) => Number.isFinite(norm.y));
  const share = finite.filter((norm) => norm.y > clip).length / Math.max(1, finite.length);
  const text = `clip ${formatShort(clip)}: ${Math.round(100 * share)} % above`;
  return [{ value: clip, text, color: PALETTE.reference }];
}

function describe(raw: readonly Point[], norms: readonly Point[], limits: readonly EndLabel[]) {
  const last = norms.findLast((norm) => Number.isFinite(norm.y));
  if (last === undefined) return "no step yet";
  const largest = raw.reduce((most, norm) => norm.y > most ? norm.y : most, 0);
  const head = `smoothed ${formatShort(last.y)} at the end, largest ${formatShort(largest)}`;
  return [head, ...limits.map((limit) => limit.text)].join("; ");
}
