import type { Ladder } from "./loss_curve.ts";
import type { MetricsRow } from "./metrics.ts";
import type { SlotLossRow } from "./slot_loss_chart.ts";

/** How good a run's model is, on the validation sentences. */
export interface ReportEvaluation {
  /** Mean loss, in nats per target token. */
  readonly loss: number;
  /** The oracle's mean loss on the same targets, in nats. */
  readonly oracleLoss: number;
  /** loss − oracleLoss. */
  readonly gap: number;
  /** Standard error of the gap. */
  readonly gapStandardError: number;
  /** exp(loss). */
  readonly perplexity: number;
  /** How many targets were measured. */
  readonly targets: number;
  /** The losses by slot. */
  readonly slots: readonly (SlotLossRow & { readonly targets: number })[];
}

/** Sentences that the model generated at one point of its training. */
export interface ReportSamples {
  /** Updates made so far. */
  readonly step: number;
  /** Share of the sampled sentences that are grammatical, 0..1. */
  readonly grammaticalShare: number;
  /** Share of the greedy sentences that are grammatical, 0..1. */
  readonly greedyGrammaticalShare: number;
  /**
   * Share of the noun-verb pairs in the sampled sentences that agree, 0..1; null if nothing has to
   * agree.
   */
  readonly agreementShare: number | null;
  /** A few of the sentences. */
  readonly samples: readonly {
    /** The words. */
    readonly text: string;
    /** Whether the grammar allows it. */
    readonly isGrammatical: boolean;
    /** Whether each word was the most likely one (`greedy`) or drawn at random (`sampled`). */
    readonly method: "greedy" | "sampled";
  }[];
}

/** Whether the model fits well, underfits, or overfits. */
export interface ReportVerdict {
  /**
   * The verdict in a word or two; `good fit` is shown as a success, everything else as a warning.
   */
  readonly kind: string;
  /** The verdict in a sentence. */
  readonly title: string;
  /** The numbers behind the verdict, one sentence per number. */
  readonly reasons: readonly string[];
}

/** A file that the run wrote. */
export interface ReportFile {
  /** Its path, relative to the report or as the reader can use it. */
  readonly path: string;
  /** What is in it. */
  readonly meaning: string;
}

/**
 * Everything that {@linkcode renderReport} shows of a run; it reads no clock and no file.
 */
export interface RunReport {
  /** The run's name. */
  readonly name: string;
  /** How it ended: `finished`, `early stop`, `interrupted`. */
  readonly ending: string;
  /** What was logged, in the order of the steps. */
  readonly metrics: readonly MetricsRow[];
  /** Updates that were planned. */
  readonly totalSteps?: number;
  /** How long it trained, in seconds. */
  readonly seconds?: number;
  /** Losses to compare with. */
  readonly ladder?: Ladder;
  /** How good the run's best weights are; missing if the run ended before they were measured. */
  readonly evaluation?: ReportEvaluation;
  /** The step of these weights; by default the last. */
  readonly evaluatedStep?: number;
  /** Sentences over training, oldest first. */
  readonly samples: readonly ReportSamples[];
  /** The verdict; missing if the run ended before its model was measured. */
  readonly verdict?: ReportVerdict;
  /** Warnings for the reader, such as a suspicious value or a replacement that was used. */
  readonly notices?: readonly string[];
  /** The gradient norm above which gradients were clipped. */
  readonly clip?: number;
  /** The settings; sections are shown as `section.setting`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Versions, device, seed: what else the numbers depend on. */
  readonly environment: Readonly<Record<string, string | number>>;
  /** The files that the run wrote. */
  readonly files: readonly ReportFile[];
  /** The command that resumes the run. */
  readonly resumeCommand: string;
}
