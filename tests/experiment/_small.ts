import { type Cell, planCells } from "lib/experiment/mod.ts";

/** Settings that train in a fraction of a second. */
export const SMALL = {
  data: { examples: 200 },
  model: { layers: 1, hiddenSize: 16, feedForwardSize: 16, dropout: 0.1 },
  train: { epochs: 1, warmup: 0, samples: 0, batchSize: 32 },
  compute: { compile: "graph" },
} as const;

/** Cells with two rates and some seeds. */
export function smallCells(seeds: readonly number[]): Cell[] {
  return planCells({ base: SMALL, axes: [{ setting: "train.lr", values: [1e-3, 1e-2] }], seeds });
}
