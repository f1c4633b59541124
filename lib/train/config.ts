import { z } from "zod";
import { ConfigError, float32, parseConfig } from "lib/core/mod.ts";
import type { DataLoader } from "lib/data/mod.ts";
import { modelSchema } from "lib/model/mod.ts";
import { withLevelDefaults } from "./level_defaults.ts";

const count = z.int().min(1);
const share = float32(z.number().min(0).lt(1));

const dataSchema = z.strictObject({
  level: z.enum(["plain", "agreement", "variable", "copy"]).default("plain")
    .describe("the grammar that makes the sentences"),
  examples: z.int().min(10).default(10_000).describe("distinct sentences, both sides of the split"),
  validationShare: float32(z.number().gt(0).lt(1)).default(0.1)
    .describe("share kept for validation"),
  padTo: z.union([z.literal("longest"), count]).default("longest")
    .describe("pad each batch to its longest sentence, or to this many tokens"),
  lengthBuckets: z.boolean().default(true)
    .describe("fill a batch with sentences of like length, where lengths differ"),
  curriculum: z.enum(["none", "length", "distance", "words"]).default("none")
    .describe("let sentences take part by how difficult they are: none takes all from the start"),
  curriculumOrder: z.enum(["easy-first", "hard-first", "random"]).default("easy-first")
    .describe("which sentences a curriculum begins with; random keeps the pacing alone"),
  pacing: z.enum(["step", "linear", "root"]).default("linear")
    .describe("how the share of sentences that take part grows"),
  pacingStart: float32(z.number().gt(0).max(1)).default(0.2)
    .describe("share of the sentences that a curriculum begins with"),
  pacingSteps: count.default(200).describe("steps after which all sentences take part"),
});

const trainSchema = z.strictObject({
  epochs: count.default(6).describe("passes over the training data"),
  steps: z.int().min(0).default(0).describe("updates in all; 0: as many as the epochs have"),
  tokens: z.int().min(0).max(1_000_000_000).default(0)
    .describe("targets to learn from in all; 0: as many as steps or epochs have"),
  batchSize: count.default(64).describe("sentences per micro-batch"),
  accumulation: count.default(1).describe("micro-batches per step"),
  optimizer: z.enum(["adamw", "adam", "sgd"]).default("adamw").describe("the update rule"),
  lr: float32(z.number().positive()).default(1.5e-3).describe("peak learning rate"),
  schedule: z.enum(["cosine", "linear", "constant", "step"]).default("cosine")
    .describe("how the rate falls after the warm-up"),
  warmup: z.int().min(0).default(100).describe("steps over which the rate rises to its peak"),
  endFactor: float32(z.number().min(0).max(1)).default(0)
    .describe("share of the peak rate at the end (cosine, linear)"),
  decayEvery: count.default(200).describe("steps between two drops of the rate (step)"),
  decayFactor: float32(z.number().gt(0).max(1)).default(0.5)
    .describe("what a drop multiplies with (step)"),
  weightDecay: float32(z.number().min(0)).default(0.1)
    .describe("decoupled decay of linear weights"),
  beta1: share.default(0.9).describe("decay of Adam's mean"),
  beta2: share.default(0.999).describe("decay of Adam's mean square"),
  epsilon: float32(z.number().positive()).default(1e-8)
    .describe("Adam's guard against division by 0"),
  momentum: share.default(0.9).describe("SGD's momentum"),
  clip: float32(z.number().min(0)).default(1)
    .describe("longest gradient, global norm; 0 clips nothing"),
  labelSmoothing: float32(z.number().min(0).max(1)).default(0)
    .describe("probability spread over the vocabulary"),
  evalEvery: z.int().min(0).default(0).describe("steps between validations; 0: each epoch only"),
  earlyValidations: z.boolean().default(true)
    .describe("validate after 10, 20 and 50 steps too, for the curve alone"),
  patience: z.int().min(0).default(0)
    .describe("validations without improvement before stopping; 0: never"),
  minChange: float32(z.number().min(0)).default(0)
    .describe("nats by which a loss must fall to count"),
  samples: z.int().min(0).default(200).describe("sentences generated at each validation"),
}).refine(({ steps, tokens }) => steps === 0 || tokens === 0, {
  path: ["tokens"],
  error: "expected 0 where the steps are given, or the steps to be 0",
});

const computeSchema = z.strictObject({
  compile: z.enum(["xla", "graph", "off"]).default("xla")
    .describe("carry a step out as machine code, as a graph, or op by op"),
  precision: z.enum(["float32", "bfloat16", "float16"]).default("float32")
    .describe("of matrix products; weights and sums stay float32"),
  lossScale: float32(z.number().min(1)).default(65_536)
    .describe("what the loss is multiplied with at first (float16)"),
  lossScaleSteps: count.default(2000)
    .describe("good steps in a row after which the loss scale doubles (float16)"),
}).refine(({ compile, precision }) => compile !== "off" || precision === "float32", {
  path: ["precision"],
  error: "expected float32 where the model runs op by op (compile off)",
});

/** The schema of {@linkcode RunConfig}; flags, `--config` files and `--help` are made from it. */
export const runSchema = z.strictObject({
  seed: z.int().default(1).describe("of data, weights, shuffling, dropout and samples"),
  data: dataSchema.prefault({}),
  model: modelSchema.prefault({}),
  train: trainSchema.prefault({}),
  compute: computeSchema.prefault({}),
});

/** Everything that a run depends on, except the machine. */
export type RunConfig = Readonly<z.output<typeof runSchema>>;

/**
 * Checks a run's settings and adds those that are left out: the defaults of the level
 * ({@linkcode LEVEL_DEFAULTS}), or else those of the exercise.
 *
 * @param settings What differs from these, in sections `data`, `model`, `train`, `compute`.
 * @returns All settings, frozen.
 * @throws {ConfigError} If a setting is unknown or impossible.
 *
 * @example
 * ```ts
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(runConfig({ train: { lr: 3e-4 } }).train.lr, 3e-4);
 * assertEquals(runConfig({ data: { level: "copy" } }).data.examples, 20_000);
 * assertThrows(() => runConfig({ train: { lr: -1 } }), Error, "train.lr: expected number to be >0");
 * ```
 */
export function runConfig(settings: z.input<typeof runSchema> = {}): RunConfig {
  return parseConfig(runSchema, withLevelDefaults(settings), "run's settings");
}

/** How long a run is, as {@linkcode planSteps} computes it. */
export interface StepPlan {
  /** Updates in an epoch; the last one may use fewer micro-batches. */
  readonly stepsPerEpoch: number;
  /** Updates in the whole run. */
  readonly totalSteps: number;
}

/**
 * Computes a run's number of steps, and refuses settings that do not fit together.
 *
 * @param config The run's settings.
 * @param loader The training data's: micro-batches and steps in an epoch, targets in a step.
 * @returns Steps per epoch and in all.
 * @throws {ConfigError} If a step would need more micro-batches than an epoch has, or the warm-up
 *   is as long as the run, or the run has more steps than can be counted.
 *
 * @example
 * ```ts
 * import { createCorpus, planSteps, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = runConfig(), { loader } = createCorpus(config);
 * assertEquals(planSteps(config, loader), { stepsPerEpoch: 141, totalSteps: 846 });
 * ```
 */
export function planSteps(
  config: RunConfig,
  loader: Pick<DataLoader, "batchesPerEpoch" | "stepsPerEpoch" | "stepTargets">,
): StepPlan {
  const { accumulation, epochs, steps, tokens, warmup } = config.train;
  const { batchesPerEpoch, stepsPerEpoch } = loader;
  if (!(accumulation <= batchesPerEpoch)) {
    throw new ConfigError(
      `Cannot accumulate: expected at most the ${batchesPerEpoch} micro-batches of an epoch, ` +
        `got ${accumulation}; lower train.accumulation or train.batchSize`,
    );
  }
  const totalSteps = tokens > 0
    ? stepsToLearn(tokens, loader)
    : steps === 0
    ? stepsPerEpoch * epochs
    : steps;
  if (!Number.isSafeInteger(totalSteps)) {
    throw new ConfigError(
      `Cannot plan: expected at most 2^53 - 1 steps, got ${totalSteps}; lower train.epochs`,
    );
  }
  if (!(warmup < totalSteps)) {
    throw new ConfigError(
      `Cannot warm up: expected fewer steps than the run's ${totalSteps}, got ${warmup}; ` +
        "lower train.warmup, or raise train.epochs, train.steps or train.tokens",
    );
  }
  return { stepsPerEpoch, totalSteps };
}

/** The smallest number of steps that learns from at least so many targets. */
function stepsToLearn(tokens: number, loader: Pick<DataLoader, "stepTargets">): number {
  let steps = 0, learned = 0;
  for (const targets of loader.stepTargets()) {
    steps++;
    learned += targets;
    if (learned >= tokens) break;
  }
  return steps;
}
