/**
 * What the checks of notebook 2 give to answers: small models, inputs and masks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import { initializeParams, type ModelConfig, modelConfig } from "lib/model/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";

/** A model small enough to be run many times. */
export interface TestModel {
  readonly config: ModelConfig;
  readonly params: Params;
}

/**
 * Makes a small model none of whose parameters is 0 or 1, so that a bias or a gain left out shows;
 * weights are large enough for each head to look somewhere else.
 */
export function testModel(settings: Parameters<typeof modelConfig>[0] = {}): TestModel {
  const config = modelConfig({
    hiddenSize: 12,
    heads: 3,
    layers: 1,
    feedForwardSize: 20,
    vocabSize: 9,
    ...settings,
  });
  const params = mapParams(initializeParams(config, 1), (tensor, name) => {
    const noise = normalTensor(tensor.shape, deriveSeed(1, name));
    return tensor.add(noise.mul(name.endsWith(".weight") && tensor.rank === 2 ? 0.5 : 0.3));
  });
  return { config, params };
}

/** Draws a tensor of standard normal numbers, the same at each call. */
export function normalTensor(shape: readonly number[], seed: number): tf.Tensor {
  const random = new Random(seed), size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => random.normal()), [...shape]);
}

/** Where each query may look if nothing is padded: at itself and what is before it, [1, 1, T, T]. */
export function causalMask(T: number): tf.Tensor {
  return tf.linalg.bandPart(tf.ones([1, 1, T, T]), -1, 0);
}
