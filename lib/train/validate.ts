import type { Checkpoint } from "lib/checkpoint/mod.ts";
import type { EarlyStop } from "./early_stop.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation, NoticeEvent, SampleEvent, TrainEvent } from "./events.ts";
import { guardEvaluation, guardState, looksLikeLeak } from "./guard.ts";
import { assertEqualWeights } from "./replicas.ts";
import { modelOf, type Run } from "./run.ts";
import { generateSamples } from "./samples.ts";
import { toCheckpoint } from "./state.ts";
import type { StopSign } from "./stop_sign.ts";
import { validationDue } from "./validation_times.ts";

/** What one call of `train()` keeps besides `run.state`, which is what a checkpoint holds. */
export interface LoopState {
  readonly earlyStop: EarlyStop;
  readonly stop: StopSign;
  /** The position where a save on exit is not needed (just saved) or not wanted (not finite). */
  readonly noSaveAt: { position: string | null };
}

/** The position of a state. The step alone is not enough: a skipped update moves only the cursor. */
export function positionOf({ state: { step, cursor } }: Run): string {
  return JSON.stringify([step, cursor.epoch, cursor.batch]);
}

/** What is saved of a run. */
export function checkpointOf({ config, state, corpus, logs }: Run): Checkpoint {
  const logPositions = logs?.positions ?? state.logPositions;
  return toCheckpoint(config, { ...state, logPositions }, corpus.tokenizer);
}

/**
 * Evaluates the model if a validation is due at this step, and saves a checkpoint.
 *
 * `isEarly` means one of the extra validations in the first steps, which save nothing and do not
 * count for early stopping.
 */
export async function* validateIfDue(run: Run, loop: LoopState): AsyncGenerator<TrainEvent> {
  const { step } = run.state, due = validationDue(run, step), isEarly = due === "early";
  if (due === null || run.state.evaluatedStep === step) return;
  const started = performance.now(), result = await evaluateAndSample(run, loop, isEarly);
  if (result === null) return; // stopped; a resumed run validates at this step again
  const { evaluation, samples } = result;
  const isBest = !isEarly && loop.earlyStop.improves(evaluation.loss, step);
  recordValidation(run, loop, (performance.now() - started) / 1000);
  const { tokens, cursor } = run.state;
  const epoch = Math.max(1, cursor.batch === 0 ? cursor.epoch : cursor.epoch + 1);
  yield { kind: "evaluation", step, epoch, tokens, isBest, isEarly, ...evaluation };
  if (looksLikeLeak(evaluation)) yield leakNotice(step, evaluation);
  if (samples !== undefined) yield samples;
  if (!isEarly) yield* save(run, loop, isBest);
}

/** Notes in the state that this step was evaluated, so that a resumed run does not do it again. */
function recordValidation(run: Run, { earlyStop }: LoopState, evaluationSeconds: number): void {
  const { step, seconds } = run.state;
  run.state = {
    ...run.state,
    seconds: seconds + evaluationSeconds,
    earlyStop: earlyStop.state,
    evaluatedStep: step,
  };
}

/** Saves a checkpoint if the run has a store; what went wrong on the way becomes notices. */
function* save(run: Run, { noSaveAt }: LoopState, isBest: boolean): Generator<TrainEvent> {
  if (run.store === null) return;
  const { step } = run.state;
  const { path, warnings } = run.store.save(checkpointOf(run), { isBest });
  noSaveAt.position = positionOf(run);
  for (const message of warnings) yield { kind: "notice", step, message };
  yield { kind: "checkpoint", step, path, isBest };
}

/**
 * Saves where the loop ends between two validations, so that no step is lost.
 *
 * @throws {NonFiniteLossError} If the optimizer's state is not finite, which no step checks: a resumed
 *   run could not go on from it. The checkpoint before stays the last one.
 */
export function saveOnExit(run: Run, { noSaveAt }: LoopState): void {
  if (run.store === null || noSaveAt.position === positionOf(run)) return;
  guardState(run.state.step, run.state.optimizer);
  run.store.save(checkpointOf(run));
}

function leakNotice(step: number, { gap }: Evaluation): NoticeEvent {
  const message = `validation loss lies ${(-gap).toFixed(4)} nats below the oracle's, ` +
    "more than 3 standard errors: something leaks. Check mask, label shift, pads and split";
  return { kind: "notice", step, message };
}

/** Evaluates the model and generates samples; null if it was asked to stop meanwhile. */
async function evaluateAndSample(
  run: Run,
  { stop, noSaveAt }: LoopState,
  isEarly: boolean,
): Promise<{ evaluation: Evaluation; samples: SampleEvent | undefined } | null> {
  const { step, params, optimizer } = run.state, { replicas } = run;
  if (replicas !== null) await assertEqualWeights(replicas, params, step);
  const model = { ...modelOf(run), ...replicas !== null && { replicas } };
  const evaluation = await evaluate(model, run.corpus.validation, stop.signal);
  if (evaluation === null) {
    stop.note(1); // with several ranks: at least one of them has asked
    return null;
  }
  try {
    guardEvaluation(step, evaluation, optimizer);
  } catch (error) {
    noSaveAt.position = positionOf(run); // what the guard refuses must not be saved on exit
    throw error;
  }
  // With several ranks, rank 0 generates the samples: it writes all files.
  const wantsSamples = run.config.train.samples > 0 && !isEarly && (replicas?.rank ?? 0) === 0;
  const samples = wantsSamples ? await generateSamples(run, stop.signal) : undefined;
  return await stop.agree(samples === null) ? null : { evaluation, samples: samples ?? undefined };
}
