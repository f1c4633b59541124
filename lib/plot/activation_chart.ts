import * as Plot from "@observablehq/plot";
import { largest, smallest } from "lib/core/mod.ts";
import { HALO, XY } from "./_frame.ts";
import { placeLabels } from "./_labels.ts";
import { formatShort } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";
import type { Point } from "./series.ts";

/** How large the numbers are that pass through a network, layer by layer. */
export interface ActivationSeries {
  /** What differs between the networks, such as the initialisation. */
  readonly name: string;
  /** The standard deviation at the input and after each layer. */
  readonly deviations: readonly number[];
}

/** Settings of {@linkcode activationChart}. */
export interface ActivationChartOptions {
  /** What the horizontal axis counts; default `layer`. */
  readonly unit?: string;
  /** What the vertical axis shows; default `standard deviation of the activations`. */
  readonly label?: string;
}

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly end: Point | undefined;
  readonly color: string;
  readonly dash: string;
}

const SIZE = {
  width: 640,
  height: 340,
  marginTop: 28,
  marginRight: 168,
  marginBottom: 40,
  marginLeft: 54,
};
const INNER_WIDTH = SIZE.width - SIZE.marginLeft - SIZE.marginRight;
const INNER_HEIGHT = SIZE.height - SIZE.marginTop - SIZE.marginBottom;
const COLORS = Object.values(PALETTE);

/** If there are more lines than colours, the colours repeat with other dashes. */
const DASHES = ["none", "6 3", "2 3"] as const;

const MOST_TICKS = 7;

/** Standard deviations that neither vanish nor explode: drawn as a band. */
const HEALTHY = { low: 0.1, high: 10 } as const;

/**
 * Draws how large activations are at each depth, on a log axis with a band for healthy values.
 *
 * On a straight line each layer multiplies by the same factor: the activations explode if it rises,
 * and vanish if it falls. A deviation that is 0 or not finite cannot be drawn on a log axis; the
 * description counts these.
 *
 * @param series The lines to draw; the first value of each belongs to the input.
 * @param options The names of the axes.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 *
 * @example
 * ```ts
 * import { activationChart, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = activationChart([
 *   { name: "std 1", deviations: [1, 9.5, 105] },
 *   { name: "He", deviations: [1, 0.84, 0.82] },
 * ]);
 * assertEquals(chart.ariaDescription, "std 1 from 1 to 105; He from 1 to 0.82");
 * assertStringIncludes(renderPlot(chart), "std 1");
 * ```
 */
export function activationChart(
  series: readonly ActivationSeries[],
  options: ActivationChartOptions = {},
): ChartOptions {
  const { unit = "layer", label = "standard deviation of the activations" } = options;
  const lines = series.map(lineOf), drawn = lines.flatMap((line) => line.points);
  const depth = largest(drawn.map((point) => point.x), 1);
  const values = [...drawn.map((point) => point.y), HEALTHY.low, HEALTHY.high];
  const domain = [smallest(values) / 2, largest(values) * 2] as const;
  const color = { domain: lines.map((line) => line.name), range: lines.map((line) => line.color) };
  return {
    ...SIZE,
    x: { domain: [0, depth], label: unit, labelAnchor: "center", ticks: Math.min(8, depth) },
    y: {
      type: "log",
      domain,
      label,
      grid: true,
      ticks: powersWithin(domain),
      tickFormat: formatPower,
    },
    color,
    ariaLabel: "Activations by depth",
    ariaDescription: series.map(describe).join("; ") || "nothing measured yet",
    marks: [
      Plot.rectY([HEALTHY], {
        x1: 0,
        x2: depth,
        y1: "low",
        y2: "high",
        fill: PALETTE.oracle,
        fillOpacity: 0.16,
      }),
      Plot.ruleY([1], { stroke: PALETTE.reference, strokeDasharray: "5 4" }),
      ...lines.map(lineMarks),
      ...nameMarks(lines, domain, depth),
      lines.length === 0 ? Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }) : null,
    ],
  };
}

function lineOf({ name, deviations }: ActivationSeries, i: number): Line {
  const points = deviations.map((y, x) => ({ x, y })).filter((point) => isDrawable(point.y));
  return {
    name,
    points,
    end: points.at(-1),
    color: COLORS[i % COLORS.length] ?? PALETTE.reference,
    dash: DASHES[Math.floor(i / COLORS.length) % DASHES.length] ?? "none",
  };
}

function isDrawable(deviation: number): boolean {
  return Number.isFinite(deviation) && deviation > 0;
}

function lineMarks({ points, color, dash }: Line): Plot.Markish[] {
  return [
    Plot.line(points, { ...XY, stroke: color, strokeWidth: 2, strokeDasharray: dash }),
    Plot.dot(points, { ...XY, fill: color, r: 2 }),
  ];
}

function nameMarks(
  lines: readonly Line[],
  domain: readonly [number, number],
  depth: number,
): Plot.Markish[] {
  const scale = Plot.scale({ y: { type: "log", domain, range: [INNER_HEIGHT, 0] } });
  const ends = lines.flatMap((line) => line.end ? [{ ...line, value: line.end.y }] : []);
  const placed = placeLabels(ends, { height: INNER_HEIGHT, toPixel: (y) => scale.apply(y) });
  const x = depth * (1 + 10 / INNER_WIDTH);
  return placed.map(({ label, pixel }) =>
    Plot.text([label.name], {
      x,
      y: scale.invert?.(pixel),
      textAnchor: "start",
      fill: label.color,
      ...HALO,
    })
  );
}

/** About six powers of ten: the axis's own ticks are too close together if the range is small. */
function powersWithin([low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(low)), last = Math.floor(Math.log10(high));
  const step = Math.max(1, Math.ceil((last - first) / MOST_TICKS));
  const start = step * Math.ceil(first / step); // so that 1 is among them
  return Array.from(
    { length: Math.floor((last - start) / step) + 1 },
    (_, i) => 10 ** (start + i * step),
  );
}

function formatPower(value: number): string {
  if (value >= 1e-3 && value < 1e4) return formatShort(value);
  const [digits = "", power = ""] = value.toExponential().split("e");
  return `${formatShort(Number(digits))}e${Number(power)}`;
}

function describe({ name, deviations }: ActivationSeries): string {
  const drawable = deviations.filter(isDrawable), first = drawable[0], last = drawable.at(-1);
  if (first === undefined || last === undefined) return `${name} without a value above 0`;
  const missing = deviations.length - drawable.length;
  const rest = missing === 0 ? "" : `, ${missing} zero or not finite`;
  return `${name} from ${formatPower(first)} to ${formatPower(last)}${rest}`;
}
