import type { Point } from "./series.ts";

/** A reading that may be missing: not taken at this step, or not a number. */
export type Reading = number | null | undefined;

/** What was logged at one step; rows without a reading are left out of its chart. */
export interface MetricsRow {
  /** Updates made so far. */
  readonly step: number;
  /** Epochs begun so far, counted from 1. */
  readonly epoch?: Reading;
  /** Target tokens trained on so far. */
  readonly tokens?: Reading;
  /** Mean loss of the step, in nats per target token. */
  readonly trainLoss?: Reading;
  /** Mean loss on the validation sentences, in nats per target token. */
  readonly validationLoss?: Reading;
  /** Whether that loss is an extra one of the first steps, for which no weights are kept. */
  readonly isEarly?: boolean;
  /** exp(validation loss). */
  readonly perplexity?: Reading;
  /** The oracle's mean loss on the same targets, in nats per target token. */
  readonly oracleLoss?: Reading;
  /** Validation loss minus the oracle's on the same targets, in nats. */
  readonly gap?: Reading;
  /** The gap's standard error over the sentences, in nats. */
  readonly gapStandardError?: Reading;
  /** Learning rate of the update. */
  readonly lr?: Reading;
  /** Norm of the gradient before clipping. */
  readonly gradNorm?: Reading;
  /** Target tokens per second. */
  readonly tokensPerSecond?: Reading;
}

/**
 * Takes one column out of the rows.
 *
 * @param rows What was logged, in the order of the steps.
 * @param column Which reading.
 * @returns One point per row that has this reading; a reading of NaN or infinity becomes NaN.
 *
 * @example
 * ```ts
 * import { readings } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ step: 1, lr: 0.1 }, { step: 1, trainLoss: 6.9 }, { step: 2, lr: null }];
 * assertEquals(readings(rows, "lr"), [{ x: 1, y: 0.1 }]);
 * ```
 */
export function readings(
  rows: readonly MetricsRow[],
  column: Exclude<keyof MetricsRow, "step" | "isEarly">,
): Point[] {
  return rows.flatMap((row) => {
    const y = row[column];
    if (y === null || y === undefined) return [];
    return [{ x: row.step, y: Number.isFinite(y) ? y : NaN }];
  });
}
