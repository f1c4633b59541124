import * as Plot from "@observablehq/plot";
import { HALO, XY } from "./_frame.ts";
import { percent } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** Probabilities of about the same size: what the model says, and what is true. */
export interface CalibrationRow {
  /** How many there are. */
  readonly count: number;
  /** The mean of the model's probabilities. */
  readonly model: number;
  /** The mean of the oracle's probabilities of the same tokens. */
  readonly oracle: number;
}

/** Settings of {@linkcode calibrationChart}. */
export interface CalibrationChartOptions {
  /** The share of the probability that lies in a wrong bin, 0 to 1; default not shown. */
  readonly error?: number;
}

const SIZE = {
  width: 560,
  height: 480,
  marginTop: 36,
  marginRight: 24,
  marginBottom: 46,
  marginLeft: 62,
};

/** Smaller probabilities are drawn at this edge. */
const LEAST = 1e-6;

/** The range of both axes, with some space around the smallest and the largest probability. */
const VIEW = [LEAST / 1.8, 1.8];

/** The radius, in pixels, of a dot that holds all of the probability. */
const LARGEST_DOT = 16;
const SMALLEST_DOT = 3;

/**
 * Draws how well a model is calibrated: on the diagonal its probabilities equal the oracle's.
 *
 * Below it the model is too sure of tokens, above it not sure enough. A larger dot holds more of
 * the probability. A hollow dot holds tokens that the oracle rules out.
 *
 * @param bins The bins, such as those of `calibrate` in `lib/analysis`.
 * @param options The error to show.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 560 pixels wide.
 *
 * @example
 * ```ts
 * import { calibrationChart, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const bins = [{ count: 250, model: 0.0037, oracle: 0.004 }, { count: 1, model: 0.9, oracle: 1 }];
 * const chart = calibrationChart(bins, { error: 0.01 });
 * assertEquals(
 *   chart.ariaDescription,
 *   "1.0 % of the probability in a wrong bin; model 0.0037, oracle 0.004; model 0.9, oracle 1",
 * );
 * assertStringIncludes(renderPlot(chart), "not sure enough");
 * ```
 */
export function calibrationChart(
  bins: readonly CalibrationRow[],
  options: CalibrationChartOptions = {},
): ChartOptions {
  const { error } = options, drawn = bins.filter((bin) => Number.isFinite(bin.model));
  const axis = { type: "log", domain: VIEW, ticks: POWERS, tickFormat: formatPower } as const;
  return {
    ...SIZE,
    x: { ...axis, label: "the model's probability of a token", labelAnchor: "center" },
    y: { ...axis, label: "the oracle's probability", grid: true },
    r: { type: "identity" },
    ariaLabel: "Calibration against the oracle",
    ariaDescription: describe(bins, error),
    marks: [
      Plot.line(VIEW, {
        x: (p: number) => p,
        y: (p: number) => p,
        stroke: PALETTE.oracle,
        strokeDasharray: "5 4",
      }),
      sideName("not sure enough", "top-left", "start"),
      sideName("too sure", "bottom-right", "end"),
      dotMarks(dotsOf(drawn)),
      error === undefined ? null : errorText(error),
      drawn.length > 0 ? null : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

function dotMarks(dots: readonly Dot[]): Plot.Markish[] {
  const possible = dots.filter(({ isPossible }) => isPossible);
  const impossible = dots.filter(({ isPossible }) => !isPossible);
  const hollow = { stroke: PALETTE.validation, strokeWidth: 1.5 };
  return [
    Plot.dot(possible, {
      ...XY,
      r: "radius",
      fill: PALETTE.train,
      fillOpacity: 0.75,
      stroke: "white",
    }),
    Plot.dot(impossible, { ...XY, r: "radius", ...hollow }),
    impossible.length === 0 ? null : Plot.text(["○ impossible by the oracle"], {
      frameAnchor: "bottom-left",
      textAnchor: "start",
      dx: 12,
      dy: -24,
      fill: PALETTE.validation,
      ...HALO,
    }),
  ];
}

function errorText(error: number): Plot.Markish {
  const text = `${percent(error)} of the probability in a wrong bin`;
  return Plot.text([text], { frameAnchor: "top-right", textAnchor: "end", dy: -16 });
}

const POWERS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly isPossible: boolean;
}

/**
 * The area of a dot is proportional to its bin's probability: the model's or the oracle's,
 * whichever is larger.
 */
function dotsOf(bins: readonly CalibrationRow[]): Dot[] {
  const masses = bins.map(({ count, model, oracle }) => count * Math.max(model, oracle));
  const total = masses.reduce((sum, mass) => sum + mass, 0) || 1;
  return bins.map(({ model, oracle }, i) => ({
    x: Math.max(LEAST, model),
    y: Math.max(LEAST, oracle),
    radius: Math.max(SMALLEST_DOT, LARGEST_DOT * Math.sqrt((masses[i] ?? 0) / total)),
    isPossible: oracle > 0,
  }));
}

function sideName(
  text: string,
  frameAnchor: "top-left" | "bottom-right",
  textAnchor: "start" | "end",
): Plot.Markish {
  const sign = textAnchor === "start" ? 1 : -1;
  return Plot.text([text], {
    frameAnchor,
    textAnchor,
    dx: 10 * sign,
    dy: 14 * sign,
    fill: PALETTE.reference,
  });
}

function formatPower(p: number): string {
  return p >= 1e-3 ? String(p) : p.toExponential();
}

function describe(bins: readonly CalibrationRow[], error: number | undefined): string {
  const short = (p: number) => String(Number(p.toPrecision(2)));
  return [
    ...error === undefined ? [] : [`${percent(error)} of the probability in a wrong bin`],
    ...bins.map(({ model, oracle }) => `model ${short(model)}, oracle ${short(oracle)}`),
  ].join("; ") || "nothing measured yet";
}
