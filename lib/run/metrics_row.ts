import type { MetricsRow } from "lib/plot/mod.ts";
import type { EvaluationEvent, StepEvent } from "lib/train/mod.ts";

/** The columns of `metrics.csv`. Losses are in nats per target; what was not measured is empty. */
export const METRIC_COLUMNS = [
  "step",
  "epoch",
  "tokens",
  "trainLoss",
  "validationLoss",
  "perplexity",
  "oracleLoss",
  "gap",
  "gapStandardError",
  "lr",
  "gradNorm",
  "tokensPerSecond",
] as const;

/**
 * Gives the readings of an event: a row of `metrics.csv`, and what charts draw. A step and the
 * validation after it are two parts of one row.
 *
 * @param event A step, or a validation.
 * @returns What it measured, by column.
 *
 * @example
 * ```ts
 * import { metricsRow } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rates = { lr: 1e-4, gradNorm: 1.2, tokensPerSecond: 9000 };
 * const row = metricsRow({ kind: "step", step: 7, epoch: 1, tokens: 5000, loss: 6.1, ...rates });
 * assertEquals([row.step, row.trainLoss], [7, 6.1]);
 * ```
 */
export function metricsRow(event: StepEvent | EvaluationEvent): MetricsRow {
  const { step, epoch, tokens } = event;
  if (event.kind === "step") {
    const { loss: trainLoss, lr, gradNorm, tokensPerSecond } = event;
    return { step, epoch, tokens, trainLoss, lr, gradNorm, tokensPerSecond };
  }
  const { loss: validationLoss, perplexity, oracleLoss, gap, gapStandardError, isEarly } = event;
  const measured = { validationLoss, perplexity, oracleLoss, gap, gapStandardError };
  return { step, epoch, tokens, ...measured, isEarly };
}
