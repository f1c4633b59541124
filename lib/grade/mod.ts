/**
 * Checks of the exercises: each says what was expected, and names the mistake that was likely made.
 *
 * Rank 6: may import every other folder but `notebook`.
 *
 * @example
 * ```ts
 * import { check, expectEqual } from "lib/grade/mod.ts";
 *
 * await check("sum", () => expectEqual([1, 2].reduce((a, b) => a + b), 3, { what: "the sum" }));
 * ```
 *
 * @module
 */
export {
  check,
  CheckError,
  expectClose,
  expectEqual,
  type ExpectOptions,
  expectThat,
  type Mistake,
} from "./check.ts";
export {
  checkMeanLoss,
  checkPadBatch,
  checkShiftExample,
  type PadBatch,
  type ShiftedExample,
} from "./data_checks_batch.ts";
export { checkBucketBatches } from "./data_checks_buckets.ts";
export { checkEntropy, checkPerplexity, checkPlainLadder } from "./data_checks_ladder.ts";
export { checkEpochBatches, checkShuffle, type EpochBatches } from "./data_checks_loader.ts";
export { checkDrawSentence, checkGenerateCorpus } from "./data_checks_sentences.ts";
export { checkSplitCorpus, type SplitCorpus } from "./data_checks_split.ts";
export { checkBuildVocabulary, checkDecode, checkEncode } from "./data_checks_tokenizer.ts";
export {
  type AdamwInput,
  type AdamwMove,
  type AdamwNumbers,
  type AdamwOutput,
  type AdamwScalars,
  type BiasCorrections,
  checkAdamwMove,
  checkBiasCorrections,
} from "./loop_checks_adam.ts";
export { checkFit, type Fit } from "./loop_checks_fit.ts";
export {
  type BatchLoss,
  checkBatchLoss,
  checkCrossEntropy,
  type CrossEntropy,
} from "./loop_checks_loss.ts";
export {
  type Adamw,
  checkAdamw,
  checkIsDecayed,
  checkWarmupCosine,
  type IsDecayed,
  type WarmupCosine,
} from "./loop_checks_optimizer.ts";
export { checkOverfit, type Overfit } from "./loop_checks_overfit.ts";
export {
  checkTrainWithPatience,
  type PatienceParts,
  type PatienceResult,
  type TrainWithPatience,
} from "./loop_checks_patience.ts";
export {
  checkRestore,
  checkSnapshot,
  type Restore,
  type TakeSnapshot,
} from "./loop_checks_resume.ts";
export {
  checkClipByGlobalNorm,
  checkStepGradients,
  type ClipByGlobalNorm,
  type StepGradients,
  type StepGradientsParts,
  type StepGradientsResult,
} from "./loop_checks_step.ts";
export { checkEvaluate, type Evaluate, type MeasuredBatch } from "./loop_checks_validation.ts";
export type { LoopParts, LoopRow, LoopSnapshot, LoopState } from "./loop_state.ts";
export {
  type Attended,
  checkAttend,
  checkAttentionMask,
  type QueriesKeysValues,
} from "./model_checks_attention.ts";
export { checkInitialValues } from "./model_checks_beginning.ts";
export { checkForward } from "./model_checks_forward.ts";
export {
  checkJoinHeads,
  checkMultiHeadAttention,
  checkSplitHeads,
  type HeadsAndMask,
} from "./model_checks_heads.ts";
export {
  checkDrawUniform,
  checkWeightDeviation,
  type DeviationRule,
} from "./model_checks_initialization.ts";
export { checkBlock, checkFeedForward, checkLinear } from "./model_checks_layers.ts";
export { checkLayerNorm } from "./model_checks_norm.ts";
export { checkParameterCount } from "./model_checks_parameters.ts";
export { checkIsCausal, checkWorstDifference, type LogitsOf } from "./model_checks_probes.ts";

// For programs of one's own:
export { expectShape } from "./check.ts";
