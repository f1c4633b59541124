import type { Batch } from "lib/data/mod.ts";
import { claimRun } from "./one_loop.ts";
import { EarlyStop } from "./early_stop.ts";
import type { TrainEvent } from "./events.ts";
import { makeStep } from "./make_step.ts";
import { nextTurn } from "./next_turn.ts";
import { precisionNotice } from "./precision_notice.ts";
import type { Run } from "./run.ts";
import { StopSign } from "./stop_sign.ts";
import { synchronize } from "./synchronize.ts";
import { type LoopState, saveOnExit, validateIfDue } from "./validate.ts";

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Asks to stop: the step under way is finished, the run saved, and the stream ended. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a run until all steps are made, it no longer improves, or it is asked to stop. Saves on every
 * exit: the end, a `break` of the caller, an abort, an error.
 *
 * @param run The run; `run.state` moves on with each step.
 * @param options A signal to stop by.
 * @returns A stream of events: steps, validations, samples, checkpoints, notices, the end.
 * @throws {NonFiniteLossError} If a loss, a gradient or a new weight is not finite; the state before
 *   that step is saved. A state whose validation loss is not finite, or whose optimizer's state is
 *   not, is not saved.
 * @throws {CheckpointError} If a checkpoint cannot be written, or another process trains this run.
 * @throws {DOMException} If another loop of this process trains it already; that loop goes on.
 * @throws {ConfigError} If ranks that train it together have different settings.
 * @throws {ClusterError} If one of these ranks is lost or late; the state before that step is saved.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, runConfig, train } from "lib/train/mod.ts";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const small = { data: { examples: 400 }, model: { layers: 1 }, train: { warmup: 0, samples: 0 } };
 * const losses: number[] = [];
 * for await (const event of train(createRun(runConfig(small)))) {
 *   if (event.kind === "step") losses.push(event.loss);
 * }
 * assert(losses.at(-1)! < losses[0]!);
 * ```
 */
export async function* train(run: Run, options: TrainOptions = {}): AsyncGenerator<TrainEvent> {
  using _claim = claimRun(run);
  await synchronize(run);
  const stop = new StopSign(options.signal, run.replicas);
  const earlyStop = new EarlyStop(run.config.train, run.state.earlyStop);
  const loop: LoopState = { earlyStop, stop, noSaveAt: { position: null } };
  const notice = precisionNotice(run.config.compute);
  try {
    if (notice !== undefined) yield { kind: "notice", step: run.state.step, message: notice };
    yield* validateIfDue(run, loop); // before the first step; after a resume, if it was cut off
    for (const batches of stepBatches(run)) {
      if (run.state.step >= run.plan.totalSteps || stop.isDecided || earlyStop.isExhausted) break;
      yield await makeStep(run, batches, stop);
      yield* validateIfDue(run, loop);
      await nextTurn();
    }
    const isDone = run.state.step >= run.plan.totalSteps;
    const reason = isDone ? "finished" : stop.isDecided ? "interrupted" : "early stop";
    yield { kind: "end", step: run.state.step, reason };
  } finally {
    saveOnExit(run, loop);
  }
}

/** Yields, for each step, the list of its micro-batches; goes on over the epochs without end. */
function* stepBatches(run: Run): Generator<Batch[]> {
  let group: Batch[] = [];
  for (const batch of run.corpus.loader.batches(run.state.cursor)) {
    group.push(batch);
    if (!batch.isLastOfStep) continue;
    yield group;
    group = [];
  }
}
