import * as Plot from "@observablehq/plot";
import { type Placed, placeLabels } from "./_labels.ts";
import { formatShort, formatStep } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { AxisScale, Point } from "./series.ts";

/** Pixels; the margin on the right holds the names of the lines. */
const SIZE = {
  width: 640,
  height: 340,
  marginTop: 28,
  marginRight: 156,
  marginBottom: 40,
  marginLeft: 54,
};
const INNER_WIDTH = SIZE.width - SIZE.marginLeft - SIZE.marginRight;
const INNER_HEIGHT = SIZE.height - SIZE.marginTop - SIZE.marginBottom;

/** The number of stretches that a line over the steps is thinned to: one per pixel. */
export const STRETCHES = INNER_WIDTH;

/** The share of the values' range that is left free above and below them. */
const AIR = 0.07;

/** The channels of a mark made of points. */
export const XY = { x: "x", y: "y" } as const;

/** A white outline that keeps a text readable where lines cross it. */
export const HALO = { stroke: "white", strokeWidth: 4 } as const;

/** The settings for the layout of a chart over the steps. */
export interface FrameOptions {
  /** What is drawn, for messages: "a loss curve". */
  readonly what: string;
  /** What the vertical axis shows, with its unit. */
  readonly label: string;
  readonly scale: AxisScale;
  /** The values that must lie inside; those that are not finite are ignored. */
  readonly values: readonly number[];
  /** Where the horizontal axis ends. */
  readonly lastStep: number;
  /** Whether a linear axis starts at 0. */
  readonly isFromZero?: boolean;
  /** How the axis writes a value. */
  readonly format?: (value: number) => string;
}

/** A name at the right end of a line. */
export interface EndLabel {
  /** The height at which the line ends. */
  readonly value: number;
  /** The step at which it ends; by default the end of the axis. */
  readonly step?: number;
  readonly text: string;
  readonly color: string;
}

/** Lays out the axes of a chart over the steps, and the names at the ends of its lines. */
export function stepFrame(frame: FrameOptions, labels: readonly EndLabel[]): Plot.PlotOptions {
  const { label, scale, lastStep, format = formatShort } = frame;
  const domain = domainOf(frame);
  const toPixel = Plot.scale({ y: { type: scale, domain, range: [INNER_HEIGHT, 0] } });
  const finite = labels.filter((end) => Number.isFinite(end.value));
  const placed = placeLabels(finite, { height: INNER_HEIGHT, toPixel: (y) => toPixel.apply(y) });
  return {
    ...SIZE,
    x: {
      domain: [0, lastStep],
      label: "step",
      labelAnchor: "center",
      ticks: Math.min(6, lastStep),
      tickFormat: formatStep,
    },
    y: { type: scale, domain, label, grid: true, ticks: 6, tickFormat: format },
    marks: [
      ...placed.map((end) => labelMarks(end, lastStep, toPixel.invert?.(end.pixel))),
      frame.values.some(Number.isFinite) ? null : Plot.text(["nothing to draw yet"], {
        frameAnchor: "middle",
        fill: PALETTE.reference,
      }),
    ],
  };
}

function labelMarks(end: Placed<EndLabel>, lastStep: number, y: number): Plot.Markish[] {
  const { value, text, color, step = lastStep } = end.label, pixel = lastStep / INNER_WIDTH;
  const tie = { x1: lastStep, x2: lastStep + 12 * pixel, y1: value, y2: y, stroke: color };
  const leaderLine = { x1: step, x2: lastStep, y1: value, y2: value, stroke: color };
  return [
    step < lastStep ? Plot.link([end], { ...leaderLine, strokeDasharray: "1 4" }) : null,
    Plot.link([end], { ...tie, strokeOpacity: 0.5 }),
    Plot.text([text], { x: lastStep + 16 * pixel, y, textAnchor: "start", fill: color }),
  ];
}

/**
 * The range of the finite values, with some space around it; 0 to 1 (log: 0.1 to 1) if there are
 * none.
 */
function domainOf(options: FrameOptions): [number, number] {
  const finite = options.values.filter(Number.isFinite);
  if (finite.length === 0) return options.scale === "log" ? [0.1, 1] : [0, 1];
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  if (options.scale === "log") return logDomain(low, high, options.what);
  return linearDomain(low, high, options);
}

function linearDomain(
  low: number,
  high: number,
  { isFromZero = false }: Pick<FrameOptions, "isFromZero">,
): [number, number] {
  const bottom = isFromZero ? Math.min(0, low) : low;
  const air = AIR * (high - bottom) || 0.1 * Math.abs(high) || 1;
  return [isFromZero ? bottom : bottom - air, high + air];
}

function logDomain(low: number, high: number, what: string): [number, number] {
  if (low <= 0) {
    throw new RangeError(
      `Cannot draw ${what} on a log scale: expected values above 0, got ${low}; ` +
        'take scale: "linear"',
    );
  }
  const factor = high > low ? (high / low) ** AIR : 2;
  return [low / factor, high * factor];
}

/**
 * The last step of the rows or of the run, whichever is later; at least 1, so that the axis has a
 * length.
 */
export function lastStep(rows: readonly { readonly step: number }[], totalSteps = 1): number {
  return Math.max(1, totalSteps, rows.at(-1)?.step ?? 0);
}

/** Names a line's last finite point; gives no label if the line has no such point. */
export function endLabel(
  points: readonly Point[],
  name: (value: number) => string,
  color: string,
): EndLabel[] {
  const last = points.findLast((point) => Number.isFinite(point.y));
  return last === undefined ? [] : [{ value: last.y, step: last.x, text: name(last.y), color }];
}
