import { ConfigError, smallest } from "lib/core/mod.ts";
import { createGrammar } from "lib/data/mod.ts";
import type { RunConfig } from "./config.ts";

/** Bytes of a number, float32 or int32. */
const NUMBER = 4;

/** Bytes of a sentence in the memory of JavaScript: its words and ids. */
const SENTENCE = 200;

/** Tensors of a parameter's size that a step holds beside the optimizer's: the old and the new ones. */
const OPTIMIZER_TENSORS = { adamw: 2, adam: 2, sgd: 1 } as const;

/** What a run needs at least, in bytes; {@linkcode estimateMemory} computes it. */
export interface MemoryEstimate {
  /** The weights, their gradients, and the optimizer's state, before and after a step. */
  readonly weights: number;
  /** What the backward pass of one micro-batch keeps of the forward pass. */
  readonly activations: number;
  /** The sentences, those of the data and those that a validation generates. */
  readonly data: number;
}

/**
 * Estimates what a run needs of the machine's memory: a lower bound, so that a run that does not fit
 * by this estimate cannot be trained.
 *
 * With P parameters, N = B·T positions of a micro-batch and L layers: weights, gradient, and s tensors
 * of the optimizer (2 for Adam, 1 for SGD), old and new, 4 · P · (2 · (1 + s) + 1) bytes; of each layer
 * 8 C + 2 F + 2 H·T numbers per position, and of the logits 3 V.
 *
 * @param config The run's settings.
 * @returns Bytes.
 *
 * @example
 * ```ts
 * import { estimateMemory, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(estimateMemory(runConfig()).weights, 2_397_696 * 4 * 7);
 * ```
 */
export function estimateMemory(config: RunConfig): MemoryEstimate {
  const { data, model, train } = config, examples = data.examples;
  const { vocabSize: V, hiddenSize: C, feedForwardSize: F, heads: H, layers } = model;
  const block = 4 * C * C + 2 * C * F + 9 * C + F;
  const parameters = (V * (model.tiedHead ? 1 : 2) + model.maxLength + 2) * C +
    (model.tiedHead ? 0 : V) + layers * block;
  const copies = 2 * (1 + OPTIMIZER_TENSORS[train.optimizer]) + 1;
  const T = data.padTo === "longest" ? createGrammar(data.level).maxLength - 1 : data.padTo;
  const rows = Math.min(train.batchSize, examples);
  const ofPosition = layers * (8 * C + 2 * F + 2 * H * T) + 3 * V;
  return {
    weights: NUMBER * parameters * copies,
    activations: NUMBER * rows * T * ofPosition,
    data: SENTENCE * (examples + 2 * train.samples),
  };
}

/**
 * Refuses a run that cannot fit into the memory, before anything of it is made.
 *
 * It is refused and not made to fit: smaller micro-batches would take longer without a word, and the
 * message says how to ask for them.
 *
 * @param config The run's settings.
 * @param available Bytes; default the machine's memory, or what the system grants this process of it.
 * @throws {ConfigError} If it does not fit.
 *
 * @example
 * ```ts
 * import { assertFits, runConfig } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertFits(runConfig());
 * const wide = runConfig({ model: { hiddenSize: 100_000 } });
 * assertThrows(() => assertFits(wide), Error, "Cannot train: expected a run that fits into");
 * ```
 */
export function assertFits(config: RunConfig, available: number = machineMemory()): void {
  const { weights, activations, data } = estimateMemory(config);
  if (weights + activations + data <= available) return;
  const { batchSize, accumulation } = config.train;
  const parts = `at least ${size(weights)} for weights, gradients and optimizer, ` +
    `${size(activations)} for a micro-batch, ${size(data)} for the sentences`;
  // The part that is too large names the cure.
  const cure = weights > available / 2
    ? "lower model.hiddenSize, model.layers, model.feedForwardSize, model.vocabSize or model.maxLength"
    : data > activations
    ? "lower data.examples or train.samples"
    : `lower train.batchSize ${batchSize} and raise train.accumulation ${accumulation} by as much (the ` +
      "same losses), or lower data.padTo";
  throw new ConfigError(
    `Cannot train: expected a run that fits into ${
      size(available)
    } of memory, got ${parts}; ${cure}`,
  );
}

/** The machine's memory in bytes, or less where the system grants a group of processes less. */
function machineMemory(): number {
  return smallest(GROUP_LIMITS.map(limitIn), Deno.systemMemoryInfo().total);
}

/** Where Linux says what a container may take: groups of version 2, and of version 1. */
const GROUP_LIMITS = [
  "/sys/fs/cgroup/memory.max",
  "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

function limitIn(path: string): number {
  try {
    const limit = Number(Deno.readTextFileSync(path)); // "max" where there is none
    return limit > 0 ? limit : Infinity;
  } catch {
    return Infinity; // another system, or no group
  }
}

function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  const unit = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  );
  return `${Number((bytes / 1000 ** unit).toPrecision(3))} ${units[unit]}`;
}
