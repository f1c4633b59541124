import {
  checkFits,
  type Checkpoint,
  type CheckpointStore,
  type LoadedCheckpoint,
} from "lib/checkpoint/mod.ts";
import { CheckpointError, ConfigError } from "lib/core/mod.ts";
import { initializeParams, paramShapes } from "lib/model/mod.ts";
import { optimizerFromConfig, type Transform } from "lib/optimizer/mod.ts";
import { type Schedule, scheduleFromConfig } from "lib/schedule/mod.ts";
import type { Tokenizer } from "lib/tokenizer/mod.ts";
import { planSteps, type RunConfig, runConfig, type StepPlan } from "./config.ts";
import { type Corpus, createCorpus } from "./corpus.ts";
import { EarlyStop } from "./early_stop.ts";
import type { Measured } from "./evaluate.ts";
import { firstLossScale } from "./loss_scale.ts";
import { assertFits } from "./memory.ts";
import { createPrograms, type ProgramOptions, type Programs } from "./programs.ts";
import { checkVocabulary, fromCheckpoint, type TrainState } from "./state.ts";
import { checkRanks, type Replicas } from "./replicas.ts";
import type { StepSettings } from "./step.ts";

/** The log files of a run, as its checkpoints see them. */
export interface RunLogs {
  /** How far each was written, in bytes. */
  readonly positions: Readonly<Record<string, number>>;
}

/** A training run: its sentences, its settings, and its state. */
export interface Run {
  /** The settings. */
  readonly config: RunConfig;
  /** How many steps it has. */
  readonly plan: StepPlan;
  /** The sentences, their grammar and its oracle. */
  readonly corpus: Corpus;
  /** What is fixed about an update. */
  readonly settings: StepSettings;
  /** The update and the losses, compiled as the settings ask. */
  readonly programs: Programs;
  /** Where checkpoints go; null where none are kept. */
  readonly store: CheckpointStore | null;
  /** The ranks that train it together; null where this process trains it alone. */
  readonly replicas: Replicas | null;
  /** Its log files; a checkpoint asks them how far they were written. Null where nobody logs. */
  logs: RunLogs | null;
  /** All that training changes. */
  state: TrainState;
}

/** What a run may be given besides its settings. */
export interface RunOptions {
  /** Where checkpoints go; without one, none are kept. */
  readonly store?: CheckpointStore;
  /** Your own tokenizer; default one entry per word. */
  readonly tokenizer?: Tokenizer;
  /** Your own optimizer; default the one that the settings name. */
  readonly transform?: Transform;
  /** The ranks that train it together; without them, this process trains it alone. */
  readonly replicas?: Replicas;
  /** Called with each compilation. */
  readonly onCompile?: ProgramOptions["onCompile"];
  /** Sentences that were made earlier from the same settings; default new ones. */
  readonly corpus?: Corpus;
  /**
   * Computations that were made for another run; default new ones. The runs may differ only in what is
   * no part of a compiled step: learning rate, schedule, seed, sentences.
   */
  readonly programs?: Programs;
}

/**
 * Makes a new run: sentences, weights, optimizer, all from the settings' seed.
 *
 * @param config The settings.
 * @param options A store for checkpoints, and your own parts.
 * @returns The run before its first step; the caller owns its tensors (`state`).
 * @throws {ConfigError} If the settings do not fit together, or the run does not fit into memory.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig());
 * assertEquals(run.plan.totalSteps, 846);
 * ```
 */
export function createRun(config: RunConfig, options: RunOptions = {}): Run {
  const parts = assemble(config, options);
  const params = initializeParams(config.model, config.seed);
  const state: TrainState = {
    step: 0,
    tokens: 0,
    seconds: 0,
    cursor: { epoch: 0, batch: 0 },
    params,
    optimizer: parts.settings.transform.init(params),
    earlyStop: { bestLoss: null, bestStep: 0, referenceLoss: null, badCount: 0 },
    lossScale: firstLossScale(config.compute),
    evaluatedStep: -1,
    logPositions: {},
  };
  return { ...parts, state };
}

/** A resumed run, and what was noticed while it was loaded. */
export interface ResumedRun {
  /** The run as it was when it was saved. */
  readonly run: Run;
  /** The checkpoint it comes from; its `warnings` name damaged files that were ignored. */
  readonly checkpoint: LoadedCheckpoint;
  /** What the new number of epochs changes, as a sentence; undefined if there is no new number. */
  readonly change: string | undefined;
}

/** What a resumed run may be given. */
export interface ResumeOptions extends Omit<RunOptions, "store"> {
  /** The new number of epochs in all; default as before. A schedule then ends with them. */
  readonly epochs?: number;
}

/**
 * Resumes a run from its last checkpoint: on a CPU, bit for bit.
 *
 * @param store The run's checkpoints; further ones go there too.
 * @param options Your own parts, the same as when the run was made; another number of epochs.
 * @returns The run, its settings from the checkpoint; the caller owns its tensors.
 * @throws {CheckpointError} If there is no checkpoint that is whole, or it does not fit.
 * @throws {ConfigError} If so many epochs are over already, or early stopping has ended the run.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { CheckpointStore } from "lib/checkpoint/mod.ts";
 * import { createRun, resumeRun, runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const store = CheckpointStore.open(Deno.makeTempDirSync());
 * const small = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0, samples: 0 } };
 * for await (const event of train(createRun(runConfig(small), { store }))) {
 *   if (event.kind === "step" && event.step === 2) break; // saves on the way out
 * }
 * assertEquals(resumeRun(store).run.state.step, 2);
 * ```
 */
export function resumeRun(
  store: CheckpointStore,
  options: ResumeOptions = {},
): ResumedRun {
  const checkpoint = store.load("last", { check: checkFinite });
  const { config: saved, state } = fromCheckpoint(checkpoint);
  const former = runConfig(saved as Parameters<typeof runConfig>[0]); // runConfig() checks it here
  const config = ofEpochs(former, options.epochs);
  checkFits(checkpoint, new Map(Object.entries(paramShapes(config.model))));
  const run = { ...assemble(config, { ...options, store }), state };
  checkVocabulary(checkpoint, run.corpus.tokenizer);
  if (config === former) return { run, checkpoint, change: undefined };
  checkExtension(run);
  return { run, checkpoint, change: describeChange(run, former) };
}

/** The settings for so many epochs, which take the place of steps or tokens; the same ones without. */
function ofEpochs(former: RunConfig, epochs: number | undefined): RunConfig {
  const { train } = former, isInEpochs = train.steps === 0 && train.tokens === 0;
  if (epochs === undefined || (isInEpochs && epochs === train.epochs)) return former;
  return runConfig({ ...former, train: { ...train, epochs, steps: 0, tokens: 0 } });
}

/** Refuses a new number of epochs that would change nothing, or that are over already. */
function checkExtension({ config, plan, state }: Run): void {
  const done = state.step / plan.stepsPerEpoch;
  if (state.step >= plan.totalSteps) {
    throw new ConfigError(
      `Cannot train further: expected more than the ${Number(done.toFixed(2))} epochs that the ` +
        `run has behind it, got train.epochs ${config.train.epochs}`,
    );
  }
  if (!new EarlyStop(config.train, state.earlyStop).isExhausted) return;
  throw new ConfigError(
    `Cannot train further: expected a run that early stop has not ended, got one that it ended at ` +
      `step ${state.step}; begin a new one with another train.patience`,
  );
}

function describeChange({ config, plan, state, settings, corpus }: Run, former: RunConfig): string {
  const { stepsPerEpoch, totalSteps } = plan, { schedule, epochs } = config.train;
  const { totalSteps: before } = planSteps(former, corpus.loader), { train } = former;
  const length = train.steps > 0
    ? `${train.steps} steps`
    : train.tokens > 0
    ? `${train.tokens} tokens`
    : train.epochs;
  const old = createOptimizer(former, { stepsPerEpoch, totalSteps: before });
  const rate = (transform: Transform) => (transform.scalars(state.step).lr ?? NaN).toExponential(2);
  const rates = rate(settings.transform) === rate(old)
    ? `the rate (${schedule}) stays ${rate(old)}`
    : `the rate (${schedule}) now ends there: the next step takes ${rate(settings.transform)} ` +
      `in place of ${rate(old)}`;
  return `${epochs} epochs in place of ${length}: ` +
    `${totalSteps} steps in place of ${before}; ${rates}`;
}

function assemble(config: RunConfig, options: RunOptions): Omit<Run, "state"> {
  assertFits(config); // first, since the sentences alone may need too much memory
  const { store = null, replicas = null } = options;
  checkRanks(replicas?.ranks ?? 1, config);
  const corpus = options.corpus ?? createCorpus(config, options.tokenizer);
  const plan = planSteps(config, corpus.loader);
  const settings: StepSettings = {
    model: config.model,
    transform: options.transform ?? createOptimizer(config, plan),
    labelSmoothing: config.train.labelSmoothing,
    maxNorm: config.train.clip === 0 ? Infinity : config.train.clip,
  };
  const { compile: mode, precision } = config.compute, { onCompile } = options;
  const programs = options.programs ??
    createPrograms(settings, { mode, precision, ...(onCompile && { onCompile }) });
  return { config, plan, corpus, settings, programs, store, replicas, logs: null };
}

/** Refuses weights and optimizer states that are not finite: training cannot go on from them. */
function checkFinite(checkpoint: Checkpoint): void {
  for (const tensors of [checkpoint.model, checkpoint.optimizer]) {
    for (const [name, { dtype, data }] of tensors) {
      // A copy, because the bytes of a tensor in a file may begin anywhere.
      if (dtype !== "F32" || new Float32Array(data.slice().buffer).every(Number.isFinite)) continue;
      throw new CheckpointError(`${name}: expected finite numbers, got NaN or infinity`);
    }
  }
}

/**
 * Gives what {@linkcode evaluate} needs of a run: its model as it is now.
 *
 * @param run The run; its parameters stay its own.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, modelOf, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig());
 * assertEquals(modelOf(run).params, run.state.params);
 * ```
 */
export function modelOf(run: Run): Measured {
  return { params: run.state.params, programs: run.programs };
}

/**
 * Makes the optimizer that a run's settings name, with its schedule.
 *
 * @param config The settings.
 * @param plan How long the run is: decaying schedules end with it.
 * @param options A schedule in place of the one that the settings name.
 * @returns A transform.
 *
 * @example
 * ```ts
 * import { createOptimizer, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const plan = { stepsPerEpoch: 141, totalSteps: 846 };
 * assertEquals(createOptimizer(runConfig(), plan).scalars(99).lr, 1.5e-3); // the peak
 * ```
 */
export function createOptimizer(
  config: RunConfig,
  plan: StepPlan,
  options: { readonly schedule?: Schedule } = {},
): Transform {
  const { optimizer, lr, weightDecay, beta1, beta2, epsilon, momentum } = config.train;
  const schedule = options.schedule ?? scheduleFromConfig({
    kind: config.train.schedule,
    warmupSteps: config.train.warmup,
    totalSteps: plan.totalSteps,
    endFactor: config.train.endFactor,
    stepEvery: config.train.decayEvery,
    stepFactor: config.train.decayFactor,
  });
  const settings = { lr, schedule, weightDecay, beta1, beta2, epsilon, momentum };
  return optimizerFromConfig({ kind: optimizer, ...settings });
}
