import { CheckpointError } from "lib/core/mod.ts";
import { disposeParams, type Params } from "lib/tensor/mod.ts";
import { fromCheckpoint, type Run } from "lib/train/mod.ts";

/** The best weights of a run. */
export interface BestWeights extends Disposable {
  /** The weights. */
  readonly params: Params;
  /** The step that made them. */
  readonly step: number;
  /** Why these are the last weights although others were better; none if they are the best. */
  readonly warning?: string;
}

/**
 * Gives the weights with the lowest validation loss: the current ones if the last validation was the
 * best, or else those of the checkpoint `best`. If that cannot be read, it gives the current ones and
 * says so.
 *
 * @param run The run; its weights stay its own.
 * @returns The weights; dispose of them to free those that were read.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { bestWeights } from "lib/run/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig());
 * using best = bestWeights(run); // nothing was better than the first ones yet
 * assertEquals([best.step, best.params], [0, run.state.params]);
 * ```
 */
export function bestWeights(run: Run): BestWeights {
  const { params, step, earlyStop } = run.state;
  const own = { params, step, [Symbol.dispose]() {} };
  if (earlyStop.bestLoss === null || earlyStop.bestStep === step) return own;
  if (run.store === null) return { ...own, warning: describeLast(run, "no checkpoint is kept") };
  try {
    const { state: best } = fromCheckpoint(run.store.load("best"));
    disposeParams(best.optimizer);
    const { params, step } = best;
    return { params, step, [Symbol.dispose]: () => disposeParams(params) };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return { ...own, warning: describeLast(run, error.message) };
  }
}

function describeLast({ state }: Run, reason: string): string {
  return `the last weights are judged, those of step ${state.step}, ` +
    `not the best ones of step ${state.earlyStop.bestStep}: ${reason}`;
}
