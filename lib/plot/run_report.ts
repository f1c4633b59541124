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

/** Sentences that the model made at one point of its training. */
export interface ReportSamples {
  /** Updates made so far. */
  readonly step: number;
  /** Share of the drawn sentences that are grammatical, 0..1. */
  readonly grammaticalShare: number;
  /** Share of the greedy sentences that are grammatical, 0..1. */
  readonly greedyGrammaticalShare: number;
  /** Share of the drawn noun-verb pairs that agree, 0..1; null where nothing has to agree. */
  readonly agreementShare: number | null;
  /** A few of the sentences. */
  readonly samples: readonly {
    /** The words. */
    readonly text: string;
    /** Whether the grammar could have made it. */
    readonly isGrammatical: boolean;
    /** The likeliest word each time, or a draw. */
    readonly method: "greedy" | "sampled";
  }[];
}

/** Whether the model learned too little, too much by heart, or what there is to learn. */
export interface ReportVerdict {
  /** The verdict in a word or two; `good fit` is shown as a success, all else as a warning. */
  readonly kind: string;
  /** The verdict in a sentence. */
  readonly title: string;
  /** The numbers that it rests on, a sentence each. */
  readonly reasons: readonly string[];
}

/** A file that the run left. */
export interface ReportFile {
  /** Its path, relative to the report or as the reader can use it. */
  readonly path: string;
  /** What is in it. */
  readonly meaning: string;
}

/** All that {@linkcode renderReport} shows of a run: plain records, no clock, no file is read. */
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
  /** The run's best weights, measured; none if it ended before. */
  readonly evaluation?: ReportEvaluation;
  /** The step of these weights; by default the last. */
  readonly evaluatedStep?: number;
  /** Sentences over training, oldest first. */
  readonly samples: readonly ReportSamples[];
  /** The verdict; none if it ended before. */
  readonly verdict?: ReportVerdict;
  /** What a person should know: suspicions, fall-backs. */
  readonly notices?: readonly string[];
  /** The longest gradient that was let through. */
  readonly clip?: number;
  /** The settings; sections are shown as `section.setting`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Versions, device, seed: what else the numbers depend on. */
  readonly environment: Readonly<Record<string, string | number>>;
  /** What the run left. */
  readonly files: readonly ReportFile[];
  /** The command that goes on with the run. */
  readonly resumeCommand: string;
}
