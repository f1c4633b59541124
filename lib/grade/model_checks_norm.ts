import * as tf from "@tensorflow/tfjs";
import { layerNorm as libraryNorm } from "lib/model/mod.ts";
import type { Mistake } from "./check.ts";
import { checkTensors, expectLike, normalTensor, type Variants } from "./_model_answers.ts";

/** The library's, and PyTorch's default. */
const EPSILON = 1e-5;

/**
 * Checks layer norm: (x − mean) / √(variance + 1e-5) · gain + bias, over the channels.
 *
 * @param layerNorm From x float32 [B, T, C], gain and bias float32 [C] to float32 [B, T, C].
 * @throws {CheckError} If a number differs for ordinary rows, for very small ones, or for a row of
 *   equal numbers; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkLayerNorm } from "lib/grade/mod.ts";
 * import { layerNorm } from "lib/model/mod.ts";
 *
 * await useBackend();
 * await checkLayerNorm(layerNorm);
 * ```
 */
export function checkLayerNorm(
  layerNorm: (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor) => tf.Tensor,
): Promise<void> {
  return checkTensors("layerNorm", () => {
    const C = 6, gain = normalTensor([C], 1), bias = normalTensor([C], 2);
    const x = normalTensor([2, 3, C], 3).mul(2).add(1), even = tf.fill([1, 2, C], 3);
    expectLike(layerNorm(x, gain, bias), libraryNorm(x, gain, bias), {
      what: "layerNorm(x, gain, bias) [B, T, C]",
      variants: normVariants(x, gain, bias),
    });
    const evenAnswer = layerNorm(even, gain, bias);
    expectLike(evenAnswer, libraryNorm(even, gain, bias), {
      what: "layerNorm of a row of equal numbers",
      mistakes: [noEpsilon(evenAnswer)],
    });
    // With rows this small the variance is not large against epsilon.
    const small = x.mul(1e-3);
    expectLike(layerNorm(small, gain, bias), libraryNorm(small, gain, bias), {
      what: "layerNorm of very small rows",
      variants: {
        "epsilon stands outside the root here: it is √(variance + ε), not √variance + ε": () =>
          normBy(small, (variance) => variance.sqrt().add(EPSILON)).mul(gain).add(bias),
        "epsilon is missing: √(variance + 1e-5)": () =>
          normBy(small, (variance) => variance.sqrt()).mul(gain).add(bias),
        "another epsilon, 1e-6: the library and PyTorch take 1e-5": () =>
          normBy(small, (variance) => variance.add(1e-6).sqrt()).mul(gain).add(bias),
        "another epsilon, 1e-8: the library and PyTorch take 1e-5": () =>
          normBy(small, (variance) => variance.add(1e-8).sqrt()).mul(gain).add(bias),
      },
    });
  });
}

function noEpsilon(answer: unknown): Mistake {
  return {
    when: answer instanceof tf.Tensor && answer.isNaN().any().dataSync()[0] === 1,
    says: "0/0 is NaN: epsilon is missing, √(variance + 1e-5)",
  };
}

function normVariants(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): Variants {
  const rows = (axes: number[]) => normOver(x, axes).mul(gain).add(bias);
  const [C = 0] = gain.shape, right = normOver(x, [2]);
  return {
    "the statistics run over the batch (axis 0): each row has its own, over its channels": () =>
      rows([0]),
    "the statistics run over the positions (axis 1): each has its own, over its channels": () =>
      rows([1]),
    "the statistics run over batch and positions, as in batch norm: take the last axis": () =>
      rows([0, 1]),
    "one mean for all positions is taken here: take the last axis, -1": () => rows([1, 2]),
    "one mean for the whole tensor is taken here: take the last axis, -1": () => rows([0, 1, 2]),
    "that is the sample variance, divided by C − 1: layer norm divides by C": () =>
      normBy(x, (variance) => variance.mul(C / (C - 1)).add(EPSILON).sqrt()).mul(gain).add(bias),
    "it is divided by the variance: divide by its root": () =>
      normBy(x, (variance) => variance.add(EPSILON)).mul(gain).add(bias),
    "the mean is not taken off": () =>
      x.div(variance(x, [2]).add(EPSILON).sqrt()).mul(gain).add(bias),
    "the mean is not taken off before squaring: that is RMS norm": () =>
      x.div(x.square().mean(-1, true).add(EPSILON).sqrt()).mul(gain).add(bias),
    "it is centered, but not divided by the deviation": () =>
      x.sub(x.mean(-1, true)).mul(gain).add(bias),
    "gain and bias are missing: · gain + bias": () => right,
    "the gain is missing: · gain + bias": () => right.add(bias),
    "the bias is missing: · gain + bias": () => right.mul(gain),
    "gain and bias are swapped": () => right.mul(bias).add(gain),
    "the bias is multiplied too: · gain, then + bias": () => right.add(bias).mul(gain),
  };
}

function variance(x: tf.Tensor, axes: number[]): tf.Tensor {
  return x.sub(x.mean(axes, true)).square().mean(axes, true);
}

function normOver(x: tf.Tensor, axes: number[]): tf.Tensor {
  return x.sub(x.mean(axes, true)).div(variance(x, axes).add(EPSILON).sqrt());
}

function normBy(x: tf.Tensor, divisor: (variance: tf.Tensor) => tf.Tensor): tf.Tensor {
  return x.sub(x.mean(-1, true)).div(divisor(variance(x, [2])));
}
