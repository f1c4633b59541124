import * as Plot from "@observablehq/plot";
import { largest, smallest } from "lib/core/mod.ts";
import { count } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** Settings of {@linkcode lengthHistogram}. */
export interface LengthHistogramOptions {
  /** What one unit of length is; default `tokens`. */
  readonly unit?: string;
}

/** A bar: examples of one length, or of a range of lengths. */
interface Bar {
  /** The shortest length. */
  readonly length: number;
  readonly examples: number;
}

/** Pixels: the width of the chart, of both margins together, and of a digit. */
const WIDTH = 640;
const MARGINS = 74;
const DIGIT = 7;

/** More bars than this are too thin to be told apart. */
const MOST_BARS = 60;

/**
 * Draws how many examples have each length: the lengths decide how much padding a batch needs.
 *
 * @param lengths The length of each example, whole numbers.
 * @param options The unit of length.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If a length is not a whole number from 0.
 *
 * @example
 * ```ts
 * import { lengthHistogram, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = lengthHistogram([5, 7, 7, 9]);
 * assertEquals(chart.ariaDescription, "4 examples of 5 to 9 tokens, 7.0 in the mean");
 * assertStringIncludes(renderPlot(chart), "examples");
 * ```
 */
export function lengthHistogram(
  lengths: readonly number[],
  { unit = "tokens" }: LengthHistogramOptions = {},
): ChartOptions {
  const bars = countLengths(lengths), most = largest(bars.map((bar) => bar.examples), 1);
  const stretch = (bars[1]?.length ?? 0) - (bars[0]?.length ?? 0);
  return {
    width: WIDTH,
    height: 240,
    marginTop: 28,
    marginLeft: 54,
    marginBottom: 40,
    x: {
      label: stretch > 1 ? `${unit}, ${stretch} lengths per bar` : unit,
      labelAnchor: "center",
      domain: bars.map((bar) => bar.length),
      ticks: withRoom(bars, (bar) => String(bar.length)).map((bar) => bar.length),
      tickFormat: String,
      padding: 0.15,
    },
    y: { domain: [0, 1.08 * most], label: "examples", grid: true, ticks: 5 },
    ariaLabel: "Examples by length",
    ariaDescription: describe(lengths, unit),
    marks: [
      Plot.barY(bars, { x: "length", y: "examples", fill: PALETTE.train }),
      Plot.text(withRoom(bars, (bar) => count(bar.examples)).filter((bar) => bar.examples > 0), {
        x: "length",
        y: "examples",
        text: (bar: Bar) => count(bar.examples),
        dy: -8,
        fill: PALETTE.reference,
      }),
      Plot.ruleY([0]),
      bars.length === 0 ? Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }) : null,
    ],
  };
}

/**
 * Makes a bar for every length from the shortest to the longest, of height 0 if no example has it.
 * If these are too many, a bar stands for a range of 2, 5, 10, 20, 50, ... lengths.
 */
function countLengths(lengths: readonly number[]): Bar[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0) {
      throw new RangeError(`Cannot draw lengths: expected whole numbers from 0, got ${length}`);
    }
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const shortest = smallest(counts.keys()), longest = largest(counts.keys());
  const width = stretchFor(longest - shortest + 1), first = Math.floor(shortest / width) * width;
  const bars = Array.from(
    { length: Math.floor((longest - first) / width) + 1 },
    (_, i) => ({ length: first + i * width, examples: 0 }),
  );
  for (const [length, examples] of counts) {
    const bar = bars[Math.floor((length - first) / width)];
    if (bar !== undefined) bar.examples += examples;
  }
  return bars;
}

/** How many lengths per bar stands for, so that the bars have room. */
function stretchFor(span: number): number {
  let width = 1;
  for (let i = 0; span / width > MOST_BARS; i++) width *= i % 3 === 1 ? 2.5 : 2;
  return width;
}

/** Every bar, or every n-th bar, so that the texts at the bars do not overlap. */
function withRoom(bars: readonly Bar[], textOf: (bar: Bar) => string): Bar[] {
  const needed = DIGIT * largest(bars.map((bar) => textOf(bar).length + 1), 0);
  const every = Math.max(1, Math.ceil(needed * bars.length / (WIDTH - MARGINS)));
  return bars.filter((_, i) => i % every === 0);
}

function describe(lengths: readonly number[], unit: string): string {
  if (lengths.length === 0) return "no examples yet";
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const shortest = smallest(lengths), longest = largest(lengths);
  const range = shortest === longest ? shortest : `${shortest} to ${longest}`;
  return `${count(lengths.length)} example${lengths.length === 1 ? "" : "s"} of ${range} ${unit}, ${
    mean.toFixed(1)
  } in the mean`;
}
