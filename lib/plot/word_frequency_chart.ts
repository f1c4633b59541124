import * as Plot from "@observablehq/plot";
import { HALO } from "./_frame.ts";
import { count, percent } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** Settings of {@linkcode wordFrequencyChart}. */
export interface WordFrequencyOptions {
  /** How many of the most frequent tokens are named; default 3. */
  readonly named?: number;
}

interface Ranked {
  readonly rank: number;
  readonly token: string;
  readonly share: number;
}

/**
 * Draws the share of each token among all, the most frequent first, both axes logarithmic.
 *
 * In natural text the points lie near a falling straight line (Zipf's law); a flat stretch is a
 * group of words that are equally likely.
 *
 * @param counts How often each token was seen; tokens that were never seen cannot be drawn on a log
 *   axis.
 * @param options How many tokens are named.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 * @throws {RangeError} If a count is negative or not finite.
 *
 * @example
 * ```ts
 * import { renderPlot, wordFrequencyChart } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const chart = wordFrequencyChart(new Map([["The", 6], ["dog", 3], ["cat", 1]]));
 * assertStringIncludes(renderPlot(chart), "The 60.0 %");
 * ```
 *
 * Source: Zipf, "Human Behavior and the Principle of Least Effort", 1949.
 */
export function wordFrequencyChart(
  counts: ReadonlyMap<string, number>,
  { named = 3 }: WordFrequencyOptions = {},
): ChartOptions {
  const ranked = rank(counts), lowest = ranked.at(-1)?.share ?? 0.1;
  const labelled = ranked.slice(0, named);
  return {
    width: 640,
    height: 300,
    marginTop: 36,
    marginLeft: 62,
    marginBottom: 40,
    marginRight: 24,
    x: {
      type: "log",
      domain: [1, Math.max(2, ranked.length)],
      label: "rank, the most frequent token first",
      labelAnchor: "center",
      ticks: powersOfTen(1, ranked.length),
      tickFormat: count,
    },
    y: {
      type: "log",
      domain: [lowest / 2, 1],
      label: "share of all tokens",
      grid: true,
      ticks: powersOfTen(lowest / 2, 1),
      tickFormat: (share: number) => `${Number((100 * share).toPrecision(1))} %`,
    },
    ariaLabel: "Share of each token by rank",
    ariaDescription: describe(ranked, labelled),
    marks: rankMarks(ranked, labelled),
  };
}

function rankMarks(ranked: readonly Ranked[], labelled: readonly Ranked[]): Plot.Markish[] {
  const place = { x: "rank", y: "share" };
  return [
    Plot.dot(ranked, { ...place, r: 2.5, fill: PALETTE.train, fillOpacity: 0.6 }),
    // Neighbouring points are closer than their names are long: the names alternate between two
    // heights.
    [-28, -12].map((dy, parity) =>
      Plot.text(labelled.filter((_, i) => i % 2 === parity), {
        ...place,
        text: nameOf,
        textAnchor: "start",
        dx: -3,
        dy,
        fill: PALETTE.reference,
        ...HALO,
      })
    ),
    ranked.length === 0 ? Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }) : null,
  ];
}

function rank(counts: ReadonlyMap<string, number>): Ranked[] {
  const wrong = [...counts].find(([, times]) => !(times >= 0 && times < Infinity));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot draw frequencies: expected counts from 0, got ${wrong[1]} for "${wrong[0]}"`,
    );
  }
  const seen = [...counts].filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
  const total = seen.reduce((sum, [, times]) => sum + times, 0);
  return seen.map(([token, times], i) => ({ rank: i + 1, token, share: times / total }));
}

/**
 * The powers of ten from `low` to `high`: by default a log axis has more ticks than fit.
 */
function powersOfTen(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low)), last = Math.floor(Math.log10(Math.max(low, high)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => 10 ** (first + i));
}

function nameOf({ token, share }: Ranked): string {
  return `${token} ${percent(share)}`;
}

function describe(ranked: readonly Ranked[], labelled: readonly Ranked[]): string {
  if (ranked.length === 0) return "no tokens yet";
  return `${count(ranked.length)} different tokens; ${labelled.map(nameOf).join(", ")}`;
}
