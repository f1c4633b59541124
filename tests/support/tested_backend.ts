/**
 * The backend that a run of the numeric tests is about.
 *
 * @module
 */
import { type BackendInfo, type BackendName, useBackend } from "lib/backend/mod.ts";

/** The variable of the environment that names it; by default the one that a user would get. */
export const TESTED_BACKEND = "TESTED_BACKEND";

/** How far a backend's numbers may lie from PyTorch's float64. */
export interface Tolerances {
  /** Values of single operations, of the size of 1; in shares of the value where it is larger. */
  readonly value: number;
  /** The same of kernels that the course does not use, such as `tf.asin` and `tf.tan`. */
  readonly rareValue: number;
  /** Gradients of single operations, likewise. */
  readonly gradient: number;
  /** Logits up to 5. */
  readonly logit: number;
  /** Losses up to 7. */
  readonly loss: number;
  /** A model's gradient. */
  readonly modelGradient: number;
  /** The gradient's norm over ten steps. */
  readonly norm: number;
  /** Parameters after ten steps. */
  readonly param: number;
  /** Losses over twenty steps, in which the differences of all steps before add up. */
  readonly stepLoss: number;
  /** The gradient's norm over twenty steps, up to 5. */
  readonly stepNorm: number;
}

/**
 * The one table of tolerances. The golden values are float64, and all backends compute in float32: steps
 * of 6e-8 at 1, and of 4.8e-7 at a loss of 4 to 8. What differs is the order in which sums are added up,
 * and how functions such as `exp` are approximated. Each tolerance is at most 4 times the worst difference
 * that was measured, over all tests that use it; PyTorch's own float32 (`float32Error` in the golden
 * files) lies 2.1e-6 off in products, and up to 1.7e-6 in a model.
 *
 * - TensorFlow adds up in vectors, many partial sums at a time: the closest to PyTorch.
 * - WebAssembly and plain JavaScript add one number after the other in places: a long sum loses a digit.
 * - WebGPU leaves `exp`, `tanh` and the like to the driver, which may be off by some steps of float32; its
 *   language allows 2^-11 for `asin` and `tan`. Measured on Mesa's llvmpipe.
 */
const TOLERANCES: Readonly<Record<BackendName, Tolerances>> = {
  tensorflow: {
    value: 8e-6,
    rareValue: 8e-6,
    gradient: 8e-6,
    logit: 5e-6,
    loss: 1.5e-6,
    modelGradient: 6e-7,
    norm: 6e-6,
    param: 1.5e-6,
    stepLoss: 1e-5,
    stepNorm: 4e-5,
  },
  wasm: {
    value: 8e-6,
    rareValue: 8e-6,
    gradient: 8e-6,
    logit: 5e-6,
    loss: 1.5e-6,
    modelGradient: 6e-7,
    norm: 6e-6,
    param: 1.5e-6,
    stepLoss: 1e-5,
    stepNorm: 4e-5,
  },
  cpu: {
    value: 8e-6,
    rareValue: 8e-6,
    gradient: 8e-6,
    logit: 5e-6,
    loss: 1.5e-6,
    modelGradient: 6e-7,
    norm: 6e-6,
    param: 1.5e-6,
    stepLoss: 1e-5,
    stepNorm: 4e-5,
  },
  webgpu: {
    value: 8e-6,
    rareValue: 6e-4,
    gradient: 8e-6,
    logit: 5e-6,
    loss: 1.5e-6,
    modelGradient: 6e-7,
    norm: 6e-6,
    param: 1.5e-6,
    stepLoss: 1e-5,
    stepNorm: 4e-5,
  },
};

/** Opens the backend that is tested, and says what may be expected of it. */
export async function testedBackend(): Promise<BackendInfo & { readonly allowed: Tolerances }> {
  const name = Deno.env.get(TESTED_BACKEND);
  // useBackend() checks the name.
  const info = await useBackend(name === undefined ? {} : { backend: name as BackendName });
  return { ...info, allowed: TOLERANCES[info.name] };
}
