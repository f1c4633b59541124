import { NonFiniteLossError } from "lib/core/mod.ts";
import type { RunConfig } from "./config.ts";

/** The factor of the loss in float16, and how the last steps went. Plain JSON. */
export interface LossScale {
  /** The factor, so that small gradients do not become 0 in float16. */
  readonly scale: number;
  /** Good steps since the scale last changed. */
  readonly goodSteps: number;
  /** Steps that were skipped in all, because a gradient was too large for float16. */
  readonly skipped: number;
}

/** The factors of the scale: after enough good steps in a row, and after a bad one. */
const GROWTH = 2, BACKOFF = 0.5;

/**
 * The loss scale that a run begins with.
 *
 * @param compute The run's settings of section `compute`.
 * @returns The scale; null if products are not computed in float16, which then need none.
 *
 * @example
 * ```ts
 * import { firstLossScale, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { compute } = runConfig({ compute: { precision: "float16" } });
 * assertEquals(firstLossScale(compute), { scale: 65_536, goodSteps: 0, skipped: 0 });
 * assertEquals(firstLossScale(runConfig().compute), null);
 * ```
 */
export function firstLossScale(
  { precision, lossScale }: RunConfig["compute"],
): LossScale | null {
  return precision === "float16" ? { scale: lossScale, goodSteps: 0, skipped: 0 } : null;
}

/**
 * Updates the loss scale after a step: halves it after a gradient that was not finite, doubles it after
 * so many good steps in a row.
 *
 * @param state The scale before the step.
 * @param isGood Whether all of the gradient was finite, so that the step was made.
 * @param growthSteps How many good steps in a row double the scale.
 * @returns The scale for the next step.
 * @throws {NonFiniteLossError} If the scale would fall below 1: then the model itself leaves the range of
 *   float16, and no scale of its gradients helps.
 *
 * @example
 * ```ts
 * import { nextLossScale } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const before = { scale: 1024, goodSteps: 7, skipped: 0 };
 * assertEquals(nextLossScale(before, false, 2000), { scale: 512, goodSteps: 0, skipped: 1 });
 * assertEquals(nextLossScale(before, true, 8), { scale: 2048, goodSteps: 0, skipped: 0 });
 * ```
 *
 * Source: the defaults of PyTorch's `GradScaler`; Micikevicius and others, "Mixed Precision Training", 2018
 */
export function nextLossScale(state: LossScale, isGood: boolean, growthSteps: number): LossScale {
  const { scale, goodSteps, skipped } = state;
  if (isGood) {
    return goodSteps + 1 < growthSteps
      ? { scale, goodSteps: goodSteps + 1, skipped }
      : { scale: grown(scale), goodSteps: 0, skipped };
  }
  if (scale * BACKOFF >= 1) return { scale: scale * BACKOFF, goodSteps: 0, skipped: skipped + 1 };
  throw new NonFiniteLossError(
    `Cannot go on in float16: expected a finite gradient at a loss scale of ${scale}, got one that ` +
      "is not, after every larger scale; take compute.precision bfloat16, whose range is that of float32",
  );
}

/** float32 has to hold the scaled loss. */
function grown(scale: number): number {
  const larger = scale * GROWTH;
  return Number.isFinite(Math.fround(larger)) ? larger : scale;
}
