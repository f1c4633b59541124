import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { INITIALIZATIONS, ModelConfig } from "./config.ts";

/** One of the ways to draw a linear layer's weights. */
export type Initialization = (typeof INITIALIZATIONS)[number];

/** What {@linkcode drawWeights} draws. */
export interface WeightOptions {
  /** Which distribution. */
  readonly initialization: Initialization;
  /** The number of inputs of each output: the rows of the weight. */
  readonly fanIn: number;
  /** The number of outputs of each input: the columns of the weight. */
  readonly fanOut: number;
  /** Standard deviation under `normal`. */
  readonly std: number;
}

/**
 * Draws a linear layer's weights, on the host.
 *
 * The aim is that a layer neither increases nor decreases the variance of its input:
 * Xavier takes variance 2 / (in + out), which balances the forward and the backward pass; He takes
 * 2 / in, since ReLU sets half of its inputs to 0; `normal` takes std².
 * The uniform forms draw from ±√(3 · variance).
 *
 * @param random The stream to draw from.
 * @param options Distribution and sizes.
 * @returns `fanIn * fanOut` numbers.
 *
 * Sources: Glorot and Bengio, 2010, equation 16; He and others, 2015, equation 10.
 *
 * @example
 * ```ts
 * import { Random } from "lib/core/mod.ts";
 * import { drawWeights } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { initialization: "he-uniform", fanIn: 6, fanOut: 2, std: 0.02 } as const;
 * const weights = drawWeights(new Random(1), options);
 * assertEquals(weights.every((weight) => Math.abs(weight) <= 1), true); // √(6 / 6)
 * ```
 */
export function drawWeights(random: Random, options: WeightOptions): Float32Array<ArrayBuffer> {
  const { initialization, fanIn, fanOut, std } = options;
  const variance = {
    "xavier-uniform": 2 / (fanIn + fanOut),
    "xavier-normal": 2 / (fanIn + fanOut),
    "he-uniform": 2 / fanIn,
    "he-normal": 2 / fanIn,
    "normal": std ** 2,
  }[initialization];
  const limit = Math.sqrt(3 * variance), deviation = Math.sqrt(variance);
  const draw = initialization.endsWith("uniform")
    ? () => limit * (2 * random.uniform() - 1)
    : () => deviation * random.normal();
  const weights = new Float32Array(fanIn * fanOut);
  // A plain loop: Float32Array.from() takes ten times as long, a quarter of a second more per
  // model.
  for (let i = 0; i < weights.length; i++) weights[i] = draw();
  return weights;
}

/**
 * Makes a model's parameters.
 *
 * Linear weights are drawn as `config.initialization` says, query, key and value each as its own
 * layer; embeddings (and the untied head, which is a transposed embedding) as normal(0, initStd);
 * biases are 0, and the gains of layer norms 1. Each tensor has its own random stream, so a change
 * in one layer's size does not change the other layers' weights.
 *
 * @param config The model's settings.
 * @param seed The run's seed.
 * @returns float32 tensors by path; the caller owns them.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { countParams } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(countParams(initializeParams(modelConfig(), 1)), 2_397_696);
 * assertEquals(countParams(initializeParams(modelConfig({ tiedHead: false }), 1)), 2_654_696);
 * ```
 */
export function initializeParams(config: ModelConfig, seed: number): Params {
  const params: Record<string, tf.Tensor> = {};
  for (const [name, shape] of Object.entries(paramShapes(config))) {
    params[name] = tf.tensor(initialValues(config, name, shape, seed), [...shape]);
  }
  return params;
}

/**
 * Lists every parameter's name and shape, in the order of the layers.
 *
 * @param config The model's settings.
 * @returns Shapes by path; linear weights are [in, out].
 *
 * @example
 * ```ts
 * import { modelConfig, paramShapes } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(paramShapes(modelConfig())["blocks.0.attention.qkv.weight"], [256, 768]);
 * ```
 */
export function paramShapes(config: ModelConfig): Readonly<Record<string, readonly number[]>> {
  const { vocabSize: V, hiddenSize: C, feedForwardSize: F, maxLength } = config;
  const shapes: Record<string, readonly number[]> = {
    "tokenEmbedding.weight": [V, C],
    "positionEmbedding.weight": [maxLength, C],
  };
  const add = (prefix: string, weight: readonly number[]) => {
    shapes[`${prefix}.weight`] = weight;
    shapes[`${prefix}.bias`] = weight.slice(-1);
  };
  for (let block = 0; block < config.layers; block++) {
    add(`blocks.${block}.attentionNorm`, [C]);
    add(`blocks.${block}.attention.qkv`, [C, 3 * C]);
    add(`blocks.${block}.attention.output`, [C, C]);
    add(`blocks.${block}.feedForwardNorm`, [C]);
    add(`blocks.${block}.feedForward.up`, [C, F]);
    add(`blocks.${block}.feedForward.down`, [F, C]);
  }
  add("finalNorm", [C]);
  if (!config.tiedHead) add("head", [C, V]);
  return shapes;
}

function initialValues(
  config: ModelConfig,
  name: string,
  shape: readonly number[],
  seed: number,
): Float32Array {
  const [rows = 0, columns = 1] = shape;
  if (name.endsWith(".bias")) return new Float32Array(rows);
  if (shape.length === 1) return new Float32Array(rows).fill(1);
  const random = new Random(deriveSeed(seed, "initialize", name));
  const { initStd: std } = config;
  if (/^(tokenEmbedding|positionEmbedding|head)\./.test(name)) {
    return drawWeights(random, { initialization: "normal", fanIn: rows, fanOut: columns, std });
  }
  const parts = name.endsWith(".qkv.weight") ? 3 : 1; // side by side, each drawn as its own layer
  const width = columns / parts, values = new Float32Array(rows * columns);
  for (let part = 0; part < parts; part++) {
    const { initialization } = config;
    const weights = drawWeights(random, { initialization, fanIn: rows, fanOut: width, std });
    for (let row = 0; row < rows; row++) {
      const source = weights.subarray(row * width, (row + 1) * width);
      values.set(source, row * columns + part * width);
    }
  }
  return values;
}
