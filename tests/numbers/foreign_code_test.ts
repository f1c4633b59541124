import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { hashed } from "../support/golden.ts";
import { testedBackend } from "../support/tested_backend.ts";

const { name: backend, allowed } = await testedBackend();

/** A model as a reader's own program makes it, of TensorFlow.js's layers, and what it learns from. */
interface Foreign {
  readonly layers: () => tf.layers.Layer[];
  readonly x: () => tf.Tensor;
  readonly y: () => tf.Tensor;
}

const EXAMPLES = 12, STEPS = 8;

/** Numbers in [-0.5, 0.5), the same on every backend. */
function drawn(shape: readonly number[], salt: number): tf.Tensor {
  const draws = hashed(shape.reduce((size, length) => size * length, 1), salt);
  return tf.tensor(Float32Array.from(draws, (draw) => draw / 2 ** 32 - 0.5), [...shape]);
}

const classes = () =>
  tf.oneHot(Int32Array.from(hashed(EXAMPLES, 51), (draw) => draw % 3), 3).cast("float32");
const words = () =>
  tf.tensor(Int32Array.from(hashed(EXAMPLES * 6, 50), (draw) => draw % 20), [EXAMPLES, 6], "int32");
const last = () => tf.layers.dense({ units: 3, activation: "softmax" });

const MODELS: Readonly<Record<string, Foreign>> = {
  "embedding, layer norm, GELU": {
    x: words,
    y: classes,
    layers: () => [
      tf.layers.embedding({ inputDim: 20, outputDim: 8, inputLength: 6 }),
      tf.layers.layerNormalization(),
      tf.layers.dense({ units: 8, activation: "gelu" }),
      tf.layers.globalAveragePooling1d(),
      last(),
    ],
  },
  "conv1d over an embedding": {
    x: words,
    y: classes,
    layers: () => [
      tf.layers.embedding({ inputDim: 20, outputDim: 8, inputLength: 6 }),
      tf.layers.conv1d({ filters: 6, kernelSize: 3, padding: "same", activation: "relu" }),
      tf.layers.globalMaxPooling1d({}),
      last(),
    ],
  },
  "GRU": {
    x: words,
    y: classes,
    layers: () => [
      tf.layers.embedding({ inputDim: 20, outputDim: 6, inputLength: 6 }),
      tf.layers.gru({ units: 5, recurrentInitializer: "glorotNormal" }),
      last(),
    ],
  },
  "conv2d, batch norm, pooling": {
    x: () => drawn([EXAMPLES, 6, 8, 2], 52),
    y: classes,
    layers: () => [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", inputShape: [6, 8, 2] }),
      tf.layers.batchNormalization({}),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      tf.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: "same" }),
      tf.layers.upSampling2d({ size: [2, 2] }),
      tf.layers.flatten(),
      last(),
    ],
  },
};

/** The loss of each step, from weights by a formula: what a layer draws is each backend's own. */
async function losses({ layers, x, y }: Foreign, on: string): Promise<number[]> {
  await tf.setBackend(on);
  try {
    const model = tf.sequential({ layers: layers() }), inputs = x(), targets = y();
    model.compile({ optimizer: tf.train.adam(0.02), loss: "categoricalCrossentropy" });
    model.setWeights(
      model.getWeights().map((weight, salt) => {
        const isMoment = /moving|gamma|variance/.test(model.weights[salt]?.name ?? "");
        return isMoment ? weight : drawn(weight.shape, salt);
      }),
    );
    const values: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const loss = await model.trainOnBatch(inputs, targets);
      if (typeof loss !== "number") throw new TypeError(`expected one loss, got ${loss}`);
      values.push(loss);
    }
    model.dispose();
    tf.dispose([inputs, targets]);
    return values;
  } finally {
    await tf.setBackend(backend);
  }
}

for (const [name, foreign] of Object.entries(MODELS)) {
  Deno.test(`tf.layers trains on ${backend} as in plain JavaScript: ${name}`, async () => {
    const ours = await losses(foreign, backend), plain = await losses(foreign, "cpu");
    assertEquals(ours.length, STEPS);
    assertLess(ours.at(-1) ?? NaN, (ours[0] ?? NaN) - 0.05);
    // Both are up to the tolerance off.
    ours.forEach((loss, step) =>
      assertLessOrEqual(Math.abs(loss - (plain[step] ?? NaN)), 2 * allowed.stepLoss, `step ${step}`)
    );
  });
}
