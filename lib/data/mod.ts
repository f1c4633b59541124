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
export { chooseLengths } from "./choose_lengths.ts";
export type { Curriculum, CurriculumOrder } from "./curriculum.ts";
export {
  type Batch,
  createDataLoader,
  type Cursor,
  type DataLoader,
  type DataLoaderOptions,
} from "./data_loader.ts";
export { createDataset, type Dataset, type Encoder } from "./dataset.ts";
export { type DifficultyKind, difficultyOf } from "./difficulty.ts";
export { generateCorpus } from "./generate_corpus.ts";
export { createGrammar, type Grammar, type Target } from "./grammar.ts";
export { type Level, levelPattern, LEVELS } from "./levels.ts";
export { type Lexicon, loadLexicon, type PartOfSpeech, wordClass } from "./lexicon.ts";
export { type LossLadder, lossLadder } from "./loss_ladder.ts";
export { createOracle, type Oracle } from "./oracle.ts";
export type { Pacing, PacingKind } from "./pacing.ts";
export { IGNORE_INDEX, padBatch, type PaddedBatch, type PadOptions } from "./pad_batch.ts";
export type { Optional, Pattern, Slot, SlotName } from "./pattern.ts";
export { type Share, shareBatch } from "./share_batch.ts";
export { type Split, splitCorpus } from "./split_corpus.ts";
export { SPECIAL_TOKENS } from "./vocabulary.ts";

// For your own programs:
export { createLexicon } from "./lexicon.ts";
export { pacedShare } from "./pacing.ts";
export { describePattern, isSlot, optional, slot, tiedSlot } from "./pattern.ts";
export { createVocabulary } from "./vocabulary.ts";
