/** One update was made. */
export interface StepEvent {
  /** Tells the events apart. */
  readonly kind: "step";
  /** Updates made so far. */
  readonly step: number;
  /** Epochs begun so far, counted from 1. */
  readonly epoch: number;
  /** Targets learned from so far. */
  readonly tokens: number;
  /** Mean loss over the step's targets before the update, in nats. */
  readonly loss: number;
  /** The learning rate of the update. */
  readonly lr: number;
  /** Length of the gradient before clipping. */
  readonly gradNorm: number;
  /** Targets per second, over this step. */
  readonly tokensPerSecond: number;
}

/** The losses of one slot of the sentences, such as the noun's. */
export interface SlotLoss {
  /** The slot's name in the grammar. */
  readonly slot: string;
  /** The model's mean loss there, in nats. */
  readonly loss: number;
  /** The oracle's mean loss on the same targets. */
  readonly oracleLoss: number;
  /** How many targets. */
  readonly targets: number;
}

/** A model was measured on sentences, and the oracle on the same ones. */
export interface Evaluation {
  /** Mean loss over all targets, in nats. */
  readonly loss: number;
  /** exp(loss): between how many equally likely tokens the model is undecided. */
  readonly perplexity: number;
  /** The oracle's mean loss on the same targets: the best that any model can expect. */
  readonly oracleLoss: number;
  /** loss − oracleLoss. */
  readonly gap: number;
  /** Standard error of the gap, from its spread over the sentences. */
  readonly gapStandardError: number;
  /** How many targets. */
  readonly targets: number;
  /** The losses by slot, in the order in which the slots first come up. */
  readonly slots: readonly SlotLoss[];
}

/** The validation sentences were measured. */
export interface EvaluationEvent extends Evaluation {
  /** Tells the events apart. */
  readonly kind: "evaluation";
  /** Updates made so far. */
  readonly step: number;
  /** Epochs begun so far, counted from 1. */
  readonly epoch: number;
  /** Targets learned from so far. */
  readonly tokens: number;
  /** Whether the loss is the lowest so far. */
  readonly isBest: boolean;
  /** Whether it is one of the extra ones in the first steps: it counts neither as best nor for patience. */
  readonly isEarly: boolean;
}

/** A sentence that the model made. */
export interface Sample {
  /** Its words. */
  readonly text: string;
  /** Whether the grammar could have made it. */
  readonly isGrammatical: boolean;
  /** How it was made: the likeliest word each time, or a draw. */
  readonly method: "greedy" | "sampled";
}

/** Sentences were generated. */
export interface SampleEvent {
  /** Tells the events apart. */
  readonly kind: "sample";
  /** Updates made so far. */
  readonly step: number;
  /** A few of the sentences. */
  readonly samples: readonly Sample[];
  /** Share of the drawn sentences that are grammatical. */
  readonly grammaticalShare: number;
  /** Share of the greedy sentences that are grammatical. */
  readonly greedyGrammaticalShare: number;
  /** Share of the drawn noun-verb pairs that agree; null where the grammar knows no agreement. */
  readonly agreementShare: number | null;
}

/** A checkpoint was written. */
export interface CheckpointEvent {
  /** Tells the events apart. */
  readonly kind: "checkpoint";
  /** Updates made so far. */
  readonly step: number;
  /** The folder it lies in. */
  readonly path: string;
  /** Whether it is the best so far. */
  readonly isBest: boolean;
}

/** Something that a person should read: a suspicion, a fall-back. */
export interface NoticeEvent {
  /** Tells the events apart. */
  readonly kind: "notice";
  /** Updates made so far. */
  readonly step: number;
  /** What happened, and what to do. */
  readonly message: string;
}

/** The run ended. */
export interface EndEvent {
  /** Tells the events apart. */
  readonly kind: "end";
  /** Updates made in all. */
  readonly step: number;
  /** Why: all steps made, no more improvement, or asked to stop. */
  readonly reason: "finished" | "early stop" | "interrupted";
}

/** What {@linkcode train} yields: log, progress line and live chart all read this one stream. */
export type TrainEvent =
  | StepEvent
  | EvaluationEvent
  | SampleEvent
  | CheckpointEvent
  | NoticeEvent
  | EndEvent;
