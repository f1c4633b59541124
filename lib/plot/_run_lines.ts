import type { EndLabel } from "./_frame.ts";
import { STRETCHES } from "./_frame.ts";
import { type MetricsRow, readings } from "./metrics.ts";
import { CATEGORIES, PALETTE } from "./palette.ts";
import { downsample, type Point, smooth } from "./series.ts";

/** Which loss is drawn. */
export type LossColumn = "trainLoss" | "validationLoss";

/** A run as it is drawn. */
export interface RunLine {
  readonly name: string;
  readonly points: readonly Point[];
  readonly color: string;
  readonly dash: string;
}

/** If there are more runs than colours, the colours repeat with other dashes. */
const DASHES = ["none", "6 3", "2 3"] as const;

/** Takes one kind of loss out of the runs; the training loss is smoothed. */
export function runLines(
  runs: readonly { readonly name: string; readonly rows: readonly MetricsRow[] }[],
  column: LossColumn,
): RunLine[] {
  return runs.map(({ name, rows }, i) => {
    const raw = readings(rows, column);
    return {
      name,
      points: downsample(column === "trainLoss" ? smooth(raw) : raw, STRETCHES),
      color: CATEGORIES[i % CATEGORIES.length] ?? PALETTE.reference,
      dash: DASHES[Math.floor(i / CATEGORIES.length) % DASHES.length] ?? "none",
    };
  });
}

/** All values that must lie inside a chart of the runs. */
export function lossValues(lines: readonly RunLine[], rungs: readonly EndLabel[]): number[] {
  const losses = lines.flatMap(({ points }) => points.map(({ y }) => y));
  return losses.concat(rungs.map(({ value }) => value));
}

/** The runs in words: where each begins and ends. */
export function describeRuns(lines: readonly RunLine[]): string {
  return lines.map(describe).join("; ") || "no run yet";
}

function describe({ name, points }: RunLine): string {
  const first = points.find(({ y }) => Number.isFinite(y)), last = lastLoss(points);
  if (first === undefined || last === undefined) return `${name} without a loss`;
  const gaps = points.filter(({ y }) => !Number.isFinite(y)).length;
  return `${name} from ${first.y.toFixed(3)} to ${last.toFixed(3)}` +
    (gaps === 0 ? "" : ` with ${gaps} not finite`);
}

/** The last finite loss; undefined if there is none. */
export function lastLoss(points: readonly Point[]): number | undefined {
  return points.findLast(({ y }) => Number.isFinite(y))?.y;
}

/** What the loss is called on the axis. */
export function lossName(column: LossColumn): string {
  return column === "trainLoss" ? "training loss" : "validation loss";
}
