/**
 * The exercises of notebook 2, and the mistakes that their checks must catch and name.
 *
 * @module
 */
import { ATTENTION_EXERCISES } from "./_02_model_attention.ts";
import { LAYER_EXERCISES } from "./_02_model_layers.ts";
import { PARAMETER_EXERCISES } from "./_02_model_parameters.ts";
import { WHOLE_EXERCISES } from "./_02_model_whole.ts";
import type { Exercise } from "./_exercise.ts";

/** All exercises, by theme. */
export const EXERCISES: readonly Exercise[] = [
  ...PARAMETER_EXERCISES,
  ...LAYER_EXERCISES,
  ...ATTENTION_EXERCISES,
  ...WHOLE_EXERCISES,
];
