import { Ema } from "lib/core/mod.ts";

/** One reading of a series. */
export interface Point {
  /** The step it was taken at. */
  readonly x: number;
  /** The reading; NaN leaves a gap in the line. */
  readonly y: number;
}

/**
 * Thins a series for drawing: it keeps the lowest and the highest reading of each stretch.
 *
 * Keeping only every n-th point would lose spikes. A stretch without any finite reading becomes one
 * gap.
 *
 * @param points The series in the order of x.
 * @param stretches The number of parts to cut it into; about the chart's width in pixels.
 * @returns At most two points per stretch, in order; a copy of the series if it is no longer than
 *   that.
 * @throws {RangeError} If `stretches` is not an integer from 1.
 *
 * @example
 * ```ts
 * import { downsample } from "lib/plot/series.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const points = [3, 9, 2, 3, 4, 4].map((y, x) => ({ x, y }));
 * assertEquals(downsample(points, 2).map((point) => point.y), [9, 2, 3, 4]);
 * ```
 */
export function downsample(points: readonly Point[], stretches: number): Point[] {
  if (!(Number.isInteger(stretches) && stretches > 0)) {
    throw new RangeError(`Cannot downsample: expected an integer from 1, got ${stretches}`);
  }
  if (points.length <= 2 * stretches) return [...points];
  const edge = (stretch: number) => Math.floor(stretch * points.length / stretches);
  return Array.from({ length: stretches }, (_, i) => extremes(points.slice(edge(i), edge(i + 1))))
    .flat();
}

function extremes(points: readonly Point[]): Point[] {
  const finite = points.filter((point) => Number.isFinite(point.y));
  const [first] = finite;
  if (first === undefined) return points.slice(0, 1);
  let low = first, high = first;
  for (const point of finite) {
    if (point.y < low.y) low = point;
    if (point.y > high.y) high = point;
  }
  if (low === high) return [low];
  return low.x < high.x ? [low, high] : [high, low];
}

/**
 * Smooths a series with {@linkcode Ema}; readings that are not finite stay gaps and are not
 * counted.
 *
 * @param points The series in the order of x.
 * @param decay The weight of the past at each reading, from 0 to below 1; default 1 − 100 / n for n
 *   readings, which averages over about n / 100 of them.
 * @returns As many points, at the same x.
 * @throws {RangeError} If the decay is outside that range.
 *
 * @example
 * ```ts
 * import { smooth } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(smooth([{ x: 1, y: 4 }, { x: 2, y: 7 }], 0.5), [{ x: 1, y: 4 }, { x: 2, y: 6 }]);
 * ```
 */
export function smooth(
  points: readonly Point[],
  decay: number = Math.max(0, 1 - 100 / points.length),
): Point[] {
  const ema = new Ema(decay);
  return points.map(({ x, y }) => ({ x, y: Number.isFinite(y) ? ema.update(y) : NaN }));
}
/**
 * The scale of a vertical axis: equal distances stand for equal differences, or for equal factors.
 */
export type AxisScale = "linear" | "log";
