import { mean, quantile } from "lib/core/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { createRun, runConfig, train } from "lib/train/mod.ts";

/** What a short training showed. */
export interface TrainingSpeed {
  /** Targets learned from per second, by the fastest tenth of the steps: other work disturbs them least. */
  readonly tokensPerSecond: number;
  /** The loss of the first step, in nats. */
  readonly firstLoss: number;
  /** The mean loss of the last steps. */
  readonly lastLoss: number;
  /** How many steps were made. */
  readonly steps: number;
  /** Whether the loss is finite and fell: training works. */
  readonly hasLearned: boolean;
}

/** Options of {@linkcode measureTraining}. */
export interface MeasureOptions {
  /** How many steps at most; default 40. */
  readonly steps?: number;
  /** So many seconds after the first step it ends, but not before the tenth step; default 5. */
  readonly seconds?: number;
  /** Sentences; default 800, of which an epoch has 12 batches. */
  readonly examples?: number;
}

/** Compiling, and memory that fills, make the first steps slow. */
const WARM_UP = 5;

/** Nine steps of ten may be slower. */
const UNDISTURBED = 0.9;

/** So many last steps are averaged, since batches differ. */
const LAST = 5;

/** Enough to learn, where seconds run out. */
const LEAST_STEPS = 10;

/** At the full rate the exercise's model gains 2 nats in 10 steps, 3 in 40; where nothing is learned, none. */
const LEAST_GAIN = 0.5;

/**
 * Trains the exercise's model for a few steps, to see that it learns here and how fast. Nothing is
 * written.
 *
 * @param options How many steps, on how many sentences.
 * @returns Speed and losses; a loss that does not fall is told, and not thrown.
 * @throws {NonFiniteLossError} If a loss, a gradient or a weight is not finite.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { measureTraining } from "lib/run/mod.ts";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const { firstLoss } = await measureTraining({ steps: 2, examples: 100 });
 * assert(Math.abs(firstLoss - Math.log(1000)) < 0.5); // it knows nothing yet
 * ```
 */
export async function measureTraining(options: MeasureOptions = {}): Promise<TrainingSpeed> {
  const { steps = 40, seconds = 5, examples = 800 } = options;
  const run = createRun(runConfig({
    data: { examples },
    // Without a warm-up it learns from the first step on.
    train: { steps, warmup: 0, samples: 0, earlyValidations: false },
  }));
  const losses: number[] = [], speeds: number[] = [];
  try {
    let end = Infinity;
    for await (const event of train(run)) {
      if (event.kind !== "step") continue;
      losses.push(event.loss);
      speeds.push(event.tokensPerSecond);
      if (losses.length === 1) end = performance.now() + 1000 * seconds; // it was compiled before
      if (losses.length >= LEAST_STEPS && performance.now() > end) break;
    }
  } finally {
    disposeParams(run.state.params, run.state.optimizer);
  }
  const [firstLoss = NaN] = losses, last = losses.slice(-LAST);
  const lastLoss = mean(last);
  return {
    tokensPerSecond: quantile(speeds.slice(Math.min(WARM_UP, speeds.length - 1)), UNDISTURBED),
    firstLoss,
    lastLoss,
    steps: losses.length,
    hasLearned: firstLoss - lastLoss >= LEAST_GAIN,
  };
}
