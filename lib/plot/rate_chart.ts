import * as Plot from "@observablehq/plot";
import { confidenceInterval95, mean } from "lib/core/mod.ts";
import { HALO, XY } from "./_frame.ts";
import { formatShort } from "./_numbers.ts";
import { divergedRegion, formatRate, rateAxis } from "./_rate_axis.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import type { Point } from "./series.ts";

/** The results of one learning rate. */
export interface RateResult {
  /** The peak learning rate. */
  readonly lr: number;
  /** The final losses, one per seed, in nats; a run that diverged has NaN or infinity. */
  readonly losses: readonly number[];
}

/** Settings of {@linkcode rateChart}. */
export interface RateChartOptions {
  /** The lowest loss that a model can expect, as a dashed line; default none. */
  readonly floor?: number;
  /** The loss of a uniform guess; a run that ends above it counts as diverged. Default ln 1000. */
  readonly uniform?: number;
  /** What the loss axis shows, with its unit; default `validation loss, nats per target token`. */
  readonly label?: string;
}

const SIZE = {
  width: 640,
  height: 360,
  marginTop: 30,
  marginRight: 96,
  marginBottom: 44,
  marginLeft: 54,
};

interface Rate {
  readonly lr: number;
  /** The losses of the seeds that did not diverge. */
  readonly finite: readonly number[];
  /** The mean over all seeds; NaN if one diverged. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly diverged: number;
}

/**
 * Draws the loss that each learning rate reached, and shades the region in which training diverges.
 *
 * A rate that is too low or too high gives a larger loss; the best rate is often just below the
 * shaded region. Small dots are seeds, large dots are means, and vertical lines are 95 % intervals.
 * The region begins halfway, on the log axis, between the highest rate at which no seed diverged
 * and the next rate.
 *
 * @param results The rates, in any order; all above 0.
 * @param options Floor, uniform loss, label of the axis.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If a rate is not above 0.
 *
 * @example
 * ```ts
 * import { rateChart, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = rateChart([
 *   { lr: 1e-4, losses: [4.2, 4.3] },
 *   { lr: 1e-3, losses: [3.7, 3.72] },
 *   { lr: 1e-1, losses: [NaN, 9] },
 * ]);
 * assertEquals(
 *   chart.ariaDescription,
 *   "1e-4: 4.250, 1e-3: 3.710, 1e-1: 2 of 2 diverged; best 1e-3; diverges from 1e-2 on",
 * );
 * assertStringIncludes(renderPlot(chart), "diverges");
 * ```
 */
export function rateChart(
  results: readonly RateResult[],
  options: RateChartOptions = {},
): ChartOptions {
  const { floor, uniform = Math.log(1000) } = options;
  const { label = "validation loss, nats per target token" } = options;
  const rates = results.map((result) => summarize(result, uniform)).sort((a, b) => a.lr - b.lr);
  const held = rates.filter((rate) => Number.isFinite(rate.mean));
  const best = held.reduce<Rate | undefined>((a, b) => a && a.mean <= b.mean ? a : b, undefined);
  const start = divergesFrom(rates), domain = { x: rateDomain(rates), y: lossDomain(rates, floor) };
  return {
    ...SIZE,
    x: rateAxis(domain.x, "peak learning rate"),
    y: { domain: domain.y, label, grid: true, ticks: 6, tickFormat: formatShort },
    ariaLabel: "Loss by learning rate",
    ariaDescription: describe(rates, best, start),
    marks: [
      start === undefined ? null : divergedRegion(start, domain),
      floor === undefined ? null : floorMarks(floor, domain.x[1]),
      rateMarks(rates, held),
      crosses(rates, domain.y[1]),
      best ? bestMarks(best) : null,
      rates.length > 0 ? null : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

function summarize({ lr, losses }: RateResult, uniform: number): Rate {
  if (!(lr > 0 && lr < Infinity)) {
    throw new RangeError(`Cannot draw rates: expected learning rates above 0, got ${lr}`);
  }
  const finite = losses.filter((loss) => Number.isFinite(loss) && loss <= uniform);
  const diverged = losses.length - finite.length;
  // The mean of only those seeds that did not diverge would say nothing about the rate.
  const isHeld = diverged === 0 && finite.length > 0;
  const hasSpread = isHeld && finite.length > 1;
  const { low, high } = hasSpread ? confidenceInterval95(finite) : { low: NaN, high: NaN };
  return { lr, finite, mean: isHeld ? mean(finite) : NaN, low, high, diverged };
}

/** Where the shaded region begins; undefined if no seed diverged at the highest rate. */
function divergesFrom(rates: readonly Rate[]): number | undefined {
  const lastHeld = rates.findLastIndex((rate) => rate.diverged === 0);
  const first = rates[lastHeld + 1];
  if (first === undefined) return undefined;
  const below = rates[lastHeld];
  return below === undefined ? first.lr / 2 : Math.sqrt(below.lr * first.lr);
}

function rateMarks(rates: readonly Rate[], held: readonly Rate[]): Plot.Markish[] {
  const seeds = rates.flatMap(({ lr, finite }) =>
    finite.map((loss): Point => ({ x: lr, y: loss }))
  );
  const means = held.map((rate): Point => ({ x: rate.lr, y: rate.mean }));
  const spread = held.filter((rate) => Number.isFinite(rate.low));
  return [
    Plot.line(means, { ...XY, stroke: PALETTE.train, strokeWidth: 2 }),
    Plot.ruleX(spread, { x: "lr", y1: "low", y2: "high", stroke: PALETTE.train, clip: true }),
    Plot.dot(seeds, { ...XY, r: 2.5, fill: PALETTE.train, fillOpacity: 0.4 }),
    Plot.dot(means, { ...XY, r: 4, fill: PALETTE.train, stroke: "white" }),
  ];
}

/** A cross at the top of the chart for each rate at which runs diverged. */
function crosses(rates: readonly Rate[], top: number): Plot.Markish[] {
  const lost = rates.filter((rate) => rate.diverged > 0);
  return [
    Plot.dot(lost, {
      x: "lr",
      y: top,
      symbol: "times",
      r: 5,
      stroke: PALETTE.validation,
      strokeWidth: 2,
      dy: 28,
    }),
    Plot.text(lost, {
      x: "lr",
      y: top,
      text: ({ diverged, finite }: Rate) => `${diverged}/${diverged + finite.length}`,
      dy: 44,
      fill: PALETTE.validation,
    }),
  ];
}

function bestMarks(best: Rate): Plot.Markish[] {
  const point = [{ x: best.lr, y: best.mean }];
  return [
    Plot.dot(point, { ...XY, r: 8, stroke: PALETTE.train, strokeWidth: 1.5 }),
    Plot.text(point, {
      ...XY,
      text: [`best ${best.mean.toFixed(3)} at ${formatRate(best.lr)}`],
      dy: -20,
      fill: PALETTE.train,
      ...HALO,
    }),
  ];
}

function floorMarks(floor: number, right: number): Plot.Markish[] {
  return [
    Plot.ruleY([floor], { stroke: PALETTE.oracle, strokeDasharray: "5 4" }),
    Plot.text([`floor ${floor.toFixed(3)}`], {
      x: right,
      y: floor,
      textAnchor: "start",
      dx: 8,
      fill: PALETTE.oracle,
    }),
  ];
}

function rateDomain(rates: readonly Rate[]): [number, number] {
  const low = rates[0]?.lr ?? 1e-4, high = rates.at(-1)?.lr ?? 1e-2;
  const factor = high > low ? (high / low) ** 0.06 : 2;
  return [low / factor, high * factor];
}

/**
 * The range of the seeds' losses and the floor; intervals of two seeds may be far wider, and are
 * cut off.
 */
function lossDomain(rates: readonly Rate[], floor: number | undefined): [number, number] {
  const values = rates.flatMap(({ finite }) => finite).concat(floor ?? []);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return [0, 1];
  const air = 0.1 * (high - low) || 0.1;
  return [low - air, high + 2.5 * air];
}

function describe(
  rates: readonly Rate[],
  best: Rate | undefined,
  start: number | undefined,
): string {
  const texts = rates.map(({ lr, mean, diverged, finite }) => {
    const lost = diverged === 0 ? [] : [`${diverged} of ${diverged + finite.length} diverged`];
    const kept = Number.isFinite(mean) ? [mean.toFixed(3)] : [];
    return `${formatRate(lr)}: ${[...kept, ...lost].join(", ")}`;
  });
  return [
    texts.join(", ") || "no rate yet",
    ...best ? [`best ${formatRate(best.lr)}`] : [],
    ...start === undefined ? [] : [`diverges from ${formatRate(start)} on`],
  ].join("; ");
}
