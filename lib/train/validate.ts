import type { Checkpoint } from "lib/checkpoint/mod.ts";
import type { EarlyStop } from "./early_stop.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation, NoticeEvent, SampleEvent, TrainEvent } from "./events.ts";
import { guardEvaluation, looksLikeLeak } from "./guard.ts";
import { assertEqualWeights } from "./replicas.ts";
import { modelOf, type Run } from "./run.ts";
import { generateSamples } from "./samples.ts";
import { toCheckpoint } from "./state.ts";
import type { StopSign } from "./stop_sign.ts";
import { validationDue } from "./validation_times.ts";

/** What decides how the training goes on. */
export interface Course {
  readonly earlyStop: EarlyStop;
  readonly stop: StopSign;
  /** Where the state stood that was saved last, or is not worth saving. */
  readonly saved: { place: string | null };
}

/** Where a state stands: a skipped update moves the cursor and no step. */
export function placeOf({ state: { step, cursor } }: Run): string {
  return JSON.stringify([step, cursor.epoch, cursor.batch]);
}

/** What is saved of a run. */
export function checkpointOf({ config, state, corpus }: Run): Checkpoint {
  return toCheckpoint(config, state, corpus.tokenizer);
}

/** Measures the model where it is time, and saves what it has come to. */
export async function* validateIfDue(run: Run, course: Course): AsyncGenerator<TrainEvent> {
  const { step } = run.state, due = validationDue(run, step), isEarly = due === "early";
  if (due === null || run.state.evaluatedStep === step) return;
  const started = performance.now(), measured = await measure(run, course, isEarly);
  if (measured === null) return; // stopped; a resumed run validates at this step again
  const { evaluation, samples } = measured;
  const isBest = !isEarly && course.earlyStop.improves(evaluation.loss, step);
  noteValidation(run, course, (performance.now() - started) / 1000);
  const { tokens, cursor } = run.state;
  const epoch = Math.max(1, cursor.batch === 0 ? cursor.epoch : cursor.epoch + 1);
  yield { kind: "evaluation", step, epoch, tokens, isBest, isEarly, ...evaluation };
  if (looksLikeLeak(evaluation)) yield leakNotice(step, evaluation);
  if (samples !== undefined) yield samples;
  if (!isEarly) yield* save(run, course, isBest);
}

/** Puts into the state that this step was measured. */
function noteValidation(run: Run, { earlyStop }: Course, took: number): void {
  const { step, seconds } = run.state;
  run.state = {
    ...run.state,
    seconds: seconds + took,
    earlyStop: earlyStop.state,
    evaluatedStep: step,
  };
}

/** Saves the run where it has a store, and says what was wrong on the way. */
function* save(run: Run, { saved }: Course, isBest: boolean): Generator<TrainEvent> {
  if (run.store === null) return;
  const { step } = run.state;
  const { path, warnings } = run.store.save(checkpointOf(run), { isBest });
  saved.place = placeOf(run);
  for (const message of warnings) yield { kind: "notice", step, message };
  yield { kind: "checkpoint", step, path, isBest };
}

function leakNotice(step: number, { gap }: Evaluation): NoticeEvent {
  const message = `validation loss lies ${(-gap).toFixed(4)} nats below the oracle's, ` +
    "more than 3 standard errors: something leaks. Check mask, label shift, pads and split";
  return { kind: "notice", step, message };
}

/** What a validation gives; null if it was asked to stop. */
async function measure(
  run: Run,
  { stop, saved }: Course,
  isEarly: boolean,
): Promise<{ evaluation: Evaluation; samples: SampleEvent | undefined } | null> {
  const { step, params, optimizer } = run.state, { replicas } = run;
  if (replicas !== null) await assertEqualWeights(replicas, params, step);
  const model = { ...modelOf(run), ...replicas !== null && { replicas } };
  const evaluation = await evaluate(model, run.corpus.validation, stop.signal);
  if (evaluation === null) {
    stop.note(1); // of several ranks, one at least has asked
    return null;
  }
  try {
    guardEvaluation(step, evaluation, optimizer);
  } catch (error) {
    saved.place = placeOf(run); // what the guard refuses is not worth saving on the way out
    throw error;
  }
  // Of several ranks, the first makes the samples: it is the one that writes them.
  const isAsked = run.config.train.samples > 0 && !isEarly && (replicas?.rank ?? 0) === 0;
  const samples = isAsked ? await generateSamples(run, stop.signal) : undefined;
  return await stop.agree(samples === null) ? null : { evaluation, samples: samples ?? undefined };
}
