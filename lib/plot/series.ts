import { Ema } from "lib/core/mod.ts";

/** One reading of a series. */
export interface Point {
  /** The step it was taken at. */
  readonly x: number;
  /** The reading; NaN leaves a gap in the line. */
  readonly y: number;
}

/**
 * Thins a series for drawing and keeps what the eye would see: each stretch's lowest and highest
 * reading.
 *
 * Every n-th point alone would lose spikes. A stretch without any finite reading stays as one gap.
 *
 * @param points The series in the order of x.
 * @param stretches Into how many parts to cut it; about the chart's width in pixels.
 * @returns At most two points a stretch, in order; the series itself if it is no longer than that.
 * @throws {RangeError} If `stretches` is no integer from 1.
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
 * Smooths a series with {@linkcode Ema}; readings that are not finite stay gaps and weigh nothing.
 *
 * @param points The series in the order of x.
 * @param decay What the past weighs at each reading, from 0 to below 1; by default such that a
 *   hundredth of the series counts in effect, 1 − 100 / n.
 * @returns As many points, at the same x.
 * @throws {RangeError} If the decay is not such a number.
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
/** How a vertical axis counts: in equal parts, or in equal factors. */
export type AxisScale = "linear" | "log";
