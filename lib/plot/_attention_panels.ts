import * as Plot from "@observablehq/plot";
import { formatShort } from "./_numbers.ts";

/** The attention weights: one row per query, one column per key. */
export type Weights = readonly (readonly number[])[];

/** One map and its place in a grid. */
export interface GridPanel {
  readonly column: number;
  readonly row: number;
  readonly weights: Weights;
  /** The text below the map; no text if it is empty. */
  readonly title?: string;
}

/** Maps of one size, side by side and below each other. */
export interface PanelGrid {
  readonly panels: readonly GridPanel[];
  /** The text below each column; no text if it is empty. */
  readonly columns: readonly string[];
  /** The text to the right of each row; no text if it is empty. */
  readonly rows: readonly string[];
  /** The token at each position. */
  readonly tokenAt: (place: number) => string;
  /** Whether cells show their numbers if there is room. */
  readonly hasValues?: boolean;
}

/** The numbers of queries and keys of a map. */
export interface MapSize {
  readonly queries: number;
  readonly keys: number;
}

interface Cell {
  readonly column: number;
  readonly row: number;
  readonly query: number;
  readonly key: number;
  readonly weight: number;
}

/** Pixels: a map is as large as there is room for, and smaller if several stand side by side. */
const MOST_WIDTH = 720;
const LARGEST_CELL = 36;
const BOTTOM = 28;

/** Pixels between maps; if maps have titles, the gap between two rows leaves room for them. */
const GAP = { across: 12, down: 12, title: 26 };

/** Pixels: maps side by side are at least this wide; further maps go into the next row. */
const LEAST_WIDTH = { cell: 9, map: 300 };

/** Above this number of cells each map is an image: as rectangles they would take megabytes. */
const MOST_CELLS = 2500;

/** Pixels: the width of a letter, horizontal and at 45 degrees, and the room for an axis label. */
const LETTER = { across: 7, slanted: 5.2, label: 34 };

/** Longer tokens are shortened on the axes, so that enough room is left for the map. */
const MOST_LETTERS = 14;

/**
 * Font sizes of the tokens; if cells are lower than the smallest one, only some tokens are named.
 */
const FONT = { largest: 12, smallest: 8 };

/** Smaller cells have no room for a number. */
const NUMBER_CELL = 16;

/** Above this weight a number is written in the colour of the background. */
const DARK = 0.55;

/** How many maps of this size stand side by side. */
export function panelsAcross(count: number, { keys }: MapSize): number {
  const least = Math.min(LEAST_WIDTH.cell * keys, LEAST_WIDTH.map);
  const room = MOST_WIDTH - 2 * LETTER.label;
  return Math.max(1, Math.min(count, Math.floor((room + GAP.across) / (least + GAP.across))));
}

/** Lays out maps with their axes and their colour ramp. */
export function panelGrid(grid: PanelGrid, size: MapSize): Plot.PlotOptions {
  const { side, frame, gapDown } = layOut(grid, size);
  const cells = grid.panels.flatMap(cellsOf), isImage = cells.length > MOST_CELLS;
  const share = (gap: number, count: number) => gap / (side * Math.max(1, count) + gap);
  const facet = { label: null, paddingOuter: 0 };
  return {
    ...frame,
    // The cells of a map have their centres at 0.5, 1.5, … on linear axes.
    x: { type: "linear", domain: [0, Math.max(1, size.keys)], axis: null },
    y: { type: "linear", domain: [Math.max(1, size.queries), 0], axis: null },
    fx: { ...named(grid.columns, "bottom"), ...facet, paddingInner: share(GAP.across, size.keys) },
    fy: { ...named(grid.rows, "right"), ...facet, paddingInner: share(gapDown, size.queries) },
    color: {
      type: "linear",
      domain: [0, 1],
      range: ["#EEF3F7", "#08417A"],
      legend: grid.panels.length > 0,
      label: "attention weight",
    },
    marks: [
      isImage ? images(cells, size) : rectangles(cells, side),
      grid.hasValues && side >= NUMBER_CELL && !isImage ? numbers(cells, side) : null,
      titles(grid.panels),
      ...tokenAxes(grid, size, side),
    ],
  };
}

function layOut({ panels, columns, rows, tokenAt }: PanelGrid, { queries, keys }: MapSize) {
  const places = Array.from({ length: Math.max(queries, keys) }, (_, place) => tokenAt(place));
  const longest = places.reduce((most, token) => Math.max(most, shorten(token).length), 2);
  const rowName = rows.reduce((most, name) => Math.max(most, name.length), 0);
  const marginLeft = LETTER.label + LETTER.across * longest;
  const marginRight = Math.max(LETTER.slanted * longest, 16 + LETTER.across * rowName);
  const marginTop = LETTER.label + LETTER.slanted * longest;
  const gapDown = panels.some(({ title = "" }) => title !== "") ? GAP.title : GAP.down;
  const across = marginLeft + marginRight + GAP.across * (columns.length - 1);
  const side = Math.min(
    LARGEST_CELL,
    (MOST_WIDTH - across) / (Math.max(1, columns.length) * Math.max(1, keys)),
  );
  const down = marginTop + BOTTOM + gapDown * (rows.length - 1);
  const frame = {
    marginLeft,
    marginTop,
    marginRight,
    marginBottom: BOTTOM,
    width: across + side * Math.max(1, columns.length) * Math.max(1, keys),
    height: down + side * rows.length * queries,
  };
  return { side, frame, gapDown };
}

/** One facet per name, with the name beside it. */
function named(names: readonly string[], axis: "bottom" | "right") {
  return {
    domain: names.map((_, i) => i),
    tickFormat: (i: number) => names[i] ?? "",
    axis: names.some((name) => name !== "") ? axis : null,
  };
}

function titles(panels: readonly GridPanel[]): Plot.Markish {
  return Plot.text(panels.filter(({ title = "" }) => title !== ""), {
    fx: "column",
    fy: "row",
    text: "title",
    frameAnchor: "bottom",
    dy: 12,
  });
}

/** Draws each cell as a rectangle; a thin line of the background separates it from the next. */
function rectangles(cells: readonly Cell[], side: number): Plot.Markish {
  return Plot.rect(cells, {
    x1: "key",
    x2: ({ key }: Cell) => key + 1,
    y1: "query",
    y2: ({ query }: Cell) => query + 1,
    fx: "column",
    fy: "row",
    fill: "weight",
    inset: side > 6 ? 0.5 : 0,
  });
}

/** Draws each map as an image, with one pixel per cell. */
function images(cells: readonly Cell[], { queries, keys }: MapSize): Plot.Markish {
  return Plot.raster(cells, {
    x: ({ key }: Cell) => key + 0.5,
    y: ({ query }: Cell) => query + 0.5,
    fx: "column",
    fy: "row",
    fill: "weight",
    x1: 0,
    x2: keys,
    y1: 0,
    y2: queries,
    width: keys,
    height: queries,
    interpolate: "none",
    imageRendering: "pixelated",
  });
}

function numbers(cells: readonly Cell[], side: number): Plot.Markish {
  return Plot.text(cells, {
    x: ({ key }: Cell) => key + 0.5,
    y: ({ query }: Cell) => query + 0.5,
    fx: "column",
    fy: "row",
    text: (cell: Cell) => formatShort(Number(cell.weight.toFixed(2))),
    fill: (cell: Cell) => cell.weight > DARK ? "white" : "black",
    fontSize: Math.min(11, side / 2.6),
  });
}

/** The axes: tokens in a font size that fits the cells, and the names of the axes. */
function tokenAxes({ tokenAt }: PanelGrid, { queries, keys }: MapSize, side: number) {
  const every = Math.max(1, Math.ceil(FONT.smallest / side));
  const ticks = (count: number) =>
    Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every + 0.5);
  const tokens = {
    tickSize: 0,
    tickPadding: 5,
    tickFormat: (place: number) => shorten(tokenAt(place - 0.5)),
    fontSize: Math.max(FONT.smallest, Math.min(FONT.largest, side)),
    label: null,
  };
  // Slanted lines of text are closer to each other than the cells are.
  const fontSize = Math.max(FONT.smallest, Math.min(FONT.largest, side * Math.SQRT1_2));
  const slanted = { tickRotate: -45, fontSize };
  const title = { labelArrow: "none", labelAnchor: "center" } as const,
    top = { anchor: "top" } as const;
  return [
    Plot.axisX(ticks(keys), { ...tokens, ...top, ...slanted }),
    Plot.axisY(ticks(queries), tokens),
    Plot.axisX([], { ...title, ...top, label: "looked at (key)" }),
    Plot.axisY([], { ...title, label: "asking (query)" }),
  ];
}

function cellsOf({ column, row, weights }: GridPanel): Cell[] {
  return weights.flatMap((line, query) =>
    line.map((weight, key) => ({ column, row, query, key, weight }))
  );
}

function shorten(token: string): string {
  const letters = [...token];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS - 1).join("")}…` : token;
}

/**
 * The size of all maps; throws if the maps differ in size, or there is not one token per position.
 */
export function mapSize(maps: readonly Weights[], tokens: readonly string[] | undefined): MapSize {
  const queries = maps[0]?.length ?? 0, keys = maps[0]?.[0]?.length ?? 0;
  for (const map of maps) {
    const odd = map.find((row) => row.length !== keys);
    if (map.length === queries && odd === undefined) continue;
    throw new TypeError(
      `Cannot draw attention: expected maps of ${queries} rows of ${keys} weights, ` +
        `got ${map.length} rows of ${(odd ?? map[0] ?? []).length}`,
    );
  }
  const longest = Math.max(queries, keys);
  if (tokens !== undefined && maps.length > 0 && tokens.length !== longest) {
    throw new TypeError(
      `Cannot draw attention: expected ${longest} tokens, one per position, got ${tokens.length}`,
    );
  }
  return { queries, keys };
}
