import type * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import type { NoticeEvent, StepEvent } from "./events.ts";
import { findNonFinite, guardFinite } from "./guard.ts";
import { type LossScale, nextLossScale } from "./loss_scale.ts";
import type { Run } from "./run.ts";
import { makeUpdate } from "./shared_update.ts";
import { type StepOutput, sumOfWeights } from "./step.ts";
import { stepInput } from "./step_input.ts";
import type { StopSign } from "./stop_sign.ts";

/**
 * Makes one update and replaces `run.state` by the new state. In float16 an update whose gradient
 * overflowed is skipped: weights and step stay, the cursor moves on.
 *
 * @param run The run.
 * @param batches The step's micro-batches.
 * @param stop Whether anybody has asked to stop; the ranks tell each other with the sum of gradients.
 * @returns The step's event, or a notice if the update was skipped.
 * @throws {NonFiniteLossError} If a loss, a gradient or a new weight is not finite; `run.state` then stays.
 */
export async function makeStep(
  run: Run,
  batches: readonly Batch[],
  stop: StopSign,
): Promise<StepEvent | NoticeEvent> {
  const started = performance.now(), { state } = run;
  const targets = batches.reduce((sum, batch) => sum + batch.targets, 0);
  const update = await computeUpdate(run, batches, stop), last = batches.at(-1);
  if (last === undefined) {
    throw new RangeError("Cannot make a step: expected micro-batches, got none");
  }
  const stepSeconds = (performance.now() - started) / 1000, seconds = state.seconds + stepSeconds;
  const always = { cursor: last.next, seconds, lossScale: update.lossScale };
  if (update.next === null) { // skipped: weights, optimizer state, step and learning rate stay
    run.state = { ...state, ...always };
    return { kind: "notice", step: state.step, message: describeSkip(state.lossScale, update) };
  }
  const { params, optimizer, loss, gradNorm, lr } = update.next;
  disposeParams(state.params, state.optimizer);
  const step = state.step + 1, tokens = state.tokens + targets;
  run.state = { ...state, ...always, step, tokens, params, optimizer };
  const epoch = last.cursor.epoch + 1;
  return {
    kind: "step",
    step,
    epoch,
    tokens,
    loss,
    lr,
    gradNorm,
    tokensPerSecond: targets / stepSeconds,
  };
}

/** The result of an update, with its scalars read as numbers. */
interface ComputedUpdate extends Pick<StepOutput, "params" | "optimizer"> {
  readonly loss: number;
  readonly gradNorm: number;
  readonly lr: number;
}

/** The update, or null if it must be skipped, and the loss scale for the next step. */
interface ScaledUpdate {
  readonly next: ComputedUpdate | null;
  readonly lossScale: LossScale | null;
}

/** Computes the next weights; `run.state` stays as it is. */
async function computeUpdate(
  run: Run,
  batches: readonly Batch[],
  stop: StopSign,
): Promise<ScaledUpdate> {
  const { step, lossScale } = run.state, input = stepInput(run, batches);
  try {
    const next = await makeUpdate(run, input, stop);
    const loss = readScalar(next.loss), gradNorm = readScalar(next.gradNorm);
    // An update written by a user may leave the sum out.
    const sum = readScalar(next.weightSum ?? sumOfWeights(next.params));
    try {
      const nextScale = scaleAfter(run, gradNorm);
      if (lossScale !== null && !Number.isFinite(gradNorm)) {
        disposeParams(next.params, next.optimizer);
        return { next: null, lossScale: nextScale };
      }
      // A sum of finite weights may overflow, so the weights themselves decide.
      const badWeight = Number.isFinite(sum) ? undefined : findNonFinite(next.params);
      guardFinite(step + 1, { loss, gradNorm, badWeight }, run.store?.path);
      const lr = run.settings.transform.scalars(step).lr ?? NaN;
      return { next: { ...next, loss, gradNorm, lr }, lossScale: nextScale };
    } catch (error) {
      disposeParams(next.params, next.optimizer);
      throw error;
    }
  } finally {
    // Frees all inputs but the weights and the optimizer's state, which belong to the run.
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
