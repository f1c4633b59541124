import { NonFiniteLossError } from "lib/core/mod.ts";
import type { EndEvent, Evaluation } from "./events.ts";
import { looksLikeLeak } from "./guard.ts";
import { type ValidationPoint, type ValidationTrend, validationTrend } from "./validation_trend.ts";

/** The verdict on a run. */
export interface Verdict {
  /** The verdict. */
  readonly kind: "good fit" | "underfitting" | "overfitting" | "leak";
  /** The verdict in a sentence. */
  readonly title: string;
  /** The numbers that it rests on, a sentence each. */
  readonly reasons: readonly string[];
  /** The numbers themselves. */
  readonly evidence: VerdictEvidence;
}

/** The numbers that a verdict rests on. */
export interface VerdictEvidence {
  /** The step of the weights that are judged; null where it is not known. */
  readonly step: number | null;
  /** The model and the oracle on sentences that it was trained on. */
  readonly train: Measurement;
  /** The model and the oracle on sentences that it has not seen. */
  readonly validation: Measurement;
  /** validation gap − training gap, in nats: what was learned by heart. */
  readonly byHeart: number;
  /** Its standard error. */
  readonly byHeartError: number;
  /** The lowest validation loss of the run, in nats. */
  readonly bestLoss: number;
  /** Where the validation loss was going at the end; null where it is not known. */
  readonly trend: ValidationTrend | null;
  /** Why the run ended; null where it is not known. */
  readonly ending: EndEvent["reason"] | null;
}

/** A model and the oracle on the same targets. */
export type Measurement = Pick<
  Evaluation,
  "loss" | "oracleLoss" | "gap" | "gapStandardError" | "targets"
>;

/** The input of {@linkcode judgeFit}. */
export interface FitEvidence {
  /** The step of the weights that are judged, the last or the best of the run; default not known. */
  readonly step?: number;
  /** The model on sentences that it was trained on. */
  readonly train: Measurement;
  /** The model on sentences that it has not seen. */
  readonly validation: Measurement;
  /** The lowest validation loss of the run, in nats. */
  readonly bestLoss: number;
  /** The validations of the run, which tell where the loss was going; default not known. */
  readonly validations?: readonly ValidationPoint[];
  /** Why the run ended; default not known. */
  readonly ending?: EndEvent["reason"];
}

/** A gap to the oracle, in nats, below which nothing worth having is left to learn. */
const SMALL_GAP = 0.1;

/**
 * Judges a trained model: underfitting, overfitting, neither, or better than possible.
 *
 * The oracle makes this a measurement. The gap on the training sentences is what is not learned
 * (underfitting). The validation gap minus the training gap is what was learned by heart (overfitting).
 * Each of them counts if it is larger than 0.1 nats and larger than 3 of its standard errors; if both
 * count, the larger one gives the verdict. The trend of the loss at the end and the reason why the run
 * ended do not change the verdict, but they explain it: an underfitted model whose loss still falls
 * needs more steps, one whose loss does not fall any more does not.
 *
 * @param evidence A model on both kinds of sentences, and the run's best loss.
 * @returns The verdict and its numbers.
 * @throws {NonFiniteLossError} If a loss, a gap or its error is not finite: then no verdict is
 *   possible.
 *
 * @example
 * ```ts
 * import { judgeFit } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const oracleLoss = 3.678, gapStandardError = 0.01, targets = 6000;
 * const measured = (gap: number) => ({ loss: oracleLoss + gap, oracleLoss, gap, gapStandardError, targets });
 * const evidence = { train: measured(-0.3), validation: measured(0.4), bestLoss: 3.9 };
 * const { kind, evidence: { byHeart } } = judgeFit(evidence);
 * assertEquals([kind, byHeart.toFixed(2)], ["overfitting", "0.70"]);
 * ```
 */
export function judgeFit(evidence: FitEvidence): Verdict {
  checkFinite(evidence);
  const { step = null, train, validation, bestLoss, validations = [], ending = null } = evidence;
  const found: VerdictEvidence = {
    step,
    train: measurement(train),
    validation: measurement(validation),
    byHeart: validation.gap - train.gap,
    byHeartError: Math.hypot(validation.gapStandardError, train.gapStandardError),
    bestLoss,
    trend: validationTrend(validations),
    ending,
  };
  const kind = kindOf(found);
  return { kind, title: titleOf(kind, found), reasons: reasonsOf(found), evidence: found };
}

function kindOf({ train, validation, byHeart, byHeartError }: VerdictEvidence): Verdict["kind"] {
  if (looksLikeLeak(validation)) return "leak";
  if (byHeart > Math.max(SMALL_GAP, 3 * byHeartError, train.gap)) return "overfitting";
  if (train.gap > Math.max(SMALL_GAP, 3 * train.gapStandardError)) return "underfitting";
  return "good fit";
}

function titleOf(kind: Verdict["kind"], { step, trend, ending }: VerdictEvidence): string {
  switch (kind) {
    case "leak":
      return "Better than possible: something leaks. Check mask, label shift, pads and split.";
    case "overfitting": {
      const since = trend !== null && trend.riseSinceBest > WORSE
        ? `, and it was best on new ones at step ${trend.bestStep}`
        : "";
      return `Overfitting: it does better on the sentences it has seen than on new ones${since}.`;
    }
    case "underfitting": {
      const start = "Underfitting: even on the sentences it has seen, much is left to learn";
      if (ending === "interrupted") return `${start}, and the run was stopped before its end.`;
      if (trend?.direction === "falling") return `${start}, and the loss was still falling.`;
      if (trend?.direction === "flat") return `${start}, and the loss no longer fell.`;
      if (trend?.direction === "rising") return `${start}, and the loss was rising.`;
      return `${start}.`;
    }
    case "good fit": {
      const start = "A good fit: close to the oracle, on seen and on new sentences alike";
      const isBest = trend !== null && step === trend.bestStep && trend.riseSinceBest > WORSE;
      return isBest
        ? `${start}. This is step ${step}; the steps after it made it worse.`
        : `${start}.`;
    }
  }
}

function reasonsOf({ step, trend, ending, ...found }: VerdictEvidence): string[] {
  const { train, validation, byHeart, byHeartError, bestLoss } = found;
  const lastLoss = trend === null ? validation.loss : bestLoss + trend.riseSinceBest;
  return [
    ...step === null ? [] : [whichWeights(step, trend)],
    sentence("training sentences", train),
    sentence("validation sentences", validation),
    `Learned by heart: ${nats(byHeart)} ± ${nats(byHeartError)} (the difference of the two gaps).`,
    `Best validation loss of the run ${nats(bestLoss)}, at the end ${nats(lastLoss)}.`,
    ...trend === null ? [] : [trendSentence(trend)],
    ...ending === null ? [] : [`The run ended: ${ENDINGS[ending]}.`],
  ];
}

function whichWeights(step: number, trend: ValidationTrend | null): string {
  const isBest = trend !== null && trend.bestStep === step;
  return `Judged are the weights of step ${step}${isBest ? ", the best on new sentences" : ""}.`;
}

/** A validation loss that is so many nats above the best one is called worse. */
const WORSE = 0.02;

const ENDINGS: Readonly<Record<EndEvent["reason"], string>> = {
  "finished": "all steps were made",
  "early stop": "the validation loss did not improve any more",
  "interrupted": "it was stopped",
};

function trendSentence({ direction, slope, slopeError, count }: ValidationTrend): string {
  return `Validation loss over the last ${count} validations: ${direction}, ` +
    `${nats(slope)} ± ${nats(slopeError)} nats per 1,000 steps.`;
}

/** Without the slots, which the verdict does not use. */
function measurement(evaluation: Measurement): Measurement {
  const { loss, oracleLoss, gap, gapStandardError, targets } = evaluation;
  return { loss, oracleLoss, gap, gapStandardError, targets };
}

/** A comparison with NaN is false, so that NaN would fall through to the last verdict, the best. */
function checkFinite({ train, validation, bestLoss }: FitEvidence): void {
  const numbers = {
    "training loss": train.loss,
    "training oracle loss": train.oracleLoss,
    "training gap": train.gap,
    "training gap's error": train.gapStandardError,
    "training target count": train.targets,
    "validation loss": validation.loss,
    "validation oracle loss": validation.oracleLoss,
    "validation gap": validation.gap,
    "validation gap's error": validation.gapStandardError,
    "validation target count": validation.targets,
    "best loss": bestLoss,
  };
  const bad = Object.entries(numbers).find(([, value]) => !Number.isFinite(value));
  if (bad === undefined) return;
  const [name, value] = bad;
  throw new NonFiniteLossError(
    `Cannot judge the fit: expected finite numbers, got a ${name} of ${value}; lower train.lr or model.initStd`,
  );
}

function sentence(what: string, { loss, oracleLoss, gap, gapStandardError }: Measurement) {
  return `On ${what}: loss ${nats(loss)}, oracle ${nats(oracleLoss)}, ` +
    `gap ${nats(gap)} ± ${nats(gapStandardError)}.`;
}

function nats(value: number): string {
  return value.toFixed(4);
}
