import * as Plot from "@observablehq/plot";
import { count } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** Settings of {@linkcode lengthHistogram}. */
export interface LengthHistogramOptions {
  /** What one unit of length is; default `tokens`. */
  readonly unit?: string;
}

interface Bar {
  readonly length: number;
  readonly examples: number;
}

/**
 * Draws how many examples have each length: what decides how much a batch must be padded.
 *
 * @param lengths The length of each example, whole numbers.
 * @param options What is counted.
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
  const bars = countLengths(lengths), most = Math.max(1, ...bars.map((bar) => bar.examples));
  return {
    width: 640,
    height: 240,
    marginTop: 28,
    marginLeft: 54,
    marginBottom: 40,
    x: { label: unit, labelAnchor: "center", tickFormat: String, padding: 0.15 },
    y: { domain: [0, 1.08 * most], label: "examples", grid: true, ticks: 5 },
    ariaLabel: "Examples by length",
    ariaDescription: describe(lengths, bars, unit),
    marks: [
      Plot.barY(bars, { x: "length", y: "examples", fill: PALETTE.train }),
      Plot.text(bars.filter((bar) => bar.examples > 0), {
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

/** A bar for every length from the shortest to the longest: a gap is a bar of height 0. */
function countLengths(lengths: readonly number[]): Bar[] {
  const counts = new Map<number, number>();
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0) {
      throw new RangeError(`Cannot draw lengths: expected whole numbers from 0, got ${length}`);
    }
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const shortest = Math.min(...counts.keys()), longest = Math.max(...counts.keys());
  return Array.from({ length: longest - shortest + 1 }, (_, i) => {
    const length = shortest + i;
    return { length, examples: counts.get(length) ?? 0 };
  });
}

function describe(lengths: readonly number[], bars: readonly Bar[], unit: string): string {
  const first = bars[0], last = bars.at(-1);
  if (first === undefined || last === undefined) return "no examples yet";
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const range = bars.length === 1 ? first.length : `${first.length} to ${last.length}`;
  return `${count(lengths.length)} example${lengths.length === 1 ? "" : "s"} of ${range} ${unit}, ${
    mean.toFixed(1)
  } in the mean`;
}
