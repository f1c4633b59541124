import * as Plot from "@observablehq/plot";
import { HALO, XY } from "./_frame.ts";
import { formatShort } from "./_numbers.ts";
import { divergedRegion, formatRate, rateAxis } from "./_rate_axis.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import type { Point } from "./series.ts";

/** A run whose learning rate rose from step to step. */
export interface RangeTestRecord {
  /** The steps: the learning rate, the loss before the step, and that loss smoothed, in nats. */
  readonly points: readonly {
    readonly lr: number;
    readonly loss: number;
    readonly smoothed: number;
  }[];
  /** The rate at which the loss fell fastest; null if it never fell. */
  readonly steepest: number | null;
  /** The rate at which training diverged; null if it never did. */
  readonly diverged: number | null;
}

const SIZE = {
  width: 640,
  height: 340,
  marginTop: 30,
  marginRight: 40,
  marginBottom: 44,
  marginLeft: 54,
};

/** How far the axis continues beyond the rate at which training diverged, as a factor. */
const BEHIND = 2.5;

/**
 * Draws a learning-rate range test: the loss of each step by its rate, raw and smoothed, the rate
 * at which the loss fell fastest, and the region in which training diverges.
 *
 * A good peak rate lies between the two marks: well below the region, but not below the rate of the
 * steepest fall.
 *
 * @param test The steps and the two marked rates, as `rangeTest` of `lib/experiment` gives them.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If a rate is not above 0.
 *
 * @example
 * ```ts
 * import { rangeTestChart, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const points = [[1e-4, 6.9], [1e-3, 6.1], [1e-2, 5.2], [1e-1, 9]]
 *   .map(([lr = NaN, loss = NaN]) => ({ lr, loss, smoothed: loss }));
 * const chart = rangeTestChart({ points, steepest: 1e-2, diverged: 1e-1 });
 * assertEquals(
 *   chart.ariaDescription,
 *   "4 steps from 1e-4 to 1e-1; loss from 6.900, lowest 5.200 at 1e-2; falls fastest at 1e-2; " +
 *     "diverges from 1e-1 on",
 * );
 * assertStringIncludes(renderPlot(chart), "falls fastest at 1e-2");
 * ```
 *
 * Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3
 */
export function rangeTestChart(test: RangeTestRecord): ChartOptions {
  const { points, steepest, diverged } = test;
  const odd = points.find(({ lr }) => !(lr > 0 && lr < Infinity));
  if (odd !== undefined) {
    throw new RangeError(`Cannot draw rates: expected learning rates above 0, got ${odd.lr}`);
  }
  const curve = (name: "loss" | "smoothed") =>
    points.map((point): Point => ({
      x: point.lr,
      y: Number.isFinite(point[name]) ? point[name] : NaN, // a gap in the line
    }));
  const raw = curve("loss"), smoothed = curve("smoothed");
  const domain = { x: rateDomain(test), y: lossDomain(smoothed) };
  return {
    ...SIZE,
    x: rateAxis(domain.x, "learning rate of the step"),
    y: {
      domain: domain.y,
      label: "training loss, nats per target token",
      grid: true,
      ticks: 6,
      tickFormat: formatShort,
    },
    ariaLabel: "Range test: loss by learning rate",
    ariaDescription: describe(test, smoothed),
    marks: [
      diverged === null ? null : divergedRegion(diverged, domain),
      Plot.line(raw, { ...XY, stroke: PALETTE.train, strokeOpacity: 0.3, clip: true }),
      Plot.line(smoothed, { ...XY, stroke: PALETTE.train, strokeWidth: 2, clip: true }),
      steepest === null ? null : steepestMarks(steepest),
      points.length > 0 ? null : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

function steepestMarks(steepest: number): Plot.Markish[] {
  return [
    Plot.ruleX([steepest], { stroke: PALETTE.oracle, strokeDasharray: "5 4" }),
    Plot.text([`falls fastest at ${formatRate(steepest)}`], {
      x: steepest,
      frameAnchor: "bottom",
      textAnchor: "end",
      dx: -6,
      dy: -10,
      fill: PALETTE.oracle,
      ...HALO,
    }),
  ];
}

function rateDomain({ points, diverged }: RangeTestRecord): [number, number] {
  const rates = points.map(({ lr }) => lr).concat(diverged === null ? [] : [BEHIND * diverged]);
  const low = rates.reduce((least, lr) => Math.min(least, lr), Infinity);
  const high = rates.reduce((most, lr) => Math.max(most, lr), 0);
  if (low > high) return [1e-6, 1];
  return high > low ? [low, high] : [low / 2, 2 * high];
}

/**
 * The range of the smoothed losses: the raw losses of single steps, such as those after divergence,
 * may lie far outside.
 */
function lossDomain(smoothed: readonly Point[]): [number, number] {
  const values = smoothed.map(({ y }) => y).filter(Number.isFinite);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return [0, 1];
  const air = 0.1 * (high - low) || 0.1;
  return [low - air, high + 2 * air];
}

function describe(
  { points, steepest, diverged }: RangeTestRecord,
  smoothed: readonly Point[],
): string {
  const first = points[0], last = points.at(-1);
  const finite = smoothed.filter(({ y }) => Number.isFinite(y)), start = finite[0];
  if (first === undefined || last === undefined) return "no step yet";
  const lowest = finite.reduce((a, b) => b.y < a.y ? b : a, start ?? { x: NaN, y: NaN });
  return [
    `${points.length} step${points.length === 1 ? "" : "s"} from ${formatRate(first.lr)} to ` +
    formatRate(last.lr),
    start === undefined
      ? "no finite loss"
      : `loss from ${start.y.toFixed(3)}, lowest ${lowest.y.toFixed(3)} at ${formatRate(lowest.x)}`,
    ...steepest === null ? [] : [`falls fastest at ${formatRate(steepest)}`],
    ...diverged === null ? [] : [`diverges from ${formatRate(diverged)} on`],
  ].join("; ");
}
