import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { dropoutSites } from "lib/model/dropout.ts";
import {
  attention,
  crossEntropy,
  embed,
  gelu,
  layerNorm,
  linear,
  targetLosses,
  tiedHead,
} from "lib/model/mod.ts";
import { param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { assertGradientsMatchDifferences } from "../support/finite_difference.ts";
import {
  assertTensorsClose,
  assertTensorsKept,
  int32,
  normalTensor,
  numbersOf,
} from "../support/tensors.ts";

await useBackend();

/** Two orders of the same sums of a few float32 numbers of size 1 to 5; the worst seen is 6e-7. */
const ROUNDING = 2.4e-6;

/** One layer: what it computes, and the formula from its doc comment in operations of tfjs. */
interface Layer {
  readonly name: string;
  readonly inputs: Params;
  readonly layer: (inputs: Params) => tf.Tensor;
  readonly formula: (inputs: Params) => tf.Tensor;
}

const weights = { weight: normalTensor([4, 3], 2), bias: normalTensor([3], 3) };
const norm = { weight: normalTensor([6], 4), bias: normalTensor([6], 5) };
const logits = normalTensor([5, 7], 6, 2);
const labels = int32([6, -100, 0, 3, -100]);
const ids = int32([2, 0, 2, 2, 4, 0]); // rows used three times, twice, once, and never
const seed = int32([3, 1]);
const mask = dropoutSites(0.4, seed)()(tf.ones([6, 5])); // 0 and 1 / 0.6

/** Layers of the last axis, each on rows, on [B, T, channels], on more axes, and on one row alone. */
const rowLayers = [[], [5], [2, 3], [2, 1, 3]].flatMap((axes): Layer[] => [
  {
    name: `linear() of [${[...axes, 4]}]`,
    inputs: { x: normalTensor([...axes, 4], 1), ...weights },
    layer: (p) => linear(param(p, "x"), param(p, "weight"), param(p, "bias")),
    formula: (p) => product(param(p, "x"), param(p, "weight")).add(param(p, "bias")),
  },
  {
    name: `tiedHead() of [${[...axes, 4]}]`,
    inputs: { x: normalTensor([...axes, 4], 7), table: normalTensor([6, 4], 8) },
    layer: (p) => tiedHead(param(p, "x"), param(p, "table")),
    formula: (p) => product(param(p, "x"), param(p, "table").transpose()),
  },
  {
    name: `layerNorm() of [${[...axes, 6]}]`,
    inputs: { x: normalTensor([...axes, 6], 9).mul(2).add(3), ...norm },
    layer: (p) => layerNorm(param(p, "x"), param(p, "weight"), param(p, "bias")),
    formula: (p) => {
      const { mean, variance } = tf.moments(param(p, "x"), -1, true);
      const normalized = param(p, "x").sub(mean).div(variance.add(1e-5).sqrt());
      return normalized.mul(param(p, "weight")).add(param(p, "bias"));
    },
  },
]);

const layers: Layer[] = [
  ...rowLayers,
  {
    name: "gelu()",
    inputs: { x: tf.linspace(-5, 5, 24).reshape([4, 6]) },
    layer: (p) => gelu(param(p, "x")),
    formula: (p) => {
      const x = param(p, "x");
      const inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
      return x.mul(0.5).mul(tf.add(1, inner.tanh()));
    },
  },
  {
    name: "embed()",
    inputs: { table: normalTensor([5, 3], 10) },
    layer: (p) => embed(param(p, "table"), ids),
    formula: (p) => tf.matMul(tf.oneHot(ids.flatten(), 5).cast("float32"), param(p, "table")),
  },
  ...[0, 0.3, 1].flatMap((labelSmoothing) =>
    [undefined, 7, tf.scalar(7)].map((divisor, i): Layer => ({
      name: `crossEntropy() with label smoothing ${labelSmoothing}, ${
        ["the mean", "a divisor", "a divisor in a tensor"][i]
      }`,
      inputs: { logits },
      layer: (p) =>
        crossEntropy(param(p, "logits"), labels, { labelSmoothing, ...divisor && { divisor } }),
      formula: (p) => {
        const isTarget = tf.tensor2d([[1], [0], [1], [1], [0]]);
        const q = tf.oneHot([6, 0, 0, 3, 0], 7).cast("float32")
          .mul(1 - labelSmoothing).add(labelSmoothing / 7).mul(isTarget);
        return q.mul(tf.logSoftmax(param(p, "logits"))).sum().neg().div(divisor ?? 3);
      },
    }))
  ),
  {
    name: "targetLosses()",
    inputs: { logits },
    layer: (p) => targetLosses(param(p, "logits"), labels),
    formula: (p) => {
      const wanted = tf.oneHot(labels.flatten(), 7).cast("float32");
      return wanted.mul(tf.logSoftmax(param(p, "logits"))).sum(1).neg();
    },
  },
  {
    name: "dropoutSites()",
    inputs: { x: normalTensor([6, 5], 11) },
    layer: (p) => dropoutSites(0.4, seed)()(param(p, "x")),
    formula: (p) => param(p, "x").mul(mask),
  },
];

/** x W over the last axis of x: a sum of products, written as a broadcast. */
function product(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return x.expandDims(-1).mul(weight).sum(-2);
}

/** A scalar of a layer's value in which no two entries weigh the same. */
function weigh(fn: Layer["layer"]): Layer["layer"] {
  return (inputs) =>
    tf.tidy(() => {
      const value = fn(inputs);
      return value.mul(normalTensor(value.shape, 12)).sum();
    });
}

for (const { name, inputs, layer, formula } of layers) {
  Deno.test(`${name} computes its formula`, () => {
    assertTensorsClose(layer(inputs), formula(inputs), ROUNDING);
  });

  Deno.test(`${name} has the gradients that TensorFlow.js finds in the formula`, () => {
    const own = valueAndGradients(inputs, weigh(layer)).gradients;
    const automatic = valueAndGradients(inputs, weigh(formula)).gradients;
    for (const input of Object.keys(inputs)) {
      assertTensorsClose(param(own, input), param(automatic, input), ROUNDING, input);
    }
  });

  Deno.test(`${name} has the gradients that finite differences find`, () => {
    assertGradientsMatchDifferences(weigh(layer), inputs, 6);
  });

  Deno.test(`${name} leaves no tensor behind, forward or backward`, () => {
    assertTensorsKept(1, () => layer(inputs));
    assertTensorsKept(1 + Object.keys(inputs).length, () => {
      valueAndGradients(inputs, weigh(layer));
    });
  });
}

Deno.test("embed() gives an unused row no gradient, and a row used twice both", () => {
  const table = normalTensor([5, 3], 10);
  const { gradients } = valueAndGradients({ table }, (p) => embed(param(p, "table"), ids).sum());
  const expected = [2, 2, 2, 0, 0, 0, 3, 3, 3, 0, 0, 0, 1, 1, 1];
  assertEquals(numbersOf(param(gradients, "table")), expected);
});

Deno.test("layers of rows refuse a scalar, and attention what is not of rows", () => {
  const message = "Cannot run a layer: expected an input [..., channels], got a scalar";
  const [x, row] = [tf.scalar(1), tf.ones([1])];
  assertThrows(() => layerNorm(x, row, row), TypeError, message);
  assertThrows(() => linear(x, tf.ones([1, 1]), row), TypeError, message);
  assertThrows(() => tiedHead(x, tf.ones([1, 1])), TypeError, message);
  const options = { batchSize: 2, heads: 1, bias: tf.zeros([1, 1, 3, 3]) };
  assertThrows(
    () => attention({}, "blocks.0.attention", tf.ones([2, 3, 4]), options),
    TypeError,
    "Cannot use the input of attention: expected shape [B·T, C], got [2, 3, 4]",
  );
});
