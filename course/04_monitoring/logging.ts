/**
 * What notebook 4 and its exercises share: events as a log takes them, and judges of sentences.
 *
 * @module
 */
import type { EvaluationEvent, StepEvent } from "lib/train/mod.ts";
import type { Grammar } from "lib/data/mod.ts";

/** What a table of a run is made of; all other events are of no use to it. */
export type LogEvent =
  | Pick<StepEvent, "kind" | "step" | "loss" | "lr">
  | Pick<EvaluationEvent, "kind" | "step" | "loss" | "perplexity">
  | { readonly kind: "sample" | "checkpoint" | "notice" | "end"; readonly step: number };

/** What a grammar says of sentences that a model made. */
export type SentenceJudge = Pick<Grammar, "isGrammatical" | "agreeingPairs">;

/** What sentences are made with. */
export interface GenerationParts {
  /** The probability of each token to come after these ids; the ids end with the newest. */
  readonly next: (ids: readonly number[]) => readonly number[];
  /** What ends a sentence. */
  readonly eosId: number;
  /** The most tokens to add. */
  readonly maxNewTokens: number;
}
