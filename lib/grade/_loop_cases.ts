import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { initializeParams, type ModelConfig, modelConfig } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { Mistake } from "./check.ts";

/** Two float32 computations of one number may part in the last digits; a mistake is far larger. */
const ALMOST = 1e-4;

/** Whether two numbers, or lists of them, are the same but for rounding. */
export function isNear(actual: unknown, expected: number | readonly number[]): boolean {
  const wanted = [expected].flat(), got = [actual].flat();
  return got.length === wanted.length && wanted.every((value, i) => {
    const other = got[i];
    return typeof other === "number" &&
      Math.abs(other - value) <= ALMOST * Math.max(1, Math.abs(value));
  });
}

/** Mistakes that are known by the value they lead to. */
export function mistakesByValue(
  actual: unknown,
  wrong: readonly (readonly [value: number | readonly number[], says: string])[],
): Mistake[] {
  return wrong.map(([value, says]) => ({ when: () => isNear(actual, value), says }));
}

/** Draws numbers from normal(0, scale), the same ones each time. */
export function normalNumbers(count: number, seed: number, scale = 1): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => scale * random.normal());
}

/** The numbers of a tensor, row after row. */
export function numbersOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** A model small enough to be run many times. */
export function tinyModel(settings: Parameters<typeof modelConfig>[0] = {}): {
  readonly config: ModelConfig;
  readonly params: Params;
} {
  const config = modelConfig({
    vocabSize: 13,
    hiddenSize: 8,
    heads: 2,
    layers: 1,
    feedForwardSize: 12,
    maxLength: 8,
    initStd: 0.5,
    ...settings,
  });
  return { config, params: initializeParams(config, 3) };
}

/** How many tensors there are more after a function than before it. */
export function tensorsLeft(fn: () => void): number {
  const before = tf.memory().numTensors;
  fn();
  return tf.memory().numTensors - before;
}
