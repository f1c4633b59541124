/**
 * Sentences whose best possible loss is known, and their way into batches (plain arrays).
 *
 * Rank 1: may import `core`; no TensorFlow.
 *
 * @example
 * ```ts
 * import { createGrammar, createOracle, generateCorpus, lossLadder, splitCorpus } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const grammar = createGrammar("agreement");
 * const corpus = generateCorpus(grammar, { count: 1000, seed: 1 });
 * const { train, validation } = splitCorpus(corpus, { seed: 1 });
 * assertEquals([train.length, validation.length], [900, 100]);
 * assertEquals(lossLadder(grammar).floor.toFixed(3), "2.910");
 * assertEquals(createOracle(grammar).next([1])[4], 1); // after <bos> comes The
 * ```
 *
 * @module
 */
export * from "./data_loader.ts";
export * from "./dataset.ts";
export * from "./generate_corpus.ts";
export * from "./grammar.ts";
export * from "./levels.ts";
export * from "./lexicon.ts";
export * from "./loss_ladder.ts";
export * from "./oracle.ts";
export * from "./pad_batch.ts";
export * from "./pattern.ts";
export * from "./split_corpus.ts";
export * from "./vocabulary.ts";
