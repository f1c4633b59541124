/**
 * A model small enough to try every parameter, and a batch with padding for it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { initializeParams, type ModelConfig, modelConfig } from "lib/model/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";
import { int32, normalTensor, randomIds } from "./tensors.ts";

/** Settings and parameters. */
export interface SmallModel {
  /** All settings. */
  readonly config: ModelConfig;
  /** Parameters, none of which stands at a special value such as 0 or 1. */
  readonly params: Params;
}

/** The small model's sequence length, T. */
export const SMALL_LENGTH = 5;

/** The small model's vocabulary size, V. */
export const SMALL_VOCABULARY = 13;

/** Makes the small model; `settings` replace its own. */
export function smallModel(settings: Parameters<typeof modelConfig>[0] = {}): SmallModel {
  const config = modelConfig({
    vocabSize: SMALL_VOCABULARY,
    hiddenSize: 8,
    heads: 2,
    layers: 2,
    feedForwardSize: 12,
    maxLength: 7,
    initStd: 0.5,
    dropout: 0,
    ...settings,
  });
  let seed = 100;
  // Biases of 0 and gains of 1 would hide a bias left out or a gain applied twice.
  const params = mapParams(
    initializeParams(config, 1),
    (tensor) => tensor.add(normalTensor(tensor.shape, seed++, 0.2)),
  );
  return { config, params };
}

/** ids [3, 5], mask and labels of three sentences of 5, 3 and 4 tokens. */
export function smallBatch(): { ids: tf.Tensor; mask: tf.Tensor; labels: tf.Tensor } {
  return {
    ids: randomIds([3, SMALL_LENGTH], SMALL_VOCABULARY, 5),
    mask: tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]),
    labels: int32([4, 0, 12, 7, 4, 3, 3, 9, -100, -100, 1, 5, 4, 2, -100]),
  };
}
