/**
 * What bfloat16 does to a training run: as the format of products, and as that of the weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { disposeParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { createRun, type Run, runConfig, train } from "lib/train/mod.ts";

/** How a run of the study computes. */
export const WAYS = ["float32", "bfloat16 products", "bfloat16 weights"] as const;

/** A way's name. */
export type WayName = (typeof WAYS)[number];

/** A run of the study. */
export interface PrecisionRun {
  readonly way: WayName;
  readonly seed: number;
  /** The training loss of each step, in nats. */
  readonly losses: readonly number[];
  /** The validation gap at the end, in nats. */
  readonly gap: number;
  /** Share of the weights that a step left as they were: [step, share]. */
  readonly still: readonly (readonly [step: number, share: number])[];
}

const SEEDS = [1, 2, 3], STEPS = 1000, LOOK_EVERY = 20;

/** The run: a small model, the exercise's sentences, 1,000 steps with a rate that falls to 0. */
export function studyConfig(way: WayName, seed: number, steps = STEPS) {
  return runConfig({
    seed,
    model: { layers: 2, hiddenSize: 64, feedForwardSize: 128 },
    data: { level: "agreement" },
    train: { steps, batchSize: 16, lr: 5e-4, warmup: Math.round(steps / 20), samples: 0 },
    compute: { precision: way === "bfloat16 products" ? "bfloat16" : "float32" },
  });
}

/** Makes all runs, and tells of each. */
export async function precisionStudy(tell: (line: string) => void): Promise<PrecisionRun[]> {
  const runs: PrecisionRun[] = [];
  for (const seed of SEEDS) {
    for (const way of WAYS) {
      const run = await precisionRun(way, seed);
      tell(
        `${way}, seed ${seed}: last loss ${run.losses.at(-1)?.toFixed(4)}, gap ${
          run.gap.toFixed(4)
        }`,
      );
      runs.push(run);
    }
  }
  return runs;
}

/** Rounds weights to bfloat16; it may draw how. */
export type Rounding = (values: Float32Array) => Float32Array;

/** What a run of the study may differ in. */
export interface PrecisionOptions {
  readonly steps?: number;
  /** How weights are rounded after each update; default to the nearest. */
  readonly round?: Rounding;
}

/** Makes one run. */
export async function precisionRun(
  way: WayName,
  seed: number,
  { steps = STEPS, round = toBfloat16 }: PrecisionOptions = {},
): Promise<PrecisionRun> {
  const run = createRun(studyConfig(way, seed, steps));
  const losses: number[] = [], still: [number, number][] = [];
  let gap = NaN, before: Float32Array | undefined;
  for await (const event of train(run)) {
    if (event.kind === "evaluation") gap = event.gap;
    if (event.kind !== "step") continue;
    losses.push(Number(event.loss.toFixed(5)));
    if (way === "bfloat16 weights") roundWeights(run, round);
    const isLook = event.step % LOOK_EVERY === 0;
    if (before !== undefined && isLook) {
      still.push([event.step, stillShare(before, run.state.params)]);
    }
    before = (event.step + 1) % LOOK_EVERY === 0 ? watched(run.state.params) : undefined;
  }
  disposeParams(run.state.params, run.state.optimizer);
  return { way, seed, losses, gap: Number(gap.toFixed(5)), still };
}

/** The weights that are watched: one whole matrix stands for all. */
const WATCHED = "blocks.0.attention.qkv.weight";

function watched(params: Params): Float32Array {
  return param(params, WATCHED).dataSync<"float32">().slice();
}

function stillShare(before: Float32Array, params: Params): number {
  const now = watched(params);
  const count = now.reduce((sum, weight, i) => weight === before[i] ? sum + 1 : sum, 0);
  return Number((count / now.length).toFixed(4));
}

/** Puts rounded weights in the place of a run's own. */
function roundWeights(run: Run, round: Rounding): void {
  const rounded = mapParams(
    run.state.params,
    (weight) => tf.tensor(round(weight.dataSync<"float32">()), weight.shape),
  );
  disposeParams(run.state.params);
  run.state = { ...run.state, params: rounded };
}

/** Rounds to the nearest number of bfloat16, of two equally near to the even one. */
export function toBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  bits.forEach((word, i) => bits[i] = (word + 0x7fff + (word >>> 16 & 1)) >>> 16 << 16);
  return new Float32Array(bits.buffer);
}
