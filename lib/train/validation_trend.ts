/** The model was measured on the validation sentences after some step. */
export interface ValidationPoint {
  /** Updates made so far. */
  readonly step: number;
  /** The validation loss, in nats. */
  readonly loss: number;
}

/** Where the validation loss was going when the run ended. */
export interface ValidationTrend {
  /** What the loss did over the last validations; a change that is too small or too uncertain is flat. */
  readonly direction: "falling" | "flat" | "rising";
  /** Nats per 1,000 steps over the last validations, by least squares; below 0 it falls. */
  readonly slope: number;
  /** The slope's standard error, by how far the losses lie from the line. */
  readonly slopeError: number;
  /** How many validations that rests on. */
  readonly count: number;
  /** The step of the lowest validation loss. */
  readonly bestStep: number;
  /** How far the last loss lies above the lowest, in nats. */
  readonly riseSinceBest: number;
}

/** With fewer validations the trend is unknown. */
const LEAST_POINTS = 3;

/** The share of the validations, the last ones, that the slope is taken over. */
const LAST_SHARE = 1 / 3;

/** A smaller change over these, or from one to the next, in nats, counts as flat. */
const SMALL_CHANGE = 0.01;

/** A slope of more standard errors than this is not chance. */
const CLEAR_ERRORS = 2;

/**
 * Computes the trend of a run's validation loss: a line through the last third of the validations, at
 * least three of them.
 *
 * All validations measure the same sentences, so a lucky or unlucky choice of sentences shifts all points
 * equally, and does not change the slope.
 *
 * @param points The validations; losses that are not finite are left out.
 * @returns The trend; null where there are fewer than three validations.
 *
 * @example
 * ```ts
 * import { validationTrend } from "lib/train/mod.ts";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const points = [6, 4.5, 4.0, 3.9, 3.8, 3.7].map((loss, i) => ({ step: 100 * (i + 1), loss }));
 * const trend = validationTrend(points);
 * assertEquals([trend?.direction, trend?.bestStep], ["falling", 600]);
 * assertAlmostEquals(trend?.slope ?? NaN, -1); // 0.1 nats in 100 steps
 * ```
 */
export function validationTrend(points: readonly ValidationPoint[]): ValidationTrend | null {
  const sorted = points.filter(({ loss }) => Number.isFinite(loss))
    .toSorted((a, b) => a.step - b.step);
  const last = sorted.at(-1);
  if (last === undefined || sorted.length < LEAST_POINTS) return null;
  const best = sorted.reduce((a, b) => b.loss < a.loss ? b : a);
  const recent = sorted.slice(-Math.max(LEAST_POINTS, Math.round(LAST_SHARE * sorted.length)));
  const { slope, error } = leastSquares(recent);
  const change = slope * (last.step - (recent[0]?.step ?? 0));
  const isLine = Math.abs(slope) > CLEAR_ERRORS * error && Math.abs(change) > SMALL_CHANGE;
  return {
    direction: isLine || goOneWay(recent) ? slope < 0 ? "falling" : "rising" : "flat",
    slope: 1000 * slope,
    slopeError: 1000 * error,
    count: recent.length,
    bestStep: best.step,
    riseSinceBest: last.loss - best.loss,
  };
}

/**
 * Whether each loss lies clearly below the one before, or each clearly above it. A loss that falls fast
 * and then slower is far from any line, and is falling all the same.
 */
function goOneWay(points: readonly ValidationPoint[]): boolean {
  const changes = points.slice(1).map(({ step, loss }, i) => {
    const before = points[i] ?? { step, loss };
    return step === before.step ? 0 : loss - before.loss;
  });
  return changes.every((change) => change < -SMALL_CHANGE) ||
    changes.every((change) => change > SMALL_CHANGE);
}

/** The line with the least squares of distances, and the standard error of its slope. */
function leastSquares(points: readonly ValidationPoint[]): { slope: number; error: number } {
  const count = points.length;
  const mean = (of: (point: ValidationPoint) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / count;
  const step = mean((point) => point.step), loss = mean((point) => point.loss);
  const spread = count * mean((point) => (point.step - step) ** 2);
  if (spread === 0) return { slope: 0, error: Infinity }; // all at one step
  const slope = count * mean((point) => (point.step - step) * (point.loss - loss)) / spread;
  const rest = count * mean((point) => (point.loss - loss - slope * (point.step - step)) ** 2);
  return { slope, error: Math.sqrt(rest / (count - 2) / spread) };
}
