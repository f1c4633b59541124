/**
 * What the checks of notebook 2 give to answers: small models, inputs and masks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import { type ModelConfig, modelConfig, paramShapes } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";

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
  const key = JSON.stringify(config), shapes = Object.entries(paramShapes(config));
  const values = VALUES.get(key) ?? shapes.map(([name, shape]) => testValues(name, shape));
  VALUES.set(key, values);
  const params = shapes.map(([name, shape], i) =>
    [name, tf.tensor(values[i] ?? [], [...shape])] as const
  );
  return { config, params: Object.fromEntries(params) };
}

/** The numbers of models made before: each question to an answer makes its model anew. */
const VALUES = new Map<string, readonly Float32Array[]>();

function testValues(name: string, shape: readonly number[]): Float32Array {
  const random = new Random(deriveSeed(1, name)), [fanIn = 1, fanOut] = shape;
  const size = fanIn * (fanOut ?? 1), middle = name.endsWith("orm.weight") ? 1 : 0;
  const spread = fanOut === undefined ? 0.3 : 0.5;
  return Float32Array.from({ length: size }, () => middle + spread * random.normal());
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

/** Numbers that say where they belong: 0, 1, 2, ... */
export function numbered(...shape: readonly number[]): tf.Tensor {
  return tf.range(0, shape.reduce((product, axis) => product * axis, 1)).reshape([...shape]);
}

/** A mask [B, T] of sentences of so many real tokens each, with pads behind them. */
export function paddingMask(lengths: readonly number[], T: number): tf.Tensor {
  return tf.tensor2d(
    lengths.map((length) => Array.from({ length: T }, (_, t) => t < length ? 1 : 0)),
  );
}

/** What a wrong answer gives that reads numbers out and puts them in again: no gradient passes. */
export function withoutGradient(x: tf.Tensor): tf.Tensor {
  return tf.tensor(x.arraySync(), x.shape, x.dtype);
}

/** The sentence for {@linkcode withoutGradient}. */
export const READ_OUT =
  "numbers are read out (dataSync, arraySync) and put in again: no gradient passes";
