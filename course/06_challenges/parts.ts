/**
 * Types that notebook 6 and its exercises share.
 *
 * @module
 */

/** How the share of examples that take part grows. */
export interface PacingSettings {
  readonly kind: "step" | "linear" | "root";
  /** The share at step 0. */
  readonly start: number;
  /** The step from which on all take part. */
  readonly steps: number;
}

/** What a batch is drawn with. */
export interface DrawSettings {
  readonly seed: number;
  /** The step that the batch is for, from 0. */
  readonly step: number;
  /** How many examples it has. */
  readonly size: number;
}

/** A validation of a run. */
export interface GapPoint {
  /** Targets learned from so far. */
  readonly tokens: number;
  /** Loss minus the oracle's, in nats. */
  readonly gap: number;
}

/** A loss scale, and what became of the last steps. */
export interface Scaler {
  readonly scale: number;
  /** Good steps since the scale last changed. */
  readonly goodSteps: number;
  /** Steps that were left out so far. */
  readonly skipped: number;
}

/** A training that fits into lists of numbers. */
export interface SmallState {
  readonly weights: readonly number[];
  /** Running means of the gradient. */
  readonly moments: readonly number[];
  /** Updates made so far. */
  readonly step: number;
  readonly scaler: Scaler;
}

/** What a step with a loss scale is made of. */
export interface ScaledParts {
  /** The gradient of the loss times the scale; too large a number of it is `Infinity` or `NaN`. */
  readonly gradient: readonly number[];
  /** The longest gradient, once it has its own size again. */
  readonly maxNorm: number;
  /** The optimizer: new weights and moments. */
  readonly update: (
    state: Pick<SmallState, "weights" | "moments" | "step">,
    gradient: readonly number[],
  ) => Pick<SmallState, "weights" | "moments">;
  /** The scale for the next step. */
  readonly nextScale: (scaler: Scaler, isFinite: boolean) => Scaler;
}

/** One of several processes that share a batch. */
export interface Rank {
  /** Which of them, from 0. */
  readonly rank: number;
  /** How many they are. */
  readonly ranks: number;
}

/** What one rank found out about its part of a batch. */
export interface RankGradient {
  /** The gradient of the mean loss over this rank's targets. */
  readonly gradient: readonly number[];
  /** How many targets those are. */
  readonly targets: number;
}

/** What a data-parallel step takes. */
export interface ScalingCosts {
  /** Seconds that one rank alone needs for a step of the whole batch. */
  readonly seconds: number;
  /** Bytes of the gradient. */
  readonly bytes: number;
  readonly ranks: number;
  /** Bytes per second between two ranks. */
  readonly bandwidth: number;
  /** Seconds that each message takes, however short. */
  readonly latency: number;
}

/** What `./denow task bench ranks` measured: the part of its figures that the notebook reads. */
export interface RankFigures {
  /** Of one step; `side` is such as `ours, 2 ranks`. */
  readonly steps: readonly {
    readonly side: string;
    readonly batchSize: number;
    readonly seconds: number;
  }[];
  /** Of one all-reduce between two ranks. */
  readonly exchanges: readonly {
    readonly side: string;
    readonly bytes: number;
    readonly seconds: number;
  }[];
}
