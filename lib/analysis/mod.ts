/**
 * Measures of a model's internals and of its predictions: plain arrays in, plain records out.
 *
 * Rank 1: may import `core`; no TensorFlow. Attention, hidden states and probabilities come from
 * `inspect` of `lib/model`, those of the oracle from `lib/data`; this folder only computes with
 * them.
 *
 * @example
 * ```ts
 * import { classPurity, nearestNeighbors } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const vectors = [[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]];
 * assertEquals(nearestNeighbors(vectors, 0, { count: 1 })[0]?.index, 1);
 * assertEquals(classPurity(vectors, ["a", "a", "b", "b"], { neighbors: 1 }).purity, 1);
 * ```
 *
 * @module
 */
export {
  attentionMass,
  type AttentionQuestion,
  type HeadMass,
  type SlotPlace,
} from "./attention_mass.ts";
export {
  calibrate,
  type Calibration,
  type CalibrationBin,
  type CalibrationOptions,
  type Prediction,
} from "./calibration.ts";
export { classPurity, type Purity, type PurityOptions } from "./class_purity.ts";
export {
  batchThatPays,
  fitNetwork,
  fitStepCost,
  type ParallelPlan,
  parallelSteps,
} from "./data_parallel.ts";
export {
  cosineSimilarity,
  nearestNeighbors,
  type Neighbor,
  type NeighborOptions,
} from "./neighbors.ts";
export { compareNextTokens, type NextToken, type NextTokens } from "./next_tokens.ts";
export { type Pca, pca, type PcaOptions } from "./pca.ts";
export { comparePerplexities, type PerplexityReport } from "./perplexity.ts";

// For your own programs:
export { slotPlaces } from "./attention_mass.ts";
export {
  allReduceSeconds,
  type ExchangeTime,
  type Network,
  type ParallelStep,
  type StepCost,
} from "./data_parallel.ts";
