/**
 * The four runs of the hunt in notebook 4, three of them broken. To read on here is to spoil the hunt.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { crossEntropy, forward, targetLosses } from "lib/model/mod.ts";
import type { MetricsRow } from "lib/plot/mod.ts";
import { disposeParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import * as training from "lib/train/mod.ts";
import * as parts from "../02_model/parts.ts";
import { forwardWith } from "../02_model/reference.ts";

/** What may be wrong with a run. */
export const RUN_FAULTS = [
  "nothing",
  "validation sentences among the training sentences",
  "the mask is not causal",
  "labels are not shifted",
  "dropout is on in the evaluation",
  "the rate is too high",
] as const;

/** One of {@linkcode RUN_FAULTS}. */
export type RunFault = typeof RUN_FAULTS[number];

/** A run to look into. */
export type RunName = "A" | "B" | "C" | "D";

/** What each run has. */
export const FAULT_OF_RUN: Readonly<Record<RunName, RunFault>> = {
  A: "dropout is on in the evaluation",
  B: "the mask is not causal",
  C: "nothing",
  D: "validation sentences among the training sentences",
};

/** What a run leaves to whoever looks into it. */
export interface RunRecord {
  /** Its curves. */
  readonly rows: readonly MetricsRow[];
  /** Its last weights on training sentences, and what the oracle gets there. */
  readonly train: training.Evaluation;
  /** The same on validation sentences. */
  readonly validation: training.Evaluation;
  /** The very same measurement once more. */
  readonly validationAgain: training.Evaluation;
}

/** The settings of all four. */
export const HUNT_SETTINGS = training.runConfig({
  data: { level: "agreement", examples: 1000 },
  model: { layers: 2, hiddenSize: 128, feedForwardSize: 256, dropout: 0.1 },
  train: { epochs: 20, lr: 3e-3, warmup: 20, samples: 0, weightDecay: 0 },
  compute: { compile: "graph" },
});

/**
 * Trains a run of the hunt, and measures its last weights.
 *
 * @param name Which run.
 * @param signal Asks to stop; what was trained until then is measured.
 */
export async function trainForHunt(name: RunName, signal?: AbortSignal): Promise<RunRecord> {
  const run = brokenRun(FAULT_OF_RUN[name]), rows: MetricsRow[] = [];
  for await (const event of training.train(run, signal ? { signal } : {})) {
    if (event.kind === "step") rows.push({ step: event.step, trainLoss: event.loss });
    if (event.kind === "evaluation") rows.push({ step: event.step, validationLoss: event.loss });
  }
  const { validation, trainSample } = run.corpus;
  const measured = {
    train: await measure(run, trainSample),
    validation: await measure(run, validation),
    validationAgain: await measure(run, validation),
  };
  disposeParams(run.state.params, run.state.optimizer);
  return { rows, ...measured };
}

async function measure(
  run: training.Run,
  set: training.EvaluationSet,
): Promise<training.Evaluation> {
  const evaluation = await training.evaluate(training.modelOf(run), set);
  if (evaluation === null) throw new DOMException("Stopped", "AbortError");
  return evaluation;
}

function brokenRun(fault: RunFault): training.Run {
  const run = training.createRun(HUNT_SETTINGS);
  switch (fault) {
    case "validation sentences among the training sentences":
      return { ...run, corpus: { ...run.corpus, validation: run.corpus.trainSample } };
    case "the mask is not causal":
      return { ...run, programs: seeingAll(run) };
    case "dropout is on in the evaluation":
      return { ...run, programs: { ...run.programs, losses: dropping(run) } };
    default:
      return run;
  }
}

/** A model in which each place sees the whole sentence, the word that it should guess too. */
function seeingAll({ settings }: training.Run): training.Programs {
  const whole = forwardWith({ allowed: (mask) => tf.onesLike(parts.attentionMask(mask)) });
  const logitsOf = (params: Params, { ids, mask }: training.DeviceBatch) =>
    whole(settings.model, params, ids, mask).reshape([-1, settings.model.vocabSize]);
  const update = (input: training.StepInput): training.StepOutput => {
    const { params, optimizer, scalars, targetCount, microBatches: [batch] } = input;
    if (batch === undefined) throw new RangeError("Cannot step: expected a batch, got none");
    const { value: loss, gradients } = valueAndGradients(
      params,
      (p) => crossEntropy(logitsOf(p, batch), batch.labels, { divisor: targetCount }),
    );
    const after = training.applyGradients(settings, { params, optimizer, gradients, scalars });
    return { loss, ...after };
  };
  const losses = ({ params, batch }: training.LossesInput) =>
    targetLosses(logitsOf(params, batch), batch.labels);
  return { update: compile(update, { mode: "graph" }), losses: compile(losses, { mode: "graph" }) };
}

/** Measures as a run trains: with dropout, each time another one. */
function dropping({ config }: training.Run): training.Programs["losses"] {
  let calls = 0;
  const losses = compile((input: training.LossesInput & { dropoutSeed: tf.Tensor }) => {
    const { params, dropoutSeed, batch: { ids, mask, labels } } = input;
    return targetLosses(forward(config.model, params, ids, { mask, dropoutSeed }).logits, labels);
  }, { mode: "graph" });
  return (input) =>
    tf.tidy(() => losses({ ...input, dropoutSeed: tf.tensor1d([7, calls++], "int32") }));
}
