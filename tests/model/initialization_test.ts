import { assert, assertEquals, assertLess, assertLessOrEqual, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { Random } from "lib/core/mod.ts";
import { INITIALIZATIONS } from "lib/model/config.ts";
import {
  crossEntropy,
  drawWeights,
  forward,
  initializeParams,
  modelConfig,
  paramShapes,
} from "lib/model/mod.ts";
import { countParams, disposeParams, param, type Params } from "lib/tensor/mod.ts";
import { assertTensorsKept, numberOf, numbersOf, randomIds } from "../support/tensors.ts";

await useBackend();

/** The variances in the papers: Glorot and Bengio, equation 16; He and others, equation 10. */
const VARIANCES = {
  "xavier-uniform": (fanIn: number, fanOut: number) => 2 / (fanIn + fanOut),
  "xavier-normal": (fanIn: number, fanOut: number) => 2 / (fanIn + fanOut),
  "he-uniform": (fanIn: number) => 2 / fanIn,
  "he-normal": (fanIn: number) => 2 / fanIn,
  "normal": () => 0.05 ** 2,
};

/** Fails unless `values` have mean 0 and the variance asked for, within 4 standard errors. */
function assertMoments(values: readonly number[], variance: number, isUniform: boolean): void {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const measured = values.reduce((sum, value) => sum + value ** 2, 0) / n;
  assertLess(Math.abs(mean), 4 * Math.sqrt(variance / n));
  // The variance of x² is (kurtosis − 1) variance²: kurtosis is 9/5 if uniform, 3 if normal.
  const spread = isUniform ? 9 / 5 - 1 : 3 - 1;
  assertLess(Math.abs(measured / variance - 1), 4 * Math.sqrt(spread / n));
}

/** Columns `from` to `to` of a matrix. */
function columns(matrix: tf.Tensor, from: number, to: number): number[] {
  return numbersOf(matrix.slice([0, from], [-1, to - from]));
}

for (const initialization of INITIALIZATIONS) {
  const isUniform = initialization.endsWith("uniform");
  const variance = VARIANCES[initialization];

  Deno.test(`drawWeights() under ${initialization} has the paper's variance within 4 standard errors`, () => {
    const options = { initialization, fanIn: 200, fanOut: 400, std: 0.05 };
    const values = Array.from(drawWeights(new Random(1), options));
    assertEquals(values.length, 200 * 400);
    assertMoments(values, variance(200, 400), isUniform);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const limit = Math.sqrt(3 * variance(200, 400));
    // Of 80,000 uniform draws the largest comes within a thousandth; normal ones go beyond.
    if (isUniform) assert(largest <= Math.fround(limit) && largest > 0.999 * limit);
    else assert(largest > 2 * limit);
  });

  Deno.test(`initializeParams() under ${initialization} gives each layer its own fan-in and fan-out`, () => {
    const config = modelConfig({
      hiddenSize: 64,
      feedForwardSize: 192,
      layers: 1,
      initialization,
      initStd: 0.05,
      tiedHead: false,
    });
    const params = initializeParams(config, 2);
    const weight = (name: string) => param(params, `blocks.0.${name}.weight`);
    const qkv = weight("attention.qkv");
    const parts = [0, 1, 2].map((part) => columns(qkv, 64 * part, 64 * (part + 1)));
    for (const part of parts) assertMoments(part, variance(64, 64), isUniform);
    assertEquals(new Set(parts.map(String)).size, 3);
    assertMoments(numbersOf(weight("attention.output")), variance(64, 64), isUniform);
    assertMoments(numbersOf(weight("feedForward.up")), variance(64, 192), isUniform);
    assertMoments(numbersOf(weight("feedForward.down")), variance(192, 64), isUniform);
    for (const name of ["tokenEmbedding", "positionEmbedding", "head"]) {
      assertMoments(numbersOf(param(params, `${name}.weight`)), 0.05 ** 2, false);
    }
  });

  for (const tiedHead of [true, false]) {
    const which = `${initialization}, ${tiedHead ? "tied" : "untied"}`;
    Deno.test(`the first loss is ln 1000 within 0.1: ${which}`, () => {
      const config = modelConfig({ initialization, tiedHead });
      const params = initializeParams(config, 1);
      const ids = randomIds([64, 12], 1000, 3), labels = randomIds([64 * 12], 1000, 4);
      const loss = tf.tidy(() => crossEntropy(forward(config, params, ids).logits, labels));
      // Logits of variance C · initStd² = 0.1 cost half of that, 0.05, more than none at all.
      assertLessOrEqual(Math.abs(numberOf(loss) - Math.log(1000)), 0.1);
      disposeParams(params);
    });
  }
}

Deno.test("initializeParams() starts biases at 0 and the gains of layer norms at 1", () => {
  const params = initializeParams(modelConfig({ layers: 2, tiedHead: false }), 1);
  const isAll = (name: string, value: number) =>
    numbersOf(param(params, name)).every((number) => number === value);
  const vectors = Object.keys(params).filter((name) => param(params, name).rank === 1);
  assertEquals(vectors.length, 2 * 8 + 3);
  for (const name of vectors) assert(isAll(name, name.endsWith("Norm.weight") ? 1 : 0), name);
});

/** Names of the tensors that differ between two records; both have to have the same shapes there. */
function changed(left: Params, right: Params): string[] {
  return Object.keys(left).filter((name) =>
    String(numbersOf(param(left, name))) !== String(numbersOf(param(right, name)))
  );
}

Deno.test("initializeParams() repeats per seed, and another seed changes every drawn tensor", () => {
  const config = modelConfig({ hiddenSize: 8, layers: 2, feedForwardSize: 8 });
  const first = initializeParams(config, 1);
  assertEquals(changed(first, initializeParams(config, 1)), []);
  const drawn = Object.keys(first).filter((name) => param(first, name).rank === 2);
  assertEquals(changed(first, initializeParams(config, 2)), drawn);
});

Deno.test("initializeParams() draws each tensor from its own stream, whatever the others' sizes", () => {
  const small = initializeParams(modelConfig({ hiddenSize: 8, layers: 1, vocabSize: 10 }), 1);
  const large = initializeParams(modelConfig({ hiddenSize: 8, layers: 2, vocabSize: 20 }), 1);
  assertEquals(changed(small, large), ["tokenEmbedding.weight"]);
  for (const layer of ["attention.qkv", "attention.output", "feedForward.up"]) {
    const [first, second] = [0, 1].map((n) =>
      numbersOf(param(large, `blocks.${n}.${layer}.weight`))
    );
    assertNotEquals(first, second);
  }
});

Deno.test("paramShapes() lists the parameters in the order of the layers", () => {
  const config = modelConfig({ layers: 1, hiddenSize: 8, feedForwardSize: 12, tiedHead: false });
  assertEquals(Object.entries(paramShapes(config)), [
    ["tokenEmbedding.weight", [1000, 8]],
    ["positionEmbedding.weight", [128, 8]],
    ["blocks.0.attentionNorm.weight", [8]],
    ["blocks.0.attentionNorm.bias", [8]],
    ["blocks.0.attention.qkv.weight", [8, 24]],
    ["blocks.0.attention.qkv.bias", [24]],
    ["blocks.0.attention.output.weight", [8, 8]],
    ["blocks.0.attention.output.bias", [8]],
    ["blocks.0.feedForwardNorm.weight", [8]],
    ["blocks.0.feedForwardNorm.bias", [8]],
    ["blocks.0.feedForward.up.weight", [8, 12]],
    ["blocks.0.feedForward.up.bias", [12]],
    ["blocks.0.feedForward.down.weight", [12, 8]],
    ["blocks.0.feedForward.down.bias", [8]],
    ["finalNorm.weight", [8]],
    ["finalNorm.bias", [8]],
    ["head.weight", [8, 1000]],
    ["head.bias", [1000]],
  ]);
});

Deno.test("initializeParams() makes the exercise's 2,654,696 parameters untied, 2,397,696 tied", () => {
  for (const [tiedHead, count] of [[false, 2_654_696], [true, 2_397_696]] as const) {
    const config = modelConfig({ tiedHead });
    const params = initializeParams(config, 1);
    assertEquals(countParams(params), count);
    const shapes = Object.entries(params).map(([name, { shape }]) => [name, shape] as const);
    assertEquals<unknown>(shapes, Object.entries(paramShapes(config)));
    assert(Object.values(params).every((tensor) => tensor.dtype === "float32"));
  }
});

Deno.test("initializeParams() leaves the parameters behind and nothing else", () => {
  assertTensorsKept(16, () => initializeParams(modelConfig({ layers: 1, hiddenSize: 8 }), 1));
});
