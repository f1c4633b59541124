import { NonFiniteLossError } from "lib/core/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { Evaluation } from "./events.ts";

/** The numbers of one update that {@linkcode guardFinite} checks. */
export interface StepNumbers {
  /** Mean loss, in nats. */
  readonly loss: number;
  /** Length of the whole gradient. */
  readonly gradNorm: number;
  /** The first new weight that is not finite, as {@linkcode findNonFinite} describes it. */
  readonly badWeight?: string | undefined;
}

/**
 * Refuses a step whose loss, gradient or new weights are not finite numbers, before the weights are
 * taken over.
 *
 * @param step The update that was computed, counted from 1.
 * @param numbers Loss in nats, gradient norm, and what is wrong with the new weights.
 * @param store Where the weights before this step get saved, if anywhere.
 * @throws {NonFiniteLossError} If one of them is NaN or infinite.
 *
 * @example
 * ```ts
 * import { guardFinite } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => guardFinite(7, { loss: NaN, gradNorm: 1 }), Error, "at step 7, got loss NaN");
 * ```
 */
export function guardFinite(step: number, numbers: StepNumbers, store?: string): void {
  const { loss, gradNorm, badWeight } = numbers;
  if (Number.isFinite(loss) && Number.isFinite(gradNorm) && badWeight === undefined) return;
  const weight = badWeight === undefined ? "" : `, and ${badWeight} among the new weights`;
  const saved = store === undefined ? "" : ` and saved in ${store}`;
  throw new NonFiniteLossError(
    `Cannot go on: expected finite numbers at step ${step}, got loss ${
      short(loss)
    }, gradient norm ` +
      `${
        short(gradNorm)
      }${weight}; the weights before this step are kept${saved}. Lower train.lr, lengthen ` +
      "train.warmup, clip harder (train.clip) or raise train.epsilon",
  );
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}

/**
 * Refuses a model whose validation losses are not finite, and an optimizer whose state is not finite:
 * neither is worth saving.
 *
 * @param step Updates made so far.
 * @param evaluation What was measured.
 * @param optimizer The optimizer's state; it is read, which waits for the device.
 * @throws {NonFiniteLossError} If a number among them is NaN or infinite.
 *
 * @example
 * ```ts
 * import { guardEvaluation } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const measured = { loss: NaN, gap: NaN, gapStandardError: NaN };
 * assertThrows(() => guardEvaluation(0, measured, {}), Error, "got loss NaN; lower model.initStd");
 * ```
 */
export function guardEvaluation(
  step: number,
  evaluation: Pick<Evaluation, "loss" | "gap" | "gapStandardError">,
  optimizer: Params,
): void {
  const { loss, gap, gapStandardError } = evaluation;
  if (![loss, gap, gapStandardError].every(Number.isFinite)) {
    throw new NonFiniteLossError(
      `Cannot go on: expected finite numbers at the validation after step ${step}, ` +
        `got loss ${loss}; ${step === 0 ? "lower model.initStd" : NOT_SAVED}`,
    );
  }
  guardState(step, optimizer);
}

const NOT_SAVED = "this state is not saved. Lower train.lr, lengthen train.warmup, clip harder " +
  "(train.clip) or raise train.epsilon";

/**
 * Refuses an optimizer's state that is not finite: a run that is resumed from it could not go on.
 *
 * @param step Updates made so far.
 * @param optimizer The optimizer's state; it is read, which waits for the device.
 * @throws {NonFiniteLossError} If a number in it is NaN or infinite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { guardState } from "lib/train/guard.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend();
 * assertThrows(() => guardState(3, { v: tf.scalar(NaN) }), Error, "after step 3, got NaN in v");
 * ```
 */
export function guardState(step: number, optimizer: Params): void {
  const bad = findNonFinite(optimizer);
  if (bad === undefined) return;
  throw new NonFiniteLossError(
    `Cannot go on: expected finite numbers after step ${step}, got ${bad} in the optimizer's state; ` +
      NOT_SAVED,
  );
}

/**
 * Finds the first number among tensors that is NaN or infinite.
 *
 * @param tensors By name; they are read, which waits for the device.
 * @returns For example `NaN in blocks.0.attention.qkv.weight`; undefined if all are finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { findNonFinite } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(findNonFinite({ a: tf.tensor1d([1]), b: tf.tensor1d([1, NaN]) }), "NaN in b");
 * assertEquals(findNonFinite({ a: tf.tensor1d([1]) }), undefined);
 * ```
 */
export function findNonFinite(tensors: Params): string | undefined {
  for (const [name, tensor] of Object.entries(tensors)) {
    for (const value of tensor.dataSync()) {
      if (!Number.isFinite(value)) return `${value} in ${name}`;
    }
  }
  return undefined;
}

/** A loss further below the oracle's than so many standard errors is not chance. */
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
 * @throws {NonFiniteLossError} If the gap or its error is not finite: then there is nothing to compare.
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
  const { gap, gapStandardError } = evaluation;
  if (!Number.isFinite(gap) || !Number.isFinite(gapStandardError)) {
    throw new NonFiniteLossError(
      `Cannot compare with the oracle: expected a finite gap, got ${gap} ± ${gapStandardError}`,
    );
  }
  return gap < -LEAK_ERRORS * gapStandardError;
}
