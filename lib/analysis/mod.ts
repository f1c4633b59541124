/**
 * What a model's inside and its predictions say, as numbers: plain arrays in, plain records out.
 *
 * Rank 1: may import `core`; no TensorFlow. Attention, hidden states and probabilities come from
 * `inspect` of `lib/model`, the oracle's from `lib/data`; here is only what is computed of them.
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
export * from "./attention_mass.ts";
export * from "./calibration.ts";
export * from "./class_purity.ts";
export * from "./neighbors.ts";
export * from "./next_tokens.ts";
export * from "./pca.ts";
export * from "./perplexity.ts";
