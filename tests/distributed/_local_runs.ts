/**
 * Data-parallel runs with all ranks in this process.
 *
 * @module
 */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { localReplicas } from "lib/distributed/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import {
  createRun,
  type Run,
  type RunConfig,
  train,
  type TrainEvent,
  type TrainOptions,
} from "lib/train/mod.ts";
import { collect, type TinySettings } from "../support/tiny_runs.ts";

/** How far a loss may be off the one of a single process: float32 sums in another order. */
const CLOSE = 1e-5;

/** A run of each rank. */
export function runsOf(config: RunConfig, ranks: number): Run[] {
  const [first, ...others] = localReplicas(ranks);
  if (first === undefined) return [];
  const run = createRun(config, { replicas: first }), { programs } = run; // compiled once for all
  return [run, ...others.map((replicas) => createRun(config, { replicas, programs }))];
}

/** All events of each rank. */
export function trainAll(
  runs: readonly Run[],
  options: (rank: number) => TrainOptions = () => ({}),
): Promise<TrainEvent[][]> {
  return Promise.all(runs.map((run, rank) => collect(train(run, options(rank)))));
}

/** Frees the tensors of runs. */
export function free(...runs: readonly Run[]): void {
  for (const { state } of runs) disposeParams(state.params, state.optimizer);
}

/** The losses of steps and validations. */
export function lossesOf(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === "step" || event.kind === "evaluation" ? [event.loss] : []
  );
}

/** Holds losses against those of a single process. */
export function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  for (const [i, loss] of actual.entries()) assertAlmostEquals(loss, expected[i] ?? NaN, CLOSE);
}

/** 60 steps and more, with a short batch at the end of each epoch. */
export const UNEVEN: TinySettings = {
  data: { examples: 200 },
  model: { dropout: 0 },
  train: { batchSize: 13, epochs: 5, evalEvery: 7 },
};
