import { NonFiniteLossError } from "lib/core/mod.ts";
import type { Evaluation } from "./events.ts";

/**
 * Refuses a step whose loss or gradient is not a finite number, before its weights are taken over.
 *
 * @param step The update that was computed, counted from 1.
 * @param measured Loss in nats and gradient norm.
 * @throws {NonFiniteLossError} If one of the two is NaN or infinite.
 *
 * @example
 * ```ts
 * import { guardFinite } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => guardFinite(7, { loss: NaN, gradNorm: 1 }), Error, "at step 7, got loss NaN");
 * ```
 */
export function guardFinite(
  step: number,
  measured: { readonly loss: number; readonly gradNorm: number },
): void {
  const { loss, gradNorm } = measured;
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return;
  throw new NonFiniteLossError(
    `Cannot go on: expected finite numbers at step ${step}, got loss ${loss} and gradient norm ` +
      `${gradNorm}; the weights before this step are saved. Lower --lr, lengthen --warmup, or ` +
      "clip harder (--clip)",
  );
}

/** Standard errors below the oracle from which on luck is no longer believed. */
const LEAK_ERRORS = 3;

/**
 * Tells whether a model seems better than possible: its loss lies below the oracle's by more than
 * 3 standard errors.
 *
 * No model can do that on sentences it has not seen. Something leaks: the mask is not causal, labels
 * are not shifted, pads are counted, or validation sentences were trained on.
 *
 * @param evaluation What was measured.
 * @returns Whether it lies too low.
 *
 * @example
 * ```ts
 * import { looksLikeLeak } from "lib/train/mod.ts";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(looksLikeLeak({ gap: -0.05, gapStandardError: 0.01 }));
 * assertFalse(looksLikeLeak({ gap: -0.02, gapStandardError: 0.01 }));
 * ```
 */
export function looksLikeLeak(
  evaluation: Pick<Evaluation, "gap" | "gapStandardError">,
): boolean {
  return evaluation.gap < -LEAK_ERRORS * evaluation.gapStandardError;
}
