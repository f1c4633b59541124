/**
 * The exercises of notebook 1, and the mistakes that their checks must catch and name.
 *
 * @module
 */
import { BATCH_EXERCISES } from "./_01_data_batch.ts";
import { LADDER_EXERCISES } from "./_01_data_ladder.ts";
import { LOADER_EXERCISES } from "./_01_data_loader.ts";
import { SENTENCE_EXERCISES } from "./_01_data_sentences.ts";
import { TOKENIZER_EXERCISES } from "./_01_data_tokenizer.ts";
import type { Exercise } from "./_exercise.ts";

/** All exercises, by theme. */
export const EXERCISES: readonly Exercise[] = [
  ...SENTENCE_EXERCISES,
  ...TOKENIZER_EXERCISES,
  ...BATCH_EXERCISES,
  ...LOADER_EXERCISES,
  ...LADDER_EXERCISES,
];
