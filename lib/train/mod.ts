/**
 * Training: settings, one update, evaluation against the oracle, early stop, the loop, the verdict.
 *
 * Rank 3: imports `core`, the folders of rank 1 and 2, and TensorFlow.js.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 400 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const kinds = new Set<string>();
 * for await (const event of train(createRun(runConfig(settings)))) kinds.add(event.kind);
 * assertEquals([...kinds], ["evaluation", "sample", "step", "end"]);
 * ```
 *
 * @module
 */
export { measureAblation } from "./ablation.ts";
export { planSteps, type RunConfig, runConfig, runSchema, type StepPlan } from "./config.ts";
export { type Corpus, createCorpus } from "./corpus.ts";
export { type DeviceBatch, toDevice } from "./device_batch.ts";
export type { EarlyStopState } from "./early_stop.ts";
export { evaluate, type EvaluationSet, type Measured, type Reference } from "./evaluate.ts";
export type {
  CheckpointEvent,
  EndEvent,
  Evaluation,
  EvaluationEvent,
  NoticeEvent,
  Sample,
  SampleEvent,
  SlotLoss,
  StepEvent,
  TrainEvent,
} from "./events.ts";
export { createGenerationPrograms } from "./generation_programs.ts";
export { looksLikeLeak } from "./guard.ts";
export { LEVEL_DEFAULTS, type LevelDefaults } from "./level_defaults.ts";
export type { LossScale } from "./loss_scale.ts";
export { assertFits } from "./memory.ts";
export { checkIdle, checkIdleFolder, holdForTraining } from "./one_loop.ts";
export { precisionNotice } from "./precision_notice.ts";
export {
  createPrograms,
  type LossesInput,
  type ProgramOptions,
  type Programs,
  type UpdateHalves,
} from "./programs.ts";
export { checkRanks, fingerprint, gatherTexts, type Replicas } from "./replicas.ts";
export {
  createOptimizer,
  createRun,
  modelOf,
  type ResumedRun,
  type ResumeOptions,
  resumeRun,
  type Run,
  type RunLogs,
  type RunOptions,
} from "./run.ts";
export { generateSamples } from "./samples.ts";
export { fromCheckpoint, toCheckpoint, type TrainState } from "./state.ts";
export {
  applyGradients,
  type ApplyInput,
  computeGradients,
  type Gradients,
  type MicroBatch,
  type StepInput,
  type StepOutput,
  type StepSettings,
} from "./step.ts";
export type { ShareInput, SumInput, SumOutput } from "./step_halves.ts";
export { stepInput } from "./step_input.ts";
export { assertEqualSettings } from "./synchronize.ts";
export { train, type TrainOptions } from "./train.ts";
export { validationDue } from "./validation_times.ts";
export {
  type FitEvidence,
  judgeFit,
  type Measurement,
  type Verdict,
  type VerdictEvidence,
} from "./verdict.ts";

// For your own programs:
export type { AblationLoss, AblationOptions } from "./ablation.ts";
export { EarlyStop } from "./early_stop.ts";
export { findNonFinite, guardEvaluation, guardFinite, type StepNumbers } from "./guard.ts";
export { withLevelDefaults } from "./level_defaults.ts";
export { firstLossScale, nextLossScale } from "./loss_scale.ts";
export { estimateMemory, type MemoryEstimate } from "./memory.ts";
export { nextTurn } from "./next_turn.ts";
export type { PrecisionPlace } from "./precision_notice.ts";
export { gatherNumbers } from "./replicas.ts";
export { sumOfWeights, updateStep } from "./step.ts";
export { type ValidationPoint, type ValidationTrend, validationTrend } from "./validation_trend.ts";
