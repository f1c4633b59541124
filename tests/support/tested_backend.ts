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
  /** Parameters up to 3.4 after ten steps of an optimizer alone. */
  readonly optimizerParam: number;
  /** Norms up to 18 in these. */
  readonly optimizerNorm: number;
  /** Losses over twenty steps, in which the differences of all steps before add up. */
  readonly stepLoss: number;
  /** The gradient's norm over twenty steps, up to 5. */
  readonly stepNorm: number;
  /** Logits up to 8 after twenty steps. */
  readonly trainedLogit: number;
}

/**
 * The one table of tolerances. The golden values are float64, and all backends compute in float32, with
 * steps of 6e-8 at 1 and of 4.8e-7 at a loss of 4 to 8. What differs is the order in which sums are added
 * up, and how functions such as `exp` are approximated. PyTorch's own float32 (`float32Error` in the golden
 * files) lies up to 2.1e-6 off in products, 1.7e-6 in a model, and 2.1e-5 in the logits after twenty steps.
 *
 * - On a processor (TensorFlow, WebAssembly, plain JavaScript): at most 4 times the worst difference that was
 *   measured. As measured, in the order of the table: 9.1e-7, 9.1e-7, 8.1e-7, 2.5e-6, 6.9e-7, 2.6e-7, 1.9e-6,
 *   7.1e-7, 4.6e-7, 1.5e-6, 6e-7, 7.7e-7, 6.8e-6.
 * - WebGPU: what its language (WGSL, section "Floating point accuracy") allows a device: 1e-5 for `tanh`,
 *   2^-11 for `sin` and its like (the rare ones), and in a model ten times what the others differ by, or
 *   more where steps add up. Mesa's llvmpipe, which computes on the processor, comes within the others'
 *   tolerances but for `asin` (1.5e-4).
 */
const TOLERANCES: Readonly<Record<"processor" | "webgpu", Tolerances>> = {
  processor: {
    value: 3.5e-6,
    rareValue: 3.5e-6,
    gradient: 3e-6,
    logit: 5e-6,
    loss: 1.5e-6,
    modelGradient: 6e-7,
    norm: 6e-6,
    param: 1.5e-6,
    optimizerParam: 2e-6,
    optimizerNorm: 4e-6,
    stepLoss: 2e-6,
    stepNorm: 3e-6,
    trainedLogit: 2e-5,
  },
  webgpu: {
    value: 2e-5,
    rareValue: 6e-4,
    gradient: 2e-5,
    logit: 5e-5,
    loss: 1e-5,
    modelGradient: 6e-6,
    norm: 6e-5,
    param: 1e-4,
    optimizerParam: 2e-5,
    optimizerNorm: 4e-5,
    stepLoss: 1e-4,
    stepNorm: 4e-4,
    trainedLogit: 1e-3,
  },
};

/** Opens the backend that is tested, and says what may be expected of it. */
export async function testedBackend(): Promise<BackendInfo & { readonly allowed: Tolerances }> {
  const name = Deno.env.get(TESTED_BACKEND);
  // useBackend() checks the name.
  const info = await useBackend(name === undefined ? {} : { backend: name as BackendName });
  return { ...info, allowed: TOLERANCES[info.name === "webgpu" ? "webgpu" : "processor"] };
}
