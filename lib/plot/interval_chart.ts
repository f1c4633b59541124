import * as Plot from "@observablehq/plot";
import { confidenceInterval95, mean } from "lib/core/mod.ts";
import { HALO } from "./_frame.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** One side of a comparison. */
export interface IntervalRow {
  /** What differs from the others, such as `dropout 0.1`. */
  readonly name: string;
  /** The measured values, one per seed; a value that is not finite counts as failed. */
  readonly values: readonly number[];
  /** A remark on the result, such as `no significant difference`; default none. */
  readonly note?: string;
}

/** Settings of {@linkcode intervalChart}. */
export interface IntervalChartOptions {
  /** What the axis shows, with its unit; default `validation loss, nats per target token`. */
  readonly label?: string;
  /** A value to compare with, such as the floor; default none. */
  readonly reference?: { readonly name: string; readonly value: number };
  /** Decimal places; default 3. */
  readonly digits?: number;
}

/** A row with the statistics computed from it. */
interface Summary {
  readonly name: string;
  readonly values: readonly number[];
  readonly failed: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly note: string | undefined;
}

/** Pixels: two lines of text, and some space between them and the next row. */
const ROW_HEIGHT = 44;
const SIZE = { width: 720, marginTop: 26, marginBottom: 42, letter: 7 };

/** Longer names are shortened. */
const MOST_LETTERS = 28;

/**
 * Draws a comparison: each seed's value as a small dot, the mean as a large one, and its 95 %
 * confidence interval as a line.
 *
 * With one seed there is no interval, so nothing can be concluded.
 *
 * @param rows The sides, from top to bottom.
 * @param options Axis, reference, digits.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 720 pixels wide.
 *
 * @example
 * ```ts
 * import { intervalChart, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = intervalChart([
 *   { name: "AdamW", values: [3.69, 3.71, 3.7] },
 *   { name: "SGD", values: [4.1, 4.3, 4.2], note: "worse" },
 * ]);
 * assertEquals(
 *   chart.ariaDescription,
 *   "AdamW 3.700, 95 % interval 3.675 to 3.725, 3 seeds; " +
 *     "SGD 4.200, 95 % interval 3.952 to 4.448, 3 seeds, worse",
 * );
 * assertStringIncludes(renderPlot(chart), "AdamW");
 * ```
 */
export function intervalChart(
  rows: readonly IntervalRow[],
  options: IntervalChartOptions = {},
): ChartOptions {
  const { label = "validation loss, nats per target token", reference, digits = 3 } = options;
  const summaries = rows.map(summarize), texts = summaries.map((row) => resultText(row, digits));
  const names = rows.map(({ name }) => shorten(name)), beside = texts.join("\n").split("\n");
  return {
    width: SIZE.width,
    height: SIZE.marginTop + SIZE.marginBottom + ROW_HEIGHT * Math.max(1, rows.length),
    marginTop: SIZE.marginTop,
    marginBottom: SIZE.marginBottom,
    marginLeft: 24 + SIZE.letter * longest(names),
    marginRight: 16 + SIZE.letter * longest(beside),
    x: { domain: domainOf(summaries, reference), label, labelAnchor: "center", ticks: 6 },
    y: {
      domain: summaries.map((_, row) => row),
      type: "band",
      label: null,
      tickSize: 0,
      tickFormat: (row: number) => names[row] ?? "",
    },
    ariaLabel: "Comparison with 95 % intervals",
    ariaDescription: summaries.map((row) => describe(row, digits)).join("; ") || "nothing yet",
    marks: [
      Plot.gridX({ ticks: 6 }),
      reference && referenceMarks(reference, digits),
      rowMarks(summaries),
      Plot.text(texts, { y: (_, row) => row, ...BESIDE }),
      rows.length > 0 ? null : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

/** To the right of the frame. */
const BESIDE = { frameAnchor: "right", textAnchor: "start", dx: 10, fill: "black" } as const;

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}

function summarize({ name, values, note }: IntervalRow): Summary {
  const finite = values.filter(Number.isFinite);
  const center = finite.length === 0 ? NaN : mean(finite);
  const { low, high } = finite.length < 2 ? { low: NaN, high: NaN } : confidenceInterval95(finite);
  return {
    name,
    values: finite,
    failed: values.length - finite.length,
    mean: center,
    low,
    high,
    note,
  };
}

function rowMarks(summaries: readonly Summary[]): Plot.Markish[] {
  const rows = summaries.map((summary, row) => ({ ...summary, row }));
  const seeds = rows.flatMap(({ values, row }) => values.map((value) => ({ value, row })));
  const measured = rows.filter((row) => Number.isFinite(row.mean));
  const spread = measured.filter((row) => Number.isFinite(row.low));
  return [
    Plot.dot(seeds, {
      x: "value",
      y: "row",
      r: 2.5,
      fill: PALETTE.train,
      fillOpacity: 0.35,
      dy: 8,
    }),
    Plot.ruleY(spread, { x1: "low", x2: "high", y: "row", stroke: PALETTE.train, strokeWidth: 2 }),
    Plot.tickX(spread.flatMap(({ low, high, row }) => [{ x: low, row }, { x: high, row }]), {
      x: "x",
      y: "row",
      stroke: PALETTE.train,
      strokeWidth: 2,
      inset: 16,
    }),
    Plot.dot(measured, { x: "mean", y: "row", r: 5, fill: PALETTE.train, stroke: "white" }),
  ];
}

function referenceMarks(
  { name, value }: { readonly name: string; readonly value: number },
  digits: number,
): Plot.Markish[] {
  return [
    Plot.ruleX([value], { stroke: PALETTE.oracle, strokeDasharray: "5 4" }),
    Plot.text([`${name} ${value.toFixed(digits)}`], {
      x: value,
      frameAnchor: "top",
      dy: -14,
      fill: PALETTE.oracle,
      ...HALO,
    }),
  ];
}

function domainOf(
  rows: readonly Summary[],
  reference: { readonly value: number } | undefined,
): [number, number] {
  const values = rows.flatMap(({ values, low, high }) => [...values, low, high])
    .concat(reference?.value ?? []).filter(Number.isFinite);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return [0, 1];
  const air = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
  return [low - air, high + air];
}

/** The text beside a row: its mean with interval, its failures, and the note on the next line. */
function resultText({ mean, low, high, failed, note }: Summary, digits: number): string {
  const result = Number.isFinite(low)
    ? `${mean.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
    : Number.isFinite(mean)
    ? `${mean.toFixed(digits)}, one seed`
    : "no value";
  const lines = [failed === 0 ? result : `${result}, ${failed} failed`, ...note ? [note] : []];
  return lines.join("\n");
}

function describe(row: Summary, digits: number): string {
  const { name, values, failed, note, mean, low, high } = row;
  if (!Number.isFinite(mean)) return `${name} without a value`;
  return [
    `${name} ${mean.toFixed(digits)}`,
    ...Number.isFinite(low)
      ? [`95 % interval ${low.toFixed(digits)} to ${high.toFixed(digits)}`]
      : [],
    `${values.length} seed${values.length === 1 ? "" : "s"}`,
    ...failed === 0 ? [] : [`${failed} failed`],
    ...note ? [note] : [],
  ].join(", ");
}

function shorten(name: string): string {
  return name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name;
}
