import * as Plot from "@observablehq/plot";
import { largest } from "lib/core/mod.ts";
import { formatShort } from "./_numbers.ts";
import type { ChartOptions } from "./render.ts";

/** Who looks where: one head's attention weights, or a mask. */
export interface AttentionPanel {
  /** What stands above it, such as `head 0`; none where there is one panel. */
  readonly title?: string;
  /** [T queries, T keys], each from 0 to 1. */
  readonly weights: readonly (readonly number[])[];
}

/** Settings of {@linkcode attentionMap}. */
export interface AttentionMapOptions {
  /** The token at each position, for both axes; default the position's number. */
  readonly tokens?: readonly string[];
  /** Whether each cell shows its number; default false. */
  readonly hasValues?: boolean;
}

interface Cell {
  /** Which panel: two may have the same title. */
  readonly panel: number;
  readonly query: number;
  readonly key: number;
  readonly weight: number;
}

/** Pixels: a map is wide where there is room, and shrinks to fit several beside each other. */
const MOST_WIDTH = 720;
const LARGEST_CELL = 36;
const BOTTOM = 28;

/** More cells than this are drawn as pixels: as rectangles, 100 letters each, a page would not bear them. */
const MOST_RECTANGLES = 5000;

/** A token's letters on an axis; longer ones would leave no room for the map. */
const MOST_LETTERS = 16;

/** Pixels of a letter, straight and at 45 degrees; of a line, tight and loose; of an axis label with its air. */
const LETTER = { across: 7, slanted: 5.2, height: 11, loose: 18, label: 34 };

const letters = new Intl.Segmenter();

/** From this weight on a number is written in white. */
const DARK = 0.55;

/**
 * Draws attention weights or masks as images: row = who asks (query), column = who is looked at
 * (key), dark = much.
 *
 * In a causal model all that lies above the diagonal is empty. Each row of attention weights sums
 * to 1.
 *
 * @param panels One image each, all of the same size, drawn side by side.
 * @param options Tokens for the axes, numbers in the cells.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, up to 720 pixels wide.
 * @throws {TypeError} If the panels differ in size, or there is not one token per position.
 *
 * @example
 * ```ts
 * import { attentionMap, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = attentionMap([{ weights: [[1, 0], [0.25, 0.75]] }], { tokens: ["The", "dog"] });
 * assertEquals(chart.ariaDescription, "1 map of 2 queries and 2 keys; 1 of 4 weights are 0");
 * assertStringIncludes(renderPlot(chart), "dog");
 * ```
 */
export function attentionMap(
  panels: readonly AttentionPanel[],
  options: AttentionMapOptions = {},
): ChartOptions {
  const { queries, keys } = checkedSize(panels, options.tokens);
  const cells = panels.flatMap(({ weights }, i) => cellsOf(i, weights));
  const tokenAt = (place: number) => shorten(options.tokens?.[place] ?? String(place));
  const margins = marginsFor(placesOf(Math.max(queries, keys)).map(tokenAt));
  const columns = Math.max(1, panels.length) * (Math.max(1, keys) + 0.5);
  const across = margins.marginLeft + margins.marginRight;
  const side = Math.min(LARGEST_CELL, (MOST_WIDTH - across) / columns);
  const isTitled = panels.some(({ title }) => title !== undefined);
  const isRaster = cells.length > MOST_RECTANGLES;
  const axis = {
    isRaster,
    every: Math.max(1, Math.ceil((isRaster ? LETTER.loose : LETTER.height) / side)),
    tokenAt,
  };
  return {
    ...margins,
    width: across + side * columns,
    height: margins.marginTop + BOTTOM + side * queries,
    x: { ...axisOf(keys, axis), axis: "top", label: "looked at (key)", tickRotate: -45 },
    y: { ...axisOf(queries, { ...axis, isDownward: true }), label: "asking (query)" },
    fx: {
      domain: placesOf(panels.length),
      tickFormat: (i: number) => panels[i]?.title ?? "",
      axis: isTitled ? "bottom" : null,
      label: null,
      padding: 0.06,
    },
    color: { type: "linear", domain: [0, 1], range: ["#EEF3F7", "#08417A"] },
    ariaLabel: "Attention: who looks where",
    ariaDescription: describe(panels.length, { queries, keys }, cells),
    marks: [
      isRaster ? pixels(cells, { queries, keys }) : rectangles(cells),
      options.hasValues && !isRaster ? numbers(cells, side) : null,
    ],
  };
}

/** How an axis of positions is drawn. */
interface PositionAxis {
  readonly isRaster: boolean;
  /** Positions to one that is written: where a letter is higher than a cell, there is no room for all. */
  readonly every: number;
  readonly tokenAt: (place: number) => string;
  readonly isDownward?: boolean;
}

function axisOf(
  size: number,
  { isRaster, every, tokenAt, isDownward = false }: PositionAxis,
): Plot.ScaleOptions {
  const places = placesOf(size), ends = [-0.5, size - 0.5];
  return {
    tickSize: 0,
    labelAnchor: "center",
    labelArrow: "none",
    tickFormat: tokenAt,
    ticks: places.filter((place) => place % every === 0),
    ...isRaster
      ? { type: "linear", domain: isDownward ? ends.toReversed() : ends }
      : { type: "band", domain: places, padding: 0.04 },
  };
}

function placesOf(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i);
}

function rectangles(cells: readonly Cell[]): Plot.Markish {
  return Plot.cell(cells, { x: "key", y: "query", fx: "panel", fill: "weight" });
}

/** One pixel per weight, which the reader's program enlarges to squares. */
function pixels(cells: readonly Cell[], size: { queries: number; keys: number }): Plot.Markish {
  return Plot.raster(cells, {
    x: "key",
    y: "query",
    fx: "panel",
    fill: "weight",
    width: size.keys,
    height: size.queries,
    x1: -0.5,
    x2: size.keys - 0.5,
    y1: -0.5,
    y2: size.queries - 0.5,
    imageRendering: "pixelated",
  });
}

/** The token, or its beginning. */
function shorten(token: string): string {
  if (widthOf(token) <= MOST_LETTERS) return token;
  let kept = "";
  for (const { segment } of letters.segment(token)) {
    if (widthOf(kept + segment) > MOST_LETTERS - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Letters as a reader counts them; from Korean on, and pictures, they are as wide as two. */
function widthOf(text: string): number {
  return [...letters.segment(text)]
    .reduce((width, { segment }) => width + ((segment.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0);
}

/** Room for the longest token beside the rows and, slanted, above the columns. */
function marginsFor(tokens: readonly string[]) {
  const longest = largest(tokens.map(widthOf), 2);
  return {
    marginLeft: LETTER.label + LETTER.across * longest,
    marginTop: LETTER.label + LETTER.slanted * longest,
    marginRight: LETTER.slanted * longest,
    marginBottom: BOTTOM,
  };
}

function numbers(cells: readonly Cell[], side: number): Plot.Markish {
  return Plot.text(cells, {
    x: "key",
    y: "query",
    fx: "panel",
    text: (cell: Cell) => formatShort(Number(cell.weight.toFixed(2))),
    fill: (cell: Cell) => cell.weight > DARK ? "white" : "black",
    fontSize: Math.min(11, side / 2.6),
  });
}

function cellsOf(panel: number, weights: AttentionPanel["weights"]): Cell[] {
  return weights.flatMap((row, query) => row.map((weight, key) => ({ panel, query, key, weight })));
}

function checkedSize(
  panels: readonly AttentionPanel[],
  tokens: readonly string[] | undefined,
): { queries: number; keys: number } {
  const queries = panels[0]?.weights.length ?? 0, keys = panels[0]?.weights[0]?.length ?? 0;
  for (const { weights } of panels) {
    const odd = weights.find((row) => row.length !== keys);
    if (weights.length === queries && odd === undefined) continue;
    throw new TypeError(
      `Cannot draw attention: expected maps of ${queries} rows of ${keys} weights, ` +
        `got ${weights.length} rows of ${(odd ?? weights[0] ?? []).length}`,
    );
  }
  const longest = Math.max(queries, keys);
  if (tokens !== undefined && panels.length > 0 && tokens.length !== longest) {
    throw new TypeError(
      `Cannot draw attention: expected ${longest} tokens, one per position, got ${tokens.length}`,
    );
  }
  return { queries, keys };
}

function describe(
  maps: number,
  { queries, keys }: { readonly queries: number; readonly keys: number },
  cells: readonly Cell[],
): string {
  if (cells.length === 0) return "no map yet";
  const zeros = cells.filter(({ weight }) => weight === 0).length;
  return `${maps} map${maps === 1 ? "" : "s"} of ${queries} queries and ${keys} keys; ` +
    `${zeros} of ${cells.length} weights are 0`;
}
