import { NonFiniteLossError } from "lib/core/mod.ts";
import type { Evaluation } from "./events.ts";
import { looksLikeLeak } from "./guard.ts";

/** What a run came to. */
export interface Verdict {
  /** The judgement. */
  readonly kind: "good fit" | "underfitting" | "overfitting" | "leak";
  /** The judgement in a sentence. */
  readonly title: string;
  /** The numbers that it rests on, a sentence each. */
  readonly reasons: readonly string[];
}

/** What {@linkcode judgeFit} looks at. */
export interface FitEvidence {
  /** The final model on sentences that it was trained on. */
  readonly train: Evaluation;
  /** The final model on sentences that it has not seen. */
  readonly validation: Evaluation;
  /** The lowest validation loss of the run, in nats. */
  readonly bestLoss: number;
}

/** A gap to the oracle, in nats, below which nothing worth having is left to learn. */
const SMALL_GAP = 0.1;

/**
 * Judges a trained model: underfitting, overfitting, neither, or better than possible.
 *
 * The oracle makes this a measurement. The gap on the training sentences is what is not learned; the
 * gap on validation less that is what was learned by heart. Each counts when it is larger than
 * 0.1 nats and than 3 of its standard errors; where both do, the larger one names the verdict.
 *
 * @param evidence The final model on both kinds of sentences, and the run's best loss.
 * @returns The judgement and its numbers.
 * @throws {NonFiniteLossError} If a loss, a gap or its error is no finite number: no verdict would be
 *   true of it.
 *
 * @example
 * ```ts
 * import { judgeFit } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const measured = (gap: number) => ({
 *   loss: 3.678 + gap, oracleLoss: 3.678, gap, gapStandardError: 0.01,
 *   perplexity: Math.exp(3.678 + gap), targets: 6000, slots: [],
 * });
 * const evidence = { train: measured(-0.3), validation: measured(0.4), bestLoss: 3.9 };
 * assertEquals(judgeFit(evidence).kind, "overfitting");
 * ```
 */
export function judgeFit(evidence: FitEvidence): Verdict {
  const { train, validation, bestLoss } = evidence;
  checkFinite(evidence);
  const byHeart = validation.gap - train.gap;
  const byHeartError = Math.hypot(validation.gapStandardError, train.gapStandardError);
  const reasons = [
    sentence("training sentences", train),
    sentence("validation sentences", validation),
    `Learned by heart: ${nats(byHeart)} ± ${nats(byHeartError)} (the difference of the two gaps).`,
    `Best validation loss of the run ${nats(bestLoss)}, at the end ${nats(validation.loss)}.`,
  ];
  if (looksLikeLeak(validation)) {
    const title = "Better than possible: something leaks. Check mask, label shift, pads and split.";
    return { kind: "leak", title, reasons };
  }
  if (byHeart > Math.max(SMALL_GAP, 3 * byHeartError, train.gap)) {
    const title = "Overfitting: it does better on the sentences it has seen than on new ones.";
    return { kind: "overfitting", title, reasons };
  }
  if (train.gap > Math.max(SMALL_GAP, 3 * train.gapStandardError)) {
    const title = "Underfitting: even on the sentences it has seen, much is left to learn.";
    return { kind: "underfitting", title, reasons };
  }
  const title = "A good fit: close to the oracle, on seen and on new sentences alike.";
  return { kind: "good fit", title, reasons };
}

/** A comparison with NaN is false, so that NaN would fall through to the last verdict, the best. */
function checkFinite({ train, validation, bestLoss }: FitEvidence): void {
  const numbers = {
    "training loss": train.loss,
    "training gap": train.gap,
    "training gap's error": train.gapStandardError,
    "validation loss": validation.loss,
    "validation gap": validation.gap,
    "validation gap's error": validation.gapStandardError,
    "best loss": bestLoss,
  };
  const bad = Object.entries(numbers).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  const [name, value] = bad;
  throw new NonFiniteLossError(
    `Cannot judge the fit: expected finite numbers, got a ${name} of ${value}; lower --lr or --init-std`,
  );
}

function sentence(what: string, { loss, oracleLoss, gap, gapStandardError }: Evaluation): string {
  return `On ${what}: loss ${nats(loss)}, oracle ${nats(oracleLoss)}, ` +
    `gap ${nats(gap)} ± ${nats(gapStandardError)}.`;
}

function nats(value: number): string {
  return value.toFixed(4);
}
