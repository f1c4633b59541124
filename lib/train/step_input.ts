import * as tf from "@tensorflow/tfjs";
import { deriveSeed } from "lib/core/mod.ts";
import { type Batch, shareBatch } from "lib/data/mod.ts";
import { scalarTensors } from "lib/optimizer/mod.ts";
import { toDevice } from "./device_batch.ts";
import type { Run } from "./run.ts";
import type { MicroBatch, StepInput } from "./step.ts";

/**
 * Makes the input of a run's next update.
 *
 * @param run The run; weights and optimizer state are its own. Where it is one of several ranks, it takes
 *   its share of each micro-batch; the target count is that of all.
 * @param batches The step's micro-batches, as the loader gives them.
 * @returns The input of `run.programs.update`. The caller owns micro-batches, target count, scalars and
 *   loss scale; weights and optimizer state still belong to the run.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, runConfig, stepInput } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const small = { data: { examples: 100 }, model: { layers: 1 }, train: { warmup: 0 } };
 * const run = createRun(runConfig(small));
 * const [batch] = run.corpus.loader.batches();
 * const { targetCount, params } = stepInput(run, [batch!]);
 * assertEquals(targetCount.arraySync(), batch!.targets);
 * assertEquals(params, run.state.params);
 * ```
 */
export function stepInput(run: Run, batches: readonly Batch[]): StepInput {
  const { params, optimizer, step, lossScale } = run.state;
  return {
    params,
    optimizer,
    microBatches: batches.map((batch, place) => toMicroBatch(run, batch, place)),
    targetCount: tf.scalar(batches.reduce((sum, { targets }) => sum + targets, 0)),
    scalars: scalarTensors(run.settings.transform.scalars(step)),
    ...(lossScale !== null && { lossScale: tf.scalar(lossScale.scale) }),
  };
}

/**
 * The tensors of a micro-batch, or of this rank's share of it; its dropout depends only on seed, step,
 * position in the step, and rank.
 */
function toMicroBatch(run: Run, batch: Batch, place: number): MicroBatch {
  const { config, state } = run, { rank, ranks } = run.replicas ?? { rank: 0, ranks: 1 };
  const part = place * ranks + rank; // alone, the place
  const seed = [deriveSeed(config.seed, "dropout"), deriveSeed(state.step, "micro-batch", part)];
  const share = shareBatch(batch, { rank, ranks });
  return { ...toDevice(share), dropoutSeed: tf.tensor1d(seed, "int32") };
}
