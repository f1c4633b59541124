import type * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { claimRun } from "./one_loop.ts";
import { EarlyStop } from "./early_stop.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation, NoticeEvent, StepEvent, TrainEvent } from "./events.ts";
import { findNonFinite, guardEvaluation, guardFinite, looksLikeLeak } from "./guard.ts";
import { type LossScale, nextLossScale } from "./loss_scale.ts";
import { nextTurn } from "./next_turn.ts";
import { precisionNotice } from "./precision_notice.ts";
import { modelOf, type Run } from "./run.ts";
import { generateSamples } from "./samples.ts";
import { toCheckpoint } from "./state.ts";
import { type StepOutput, sumOfWeights } from "./step.ts";
import { stepInput } from "./step_input.ts";
import { validationDue } from "./validation_times.ts";

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
  const { signal } = options;
  const earlyStop = new EarlyStop(run.config.train, run.state.earlyStop);
  const isStopped = () => signal?.aborted === true || earlyStop.isExhausted;
  const saved: Saved = { place: null };
  const notice = precisionNotice(run.config.compute);
  try {
    if (notice !== undefined) yield { kind: "notice", step: run.state.step, message: notice };
    yield* validateIfDue(run, earlyStop, saved, signal);
    for (const batches of stepBatches(run)) {
      if (run.state.step >= run.plan.totalSteps || isStopped()) break;
      yield makeStep(run, batches);
      yield* validateIfDue(run, earlyStop, saved, signal);
      await nextTurn();
    }
    const isDone = run.state.step >= run.plan.totalSteps;
    const reason = isDone ? "finished" : signal?.aborted ? "interrupted" : "early stop";
    yield { kind: "end", step: run.state.step, reason };
  } finally {
    if (saved.place !== placeOf(run)) run.store?.save(toCheckpoint(run.config, run.state));
  }
}

/** Where the state stood that was saved last, or is not worth saving. */
interface Saved {
  place: string | null;
}

/** A skipped update moves the cursor and no step. */
function placeOf({ state: { step, cursor } }: Run): string {
  return JSON.stringify([step, cursor.epoch, cursor.batch]);
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

/** Makes one update and puts the new state in the old one's place; or skips it, where it overflowed. */
function makeStep(run: Run, batches: readonly Batch[]): StepEvent | NoticeEvent {
  const started = performance.now(), { state } = run;
  const targets = batches.reduce((sum, batch) => sum + batch.targets, 0);
  const update = computeUpdate(run, batches), last = batches.at(-1);
  if (last === undefined) {
    throw new RangeError("Cannot make a step: expected micro-batches, got none");
  }
  const took = (performance.now() - started) / 1000, seconds = state.seconds + took;
  const moved = { cursor: last.next, seconds, lossScale: update.lossScale };
  if (update.next === null) { // weights, moments, step and so the rate stay as they are
    run.state = { ...state, ...moved };
    return { kind: "notice", step: state.step, message: describeSkip(state.lossScale, update) };
  }
  const { params, optimizer, loss, gradNorm, lr } = update.next;
  disposeParams(state.params, state.optimizer);
  const step = state.step + 1, tokens = state.tokens + targets;
  run.state = { ...state, ...moved, step, tokens, params, optimizer };
  const epoch = last.cursor.epoch + 1;
  return { kind: "step", step, epoch, tokens, loss, lr, gradNorm, tokensPerSecond: targets / took };
}

/** What an update gives, its scalars read. */
interface ComputedUpdate extends Pick<StepOutput, "params" | "optimizer"> {
  readonly loss: number;
  readonly gradNorm: number;
  readonly lr: number;
}

/** The update, or null where it is to be skipped; and the loss scale afterwards. */
interface ScaledUpdate {
  readonly next: ComputedUpdate | null;
  readonly lossScale: LossScale | null;
}

/** Computes the next weights; `run.state` stays as it is. */
function computeUpdate(run: Run, batches: readonly Batch[]): ScaledUpdate {
  const { step, lossScale } = run.state, input = stepInput(run, batches);
  try {
    const next = run.programs.update(input);
    const loss = readScalar(next.loss), gradNorm = readScalar(next.gradNorm);
    // An update of one's own may leave the sum out.
    const sum = readScalar(next.weightSum ?? sumOfWeights(next.params));
    try {
      const scaled = scaleAfter(run, gradNorm);
      if (lossScale !== null && !Number.isFinite(gradNorm)) {
        disposeParams(next.params, next.optimizer);
        return { next: null, lossScale: scaled };
      }
      // Finite weights may still have a sum that is not, so the word is with the weights.
      const badWeight = Number.isFinite(sum) ? undefined : findNonFinite(next.params);
      guardFinite(step + 1, { loss, gradNorm, badWeight }, run.store?.path);
      const lr = run.settings.transform.scalars(step).lr ?? NaN;
      return { next: { ...next, loss, gradNorm, lr }, lossScale: scaled };
    } catch (error) {
      disposeParams(next.params, next.optimizer);
      throw error;
    }
  } finally {
    // All but the weights and the optimizer's state, which stay the run's.
    disposeParams(input.scalars, { targetCount: input.targetCount });
    input.lossScale?.dispose();
    for (const batch of input.microBatches) disposeParams(batch);
  }
}

function scaleAfter({ config, state: { lossScale } }: Run, gradNorm: number): LossScale | null {
  if (lossScale === null) return null;
  return nextLossScale(lossScale, Number.isFinite(gradNorm), config.compute.lossScaleSteps);
}

function describeSkip(before: LossScale | null, { lossScale }: ScaledUpdate): string {
  return `skipped an update: a gradient was too large for float16 at a loss scale of ` +
    `${before?.scale}, which is now ${lossScale?.scale}; ${lossScale?.skipped} skipped so far`;
}

/** Reads a scalar and frees it. */
function readScalar(tensor: tf.Tensor): number {
  const [value] = tensor.dataSync();
  tensor.dispose();
  return value ?? NaN;
}

async function* validateIfDue(
  run: Run,
  earlyStop: EarlyStop,
  saved: Saved,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrainEvent> {
  const { step, tokens, cursor, seconds } = run.state, started = performance.now();
  const due = validationDue(run, step), isEarly = due === "early";
  if (due === null || run.state.evaluatedStep === step) return;
  const evaluation = await evaluate(modelOf(run), run.corpus.validation, signal);
  if (evaluation === null) return;
  try {
    guardEvaluation(step, evaluation, run.state.optimizer);
  } catch (error) {
    saved.place = placeOf(run); // what the guard refuses is not worth saving on the way out
    throw error;
  }
  const hasSamples = run.config.train.samples > 0 && !isEarly;
  const samples = hasSamples ? await generateSamples(run, signal) : undefined;
  if (samples === null) return; // stopped; a resumed run validates at this step again
  const isBest = !isEarly && earlyStop.improves(evaluation.loss, step);
  run.state = {
    ...run.state,
    seconds: seconds + (performance.now() - started) / 1000,
    earlyStop: earlyStop.state,
    evaluatedStep: step,
  };
  const epoch = Math.max(1, cursor.batch === 0 ? cursor.epoch : cursor.epoch + 1);
  yield { kind: "evaluation", step, epoch, tokens, isBest, isEarly, ...evaluation };
  if (looksLikeLeak(evaluation)) yield leakNotice(step, evaluation);
  if (samples !== undefined) yield samples;
  if (run.store === null || isEarly) return;
  const { path, warnings } = run.store.save(toCheckpoint(run.config, run.state), { isBest });
  saved.place = placeOf(run);
  for (const message of warnings) yield { kind: "notice", step, message };
  yield { kind: "checkpoint", step, path, isBest };
}

function leakNotice(step: number, { gap }: Evaluation): NoticeEvent {
  const message = `validation loss lies ${(-gap).toFixed(4)} nats below the oracle's, ` +
    "more than 3 standard errors: something leaks. Check mask, label shift, pads and split";
  return { kind: "notice", step, message };
}
