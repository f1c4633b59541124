import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import { initializeParams, type ModelConfig } from "lib/model/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";
import { check, expectClose, expectShape, type Mistake } from "./check.ts";

/**
 * Of float32 values of a size around 1, through a few sums of a dozen terms; the nearest mistake told
 * apart, GELU's other form, is off by 1e-4.
 */
export const TOLERANCE = 1e-5;

/** The values that mistakes lead to, under the sentence that names each. */
export type Variants = Readonly<Record<string, () => tf.Tensor>>;

/** What a tensor is, and what else it may turn out to be. */
export interface LikeOptions {
  readonly what: string;
  readonly variants?: Variants;
  /** Mistakes that show in another way than by their values; tried first. */
  readonly mistakes?: readonly Mistake[];
  readonly tolerance?: number;
}

/** Runs the checks of one exercise and frees the tensors that they make. */
export function checkTensors(name: string, body: () => void): Promise<void> {
  return check(name, () => {
    tf.tidy(body);
  });
}

/** Refuses a tensor that differs, and names the variant that it equals. */
export function expectLike(actual: unknown, expected: tf.Tensor, options: LikeOptions): void {
  const { what, variants = {}, tolerance = TOLERANCE } = options;
  if (isLike(actual, expected, tolerance)) return;
  // The variants are tensors: they are compared here, before the tidy around the check frees them.
  const likely = Object.entries(variants).map(([says, wrong]): Mistake => ({
    when: isLike(actual, wrong(), tolerance),
    says,
  }));
  const mistakes = [...options.mistakes ?? [], ...likely];
  expectShape(actual, expected.shape, { what, mistakes });
  expectClose(actual, expected, { what, tolerance, mistakes });
}

function isLike(actual: unknown, expected: tf.Tensor, tolerance: number): boolean {
  try {
    expectShape(actual, expected.shape, { what: "it" });
    expectClose(actual, expected, { what: "it", tolerance });
    return true;
  } catch {
    return false;
  }
}

/** Whether it is a tensor of that shape. */
export function hasShape(actual: unknown, shape: readonly number[]): boolean {
  return actual instanceof tf.Tensor && String(actual.shape) === String(shape);
}

/** Draws a tensor of standard normal numbers, the same at each call. */
export function normalTensor(shape: readonly number[], seed: number): tf.Tensor {
  const random = new Random(seed), size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => random.normal()), [...shape]);
}

/**
 * Draws parameters none of which is 0 or 1, so that a bias or a gain left out shows; weights are
 * large enough for each head to look somewhere else.
 */
export function noisyParams(config: ModelConfig, seed: number): Params {
  return mapParams(initializeParams(config, seed), (tensor, name) => {
    const noise = normalTensor(tensor.shape, deriveSeed(seed, name));
    return tensor.add(noise.mul(name.endsWith(".weight") && tensor.rank === 2 ? 0.5 : 0.3));
  });
}

/** The parameters with those that match replaced. */
export function changed(
  params: Params,
  names: RegExp,
  change: (tensor: tf.Tensor) => tf.Tensor,
): Params {
  return mapParams(params, (tensor, name) => names.test(name) ? change(tensor) : tensor);
}
