import { compile, type CompileEvent, type CompileMode, type Precision } from "lib/backend/mod.ts";
import { forward, type GenerationPrograms, type ModelConfig, targetLosses } from "lib/model/mod.ts";
import { disposeParams, type Fuse, type Params, type Pass, withFusion } from "lib/tensor/mod.ts";
import type * as tf from "@tensorflow/tfjs";
import type { DeviceBatch } from "./device_batch.ts";
import { createGenerationPrograms } from "./generation_programs.ts";
import {
  applyGradients,
  type ApplyInput,
  computeGradients,
  type StepInput,
  type StepOutput,
  type StepSettings,
  updateStep,
} from "./step.ts";
import {
  type ShareInput,
  shareOfStep,
  stepFromSum,
  type SumInput,
  type SumOutput,
} from "./step_halves.ts";

/** The input of {@linkcode Programs.losses}. */
export type LossesInput = {
  /** The weights. */
  readonly params: Params;
  /** The sentences. */
  readonly batch: DeviceBatch;
  /** Heads that are off, as `headMask` of `lib/model` makes it; none means that all are on. */
  readonly headMask?: tf.Tensor;
};

/** An update in two halves. */
export interface UpdateHalves {
  /** {@linkcode shareOfStep}. */
  readonly share: (input: ShareInput) => tf.Tensor;
  /** {@linkcode stepFromSum}. */
  readonly apply: (input: SumInput) => SumOutput;
}

/** The computations that training consists of, from tensors to tensors. */
export interface Programs {
  /** One update, {@linkcode updateStep}. */
  readonly update: (input: StepInput) => StepOutput;
  /** The same in two halves, for ranks that add their gradients up in between. */
  readonly halves?: UpdateHalves;
  /** The loss of each target of a batch, without dropout: float32 [B·T], 0 at padding. */
  readonly losses: (input: LossesInput) => tf.Tensor;
  /** The programs that generate samples; none if the model runs op by op. */
  readonly generation?: GenerationPrograms;
}

/** How programs are carried out. */
export interface ProgramOptions {
  /** Compiled by XLA, as a graph, or op by op. */
  readonly mode: CompileMode;
  /** How matrix products are computed. */
  readonly precision: Precision;
  /** Called with each compilation. */
  readonly onCompile?: (event: CompileEvent) => void;
}

/**
 * Makes a run's computations, compiled as asked.
 *
 * @param settings What is fixed for the run.
 * @param options Mode and precision.
 * @returns Functions of tensors; the caller owns what they give.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { adamw } from "lib/optimizer/mod.ts";
 * import { createPrograms } from "lib/train/mod.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const model = modelConfig({ layers: 1 }), params = initializeParams(model, 1);
 * const settings = { model, transform: adamw(1e-3), labelSmoothing: 0, maxNorm: 1 };
 * const { losses } = createPrograms(settings, { mode: "graph", precision: "float32" });
 * const ids = tf.tensor2d([[1, 4]], [1, 2], "int32"), labels = tf.tensor1d([4, 2], "int32");
 * assertEquals(losses({ params, batch: { ids, mask: tf.ones([1, 2]), labels } }).shape, [2]);
 * ```
 */
export function createPrograms(settings: StepSettings, options: ProgramOptions): Programs {
  const losses = (input: LossesInput) => lossesOf(settings.model, input);
  return {
    update: options.mode === "off"
      ? updateOpByOp(settings, options)
      : compileUpdate(settings, options),
    halves: updateHalves(settings, options),
    losses: compile(losses, options),
    ...(options.mode !== "off" && { generation: generationForSamples(settings.model, options) }),
  };
}

function compileUpdate(settings: StepSettings, options: ProgramOptions): Programs["update"] {
  const update = (input: StepInput) => updateStep(settings, input);
  return compile(update, options);
}

/**
 * Model and gradients op by op, so that one can look into them. Only two things are compiled: the
 * optimizer, since its thousand small operations on the weights would take as long as all the rest,
 * and the chains inside layer norm and GELU, which are one operation in other libraries too.
 */
function updateOpByOp(settings: StepSettings, options: ProgramOptions): Programs["update"] {
  const parts = partsOpByOp(options);
  const optimize = compile((input: ApplyInput) => applyGradients(settings, input), {
    ...parts,
    name: "optimize",
  });
  const fuse = compiledPasses(parts);
  return (input) => {
    const { params, optimizer, scalars } = input;
    const { loss, gradients } = withFusion(fuse, () => computeGradients(settings, input));
    try {
      return { loss, ...optimize({ params, optimizer, gradients, scalars }) };
    } finally {
      disposeParams(gradients);
    }
  };
}

function updateHalves(settings: StepSettings, options: ProgramOptions): UpdateHalves {
  const share = (input: ShareInput) => shareOfStep(settings, input);
  const apply = (input: SumInput) => stepFromSum(settings, input);
  if (options.mode !== "off") {
    return { share: compile(share, options), apply: compile(apply, options) };
  }
  const parts = partsOpByOp(options), fuse = compiledPasses(parts);
  return {
    share: (input) => withFusion(fuse, () => share(input)),
    apply: compile(apply, parts),
  };
}

function partsOpByOp(options: ProgramOptions): ProgramOptions {
  return { ...options, mode: "xla", precision: "float32" };
}

/** Compiles each pass once, however often it is asked for. */
function compiledPasses(options: ProgramOptions): Fuse {
  const known = new Map<Pass, Pass>();
  return (name, pass) => {
    let fused = known.get(pass);
    if (fused === undefined) {
      const compiled = compile((inputs: readonly tf.Tensor[]) => pass(...inputs), {
        ...options,
        name,
      });
      known.set(pass, fused = (...inputs) => compiled(inputs));
    }
    return fused;
  };
}

/**
 * As a graph even where the update is made by XLA: for the exercise's 400 samples a validation XLA
 * saves 0.06 s each time, and takes 2 s to make its programs.
 */
function generationForSamples(model: ModelConfig, options: ProgramOptions): GenerationPrograms {
  return createGenerationPrograms(model, { ...options, mode: "graph" });
}

function lossesOf(model: ModelConfig, { params, batch, headMask }: LossesInput): tf.Tensor {
  const { logits } = forward(model, params, batch.ids, { mask: batch.mask, headMask });
  return targetLosses(logits, batch.labels);
}
