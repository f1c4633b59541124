import type * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { claimRun } from "./one_loop.ts";
import { EarlyStop } from "./early_stop.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation, SampleEvent, StepEvent, TrainEvent } from "./events.ts";
import { findNonFinite, guardEvaluation, guardFinite, looksLikeLeak } from "./guard.ts";
import { nextTurn } from "./next_turn.ts";
import { assertEqualWeights } from "./replicas.ts";
import { modelOf, type Run } from "./run.ts";
import { generateSamples } from "./samples.ts";
import { makeUpdate } from "./shared_update.ts";
import { toCheckpoint } from "./state.ts";
import { type StepOutput, sumOfWeights } from "./step.ts";
import { stepInput } from "./step_input.ts";
import { StopSign } from "./stop_sign.ts";
import { synchronize } from "./synchronize.ts";

/** What {@linkcode train} may be given besides the run. */
export interface TrainOptions {
  /** Asks to stop: the step under way is finished, the run saved, and the stream ended. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a run until its steps are made, it no longer improves, or it is asked to stop, and saves on
 * every way out: the end, `break`, an abort, an error.
 *
 * @param run The run; `run.state` moves on with each step.
 * @param options A signal to stop by.
 * @returns A stream of events: steps, validations, samples, checkpoints, notices, the end.
 * @throws {NonFiniteLossError} If a loss, a gradient or a new weight is no finite number; the state
 *   before that step is saved. If a validation gives none, the state is not saved.
 * @throws {CheckpointError} If a checkpoint cannot be written, or another process trains this run.
 * @throws {DOMException} If a loop of this process trains it already; that one goes on.
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
  const course: Course = { earlyStop, stop, saved: { step: -1 } };
  try {
    yield* validateIfDue(run, course);
    for (const batches of stepBatches(run)) {
      if (run.state.step >= run.plan.totalSteps || stop.isDecided || earlyStop.isExhausted) break;
      yield await makeStep(run, batches, stop);
      yield* validateIfDue(run, course);
      await nextTurn();
    }
    const isDone = run.state.step >= run.plan.totalSteps;
    const reason = isDone ? "finished" : stop.isDecided ? "interrupted" : "early stop";
    yield { kind: "end", step: run.state.step, reason };
  } finally {
    if (course.saved.step !== run.state.step) run.store?.save(toCheckpoint(run.config, run.state));
  }
}

/** What decides how the training goes on. */
interface Course {
  readonly earlyStop: EarlyStop;
  readonly stop: StopSign;
  /** The step of the state that needs no more saving. */
  readonly saved: { step: number };
}

/** Groups the loader's micro-batches by step. */
function* stepBatches(run: Run): Generator<Batch[]> {
  let group: Batch[] = [];
  for (const batch of run.corpus.loader.batches(run.state.cursor)) {
    group.push(batch);
    if (!batch.isLastOfStep) continue;
    yield group;
    group = [];
  }
}

/** Makes one update and puts the new state in the old one's place. */
async function makeStep(
  run: Run,
  batches: readonly Batch[],
  stop: StopSign,
): Promise<StepEvent> {
  const started = performance.now(), { state } = run;
  const targets = batches.reduce((sum, batch) => sum + batch.targets, 0);
  const { params, optimizer, loss, gradNorm, lr } = await computeUpdate(run, batches, stop);
  const last = batches.at(-1);
  if (last === undefined) {
    throw new RangeError("Cannot make a step: expected micro-batches, got none");
  }
  disposeParams(state.params, state.optimizer);
  const step = state.step + 1, tokens = state.tokens + targets;
  const took = (performance.now() - started) / 1000, seconds = state.seconds + took;
  run.state = { ...state, step, tokens, seconds, cursor: last.next, params, optimizer };
  const epoch = last.cursor.epoch + 1;
  return { kind: "step", step, epoch, tokens, loss, lr, gradNorm, tokensPerSecond: targets / took };
}

/** What an update gives, its scalars read. */
interface ComputedUpdate extends Pick<StepOutput, "params" | "optimizer"> {
  readonly loss: number;
  readonly gradNorm: number;
  readonly lr: number;
}

/** Computes the next weights; `run.state` stays as it is. */
async function computeUpdate(
  run: Run,
  batches: readonly Batch[],
  stop: StopSign,
): Promise<ComputedUpdate> {
  const { step } = run.state, input = stepInput(run, batches);
  try {
    const next = await makeUpdate(run, input, stop);
    const loss = readScalar(next.loss), gradNorm = readScalar(next.gradNorm);
    // An update of one's own may leave the sum out.
    const sum = readScalar(next.weightSum ?? sumOfWeights(next.params));
    // Finite weights may still have a sum that is not, so the word is with the weights.
    const badWeight = Number.isFinite(sum) ? undefined : findNonFinite(next.params);
    try {
      guardFinite(step + 1, { loss, gradNorm, badWeight }, run.store?.path);
    } catch (error) {
      disposeParams(next.params, next.optimizer);
      throw error;
    }
    return { ...next, loss, gradNorm, lr: run.settings.transform.scalars(step).lr ?? NaN };
  } finally {
    // All but the weights and the optimizer's state, which stay the run's.
    disposeParams(input.scalars, { targetCount: input.targetCount });
    for (const batch of input.microBatches) disposeParams(batch);
  }
}

/** Reads a scalar and frees it. */
function readScalar(tensor: tf.Tensor): number {
  const [value] = tensor.dataSync();
  tensor.dispose();
  return value ?? NaN;
}

async function* validateIfDue(run: Run, course: Course): AsyncGenerator<TrainEvent> {
  const { earlyStop, saved } = course;
  const { step, tokens, cursor, seconds } = run.state, started = performance.now();
  if (!isValidationDue(run) || run.state.evaluatedStep === step) return;
  const measured = await measure(run, course);
  if (measured === null) return; // stopped; a resumed run validates at this step again
  const { evaluation, samples } = measured;
  const isBest = earlyStop.improves(evaluation.loss, step);
  run.state = {
    ...run.state,
    seconds: seconds + (performance.now() - started) / 1000,
    earlyStop: earlyStop.state,
    evaluatedStep: step,
  };
  const epoch = Math.max(1, cursor.batch === 0 ? cursor.epoch : cursor.epoch + 1);
  yield { kind: "evaluation", step, epoch, tokens, isBest, ...evaluation };
  if (looksLikeLeak(evaluation)) {
    const message =
      `validation loss lies ${(-evaluation.gap).toFixed(4)} nats below the oracle's, ` +
      "more than 3 standard errors: something leaks. Check mask, label shift, pads and split";
    yield { kind: "notice", step, message };
  }
  if (samples !== undefined) yield samples;
  if (run.store === null) return;
  const { path, warnings } = run.store.save(toCheckpoint(run.config, run.state), { isBest });
  saved.step = step;
  for (const message of warnings) yield { kind: "notice", step, message };
  yield { kind: "checkpoint", step, path, isBest };
}

/** What a validation gives; null if it was asked to stop. */
async function measure(
  run: Run,
  { stop, saved }: Course,
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
    saved.step = step; // what the guard refuses is not worth saving on the way out
    throw error;
  }
  // Of several ranks, the first makes the samples: it is the one that writes them.
  const isAsked = run.config.train.samples > 0 && (replicas?.rank ?? 0) === 0;
  const samples = isAsked ? await generateSamples(run, stop.signal) : undefined;
  return await stop.agree(samples === null) ? null : { evaluation, samples: samples ?? undefined };
}

/** Before the first step, every `evalEvery` steps, after each epoch, and at the end. */
function isValidationDue(run: Run): boolean {
  const { step, cursor } = run.state, { evalEvery } = run.config.train;
  const isAtEpoch = cursor.batch === 0 || step === run.plan.totalSteps;
  return isAtEpoch || (evalEvery > 0 && step % evalEvery === 0);
}
