import * as Plot from "@observablehq/plot";
import { HALO, XY } from "./_frame.ts";
import { percent } from "./_numbers.ts";
import { CATEGORIES, PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** A word and its place on the map. */
export interface EmbeddingPoint {
  /** Along the first direction. */
  readonly x: number;
  /** Along the second direction. */
  readonly y: number;
  /** The word. */
  readonly label: string;
  /** Its class, which gives colour and shape; default none. */
  readonly class?: string;
}

/** Settings of {@linkcode embeddingMap}. */
export interface EmbeddingMapOptions {
  /** The share of the variance, 0 to 1, that the two directions explain. */
  readonly explained?: readonly [number, number] | readonly number[];
  /**
   * The most words to name, taken from all classes in turn, if there is room for them; default 40.
   */
  readonly names?: number;
}

const SIZE = {
  width: 640,
  height: 520,
  marginTop: 28,
  marginRight: 20,
  marginBottom: 42,
  marginLeft: 54,
};
const INNER = {
  width: SIZE.width - SIZE.marginLeft - SIZE.marginRight,
  height: SIZE.height - SIZE.marginTop - SIZE.marginBottom,
};

/** Shapes, so that classes can also be told apart without colours. */
const SHAPES = ["circle", "triangle", "square", "diamond", "wye"] as const;

/** The share of the range that stays free around the points. */
const AIR = 0.06;

/**
 * Pixels: the width of a name's letter, the height of a line, the distance above the point, the
 * font size.
 */
const NAME = { letter: 6, height: 12, above: 9, size: 10 };

/**
 * Draws vectors as a map of two directions: words of one class have one colour and shape, and the
 * class is named at its middle.
 *
 * Both axes have the same scale, so that distances on the map are distances along the directions. A
 * word is named if there is room for its name.
 *
 * @param points The words, such as the `points` of `pca` in `lib/analysis`.
 * @param options Explained variance for the axes, number of names.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 *
 * @example
 * ```ts
 * import { embeddingMap, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const points = [{ x: 1, y: 2, label: "dog", class: "0" }, { x: -1, y: 1, label: "idea", class: "1" }];
 * const chart = embeddingMap(points, { explained: [0.4, 0.2] });
 * assertEquals(
 *   chart.ariaDescription,
 *   "2 words of 2 classes; the axes show 40.0 % and 20.0 % of the variance",
 * );
 * assertStringIncludes(renderPlot(chart), "component 1 (40.0 % of the variance)");
 * ```
 */
export function embeddingMap(
  points: readonly EmbeddingPoint[],
  options: EmbeddingMapOptions = {},
): ChartOptions {
  const { explained = [], names = 40 } = options;
  const drawn = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const classes = [...new Set(drawn.flatMap((point) => point.class ?? []))];
  const view = viewOf(drawn), middles = classes.map((name) => middleOf(name, drawn));
  const fill = (point: EmbeddingPoint) => colorOf(point, classes);
  return {
    ...SIZE,
    x: { domain: view.x, label: axisLabel(1, explained[0]), labelAnchor: "center", ticks: 6 },
    y: { domain: view.y, label: axisLabel(2, explained[1]), labelAnchor: "center", ticks: 6 },
    ariaLabel: "Map of the embeddings",
    ariaDescription: describe(points.length, { drawn, classes, explained }),
    marks: [
      Plot.gridX({ ticks: 6 }),
      Plot.gridY({ ticks: 6 }),
      Plot.dot(drawn, {
        ...XY,
        r: 3.5,
        symbol: (point: EmbeddingPoint) => SHAPES[classOf(point, classes) % SHAPES.length],
        fill,
        fillOpacity: 0.75,
      }),
      Plot.text(roomyNames({ points: drawn, middles }, view, names), { ...XY, ...NAME_TEXT, fill }),
      Plot.text(middles, { ...XY, ...CLASS_TEXT, fill }),
      drawn.length > 0 ? null : Plot.text(["nothing to draw yet"], { frameAnchor: "middle" }),
    ],
  };
}

const NAME_TEXT = { text: "label", dy: -NAME.above, fontSize: NAME.size, ...HALO } as const;
const CLASS_TEXT = {
  text: "class",
  fontSize: 16,
  fontWeight: "bold",
  ...HALO,
  strokeOpacity: 0.7, // so that the words behind it stay visible
} as const;

function axisLabel(number: number, share: number | undefined): string {
  return `component ${number}${share === undefined ? "" : ` (${percent(share)} of the variance)`}`;
}

function classOf(point: EmbeddingPoint, classes: readonly string[]): number {
  return point.class === undefined ? 0 : classes.indexOf(point.class);
}

function colorOf(point: EmbeddingPoint, classes: readonly string[]): string {
  return CATEGORIES[classOf(point, classes) % CATEGORIES.length] ?? PALETTE.reference;
}

interface View {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** The smallest window with all points and one scale for both axes. */
function viewOf(points: readonly EmbeddingPoint[]): View {
  const range = (letter: "x" | "y") => {
    const low = points.reduce((least, point) => Math.min(least, point[letter]), Infinity);
    const high = points.reduce((most, point) => Math.max(most, point[letter]), -Infinity);
    return low <= high ? { middle: (low + high) / 2, size: high - low } : { middle: 0, size: 0 };
  };
  const x = range("x"), y = range("y");
  const perPixel = (1 + 2 * AIR) * Math.max(x.size / INNER.width, y.size / INNER.height) || 0.01;
  const around = (middle: number, pixels: number) =>
    [middle - perPixel * pixels / 2, middle + perPixel * pixels / 2] as const;
  return { x: around(x.middle, INNER.width), y: around(y.middle, INNER.height) };
}

/**
 * One word of each class, then the next of each, so that every class gets its share of the names.
 */
function inTurns(points: readonly EmbeddingPoint[]): EmbeddingPoint[] {
  const seen = new Map<string, number>();
  return points.map((point) => {
    const name = point.class ?? "", turn = seen.get(name) ?? 0;
    seen.set(name, turn + 1);
    return { point, turn };
  }).sort((a, b) => a.turn - b.turn).map(({ point }) => point);
}

/** The points, from all classes in turn, whose names cover no other name and no class name. */
function roomyNames(
  { points, middles }: Readonly<Record<"points" | "middles", readonly EmbeddingPoint[]>>,
  view: View,
  most: number,
): EmbeddingPoint[] {
  const pixels = INNER.width / (view.x[1] - view.x[0]);
  const boxOf = ({ x, y, label }: EmbeddingPoint, above: number, scale = 1) => ({
    x: x * pixels,
    y: y * pixels + above,
    width: scale * NAME.letter * label.length,
    height: scale * NAME.height,
  });
  const taken = middles.map((middle) => boxOf(middle, 0, CLASS_TEXT.fontSize / NAME.size));
  const limit = taken.length + most;
  return inTurns(points).filter((point) => {
    const box = boxOf(point, NAME.above);
    const isFree = taken.length < limit &&
      taken.every((other) =>
        Math.abs(other.x - box.x) > (other.width + box.width) / 2 + 4 ||
        Math.abs(other.y - box.y) > (other.height + box.height) / 2
      );
    if (isFree) taken.push(box);
    return isFree;
  });
}

/** Where most of a class is: the median along each axis. */
function middleOf(name: string, points: readonly EmbeddingPoint[]): EmbeddingPoint {
  const own = points.filter((point) => point.class === name);
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
  const x = median(own.map((point) => point.x)), y = median(own.map((point) => point.y));
  return { x, y, label: name, class: name };
}

function describe(
  count: number,
  { drawn, classes, explained }: {
    readonly drawn: readonly EmbeddingPoint[];
    readonly classes: readonly string[];
    readonly explained: readonly number[];
  },
): string {
  if (count === 0) return "no word yet";
  const missing = count - drawn.length;
  return [
    `${count} word${count === 1 ? "" : "s"}` +
    (classes.length === 0 ? "" : ` of ${classes.length} class${classes.length === 1 ? "" : "es"}`),
    ...explained.length < 2
      ? []
      : [`the axes show ${percent(explained[0])} and ${percent(explained[1])} of the variance`],
    ...missing === 0 ? [] : [`${missing} not finite, left out`],
  ].join("; ");
}
