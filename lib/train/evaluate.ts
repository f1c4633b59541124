import type * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import {
  meanOverTargets,
  type SentenceLoss,
  sentenceLosses,
  type TargetSum,
} from "./_sentence_losses.ts";
import type { Evaluation, SlotLoss } from "./events.ts";
import type { Programs } from "./programs.ts";
import type { Replicas } from "./replicas.ts";

/** The oracle's losses of one sentence. */
export interface Reference {
  /** Nats of each target: the best that any model can expect. */
  readonly losses: ArrayLike<number>;
  /** The slot of each target, such as `noun`. */
  readonly slots: readonly string[];
}

/** Sentences to measure a model on, with the oracle's losses. */
export interface EvaluationSet {
  /** One pass over the sentences, each exactly once, in batches of one shape. */
  batches(): Iterable<Batch>;
  /** The oracle's losses, by the sentence's index in the data set. */
  readonly references: readonly Reference[];
}

/** A model to measure. */
export interface Measured {
  /** Its parameters. */
  readonly params: Params;
  /** The run's computations. */
  readonly programs: Pick<Programs, "losses">;
  /** Heads that are off, as `headMask` of `lib/model` makes it; none means that all are on. */
  readonly headMask?: tf.Tensor;
  /** The ranks that hold this model and share the sentences; without them, this process has all. */
  readonly replicas?: Replicas;
}

/**
 * Measures a model, and the oracle on the same targets.
 *
 * The gap is a mean of differences, sentence by sentence: whether a sentence is easy or hard by chance
 * cancels in the difference. The gap is a ratio of two sums, so its standard error is √Σ(dᵢ − gap · nᵢ)² / Σnᵢ,
 * with dᵢ a sentence's difference and nᵢ its targets.
 *
 * @param model The parameters and what to compute losses with; nothing is dropped.
 * @param set Sentences and the oracle's losses.
 * @param signal Asks to stop; polled between batches.
 * @returns The losses in nats, the same on all ranks; null if it, or another rank, was asked to stop.
 * @throws {RangeError} If a sentence has no oracle's losses.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, evaluate, modelOf, runConfig } from "lib/train/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0 } };
 * const run = createRun(runConfig(settings));
 * const evaluation = await evaluate(modelOf(run), run.corpus.validation);
 * assertAlmostEquals(evaluation!.loss, Math.log(1000), 0.2); // nothing is learned yet
 * ```
 */
export async function evaluate(
  model: Measured,
  set: EvaluationSet,
  signal?: AbortSignal,
): Promise<Evaluation | null> {
  const sentences = await sentenceLosses(model, set, signal);
  return sentences && summarize(sentences);
}

function summarize(sentences: readonly SentenceLoss[]): Evaluation {
  const bySlot = new Map<string, { loss: number; oracleLoss: number; targets: number }>();
  const differences: TargetSum[] = [];
  for (const { losses, reference } of sentences) {
    let difference = 0;
    for (const [i, slot] of reference.slots.entries()) {
      const loss = losses[i] ?? NaN, oracleLoss = reference.losses[i] ?? NaN;
      const totals = bySlot.get(slot) ?? { loss: 0, oracleLoss: 0, targets: 0 };
      totals.loss += loss;
      totals.oracleLoss += oracleLoss;
      totals.targets++;
      bySlot.set(slot, totals);
      difference += loss - oracleLoss;
    }
    differences.push({ sum: difference, targets: reference.slots.length });
  }
  const total = (of: "loss" | "oracleLoss" | "targets") =>
    [...bySlot.values()].reduce((sum, slot) => sum + slot[of], 0);
  const targets = total("targets"), loss = total("loss") / targets;
  const gap = meanOverTargets(differences);
  return {
    loss,
    perplexity: Math.exp(loss),
    oracleLoss: total("oracleLoss") / targets,
    gap: gap.mean,
    gapStandardError: gap.standardError,
    targets,
    slots: [...bySlot].map(([slot, sums]): SlotLoss => ({
      slot,
      loss: sums.loss / sums.targets,
      oracleLoss: sums.oracleLoss / sums.targets,
      targets: sums.targets,
    })),
  };
}
