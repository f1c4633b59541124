/**
 * The data loaders of section 1.7, three of them broken. To read on here is to spoil the hunt.
 *
 * @module
 */
import { deriveSeed, Random } from "lib/core/mod.ts";
import { type Dataset, IGNORE_INDEX, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import type { MetricsRow } from "lib/plot/mod.ts";
import { cut } from "./cases.ts";

/** What can be wrong with a loader without any error. */
export const FAULTS = [
  "nothing",
  "labels are not shifted",
  "pads carry labels",
  "labels run on into the next row",
  "the last batch is dropped",
  "examples are drawn with replacement",
  "each epoch has the same order",
] as const;

/** One of {@linkcode FAULTS}. */
export type Fault = typeof FAULTS[number];

/** A loader to look into. */
export type Suspect = "A" | "B" | "C" | "D";

/** What each loader has. */
export const GUILTY: Readonly<Record<Suspect, Fault>> = {
  A: "pads carry labels",
  B: "nothing",
  C: "labels run on into the next row",
  D: "examples are drawn with replacement",
};

/** What a loader is asked for. */
export interface EpochOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * Yields the batches of one epoch as a loader under suspicion gives them.
 *
 * @param suspect Which loader.
 * @param dataset The examples.
 * @param options Batch size, seed and epoch.
 */
export function* batchesOf(
  suspect: Suspect,
  dataset: Dataset,
  { batchSize, seed, epoch }: EpochOptions,
): Generator<PaddedBatch> {
  const fault = GUILTY[suspect], random = new Random(deriveSeed(seed, "order", epoch));
  const all = Array.from({ length: dataset.size }, (_, index) => index);
  const order = fault === "examples are drawn with replacement"
    ? all.map(() => random.integer(dataset.size))
    : random.shuffle(all);
  for (const indices of cut(order, batchSize)) {
    const batch = padBatch(indices.map((index) => dataset.at(index)), { padId: 0 });
    if (fault === "pads carry labels") yield { ...batch, labels: labelledPads(batch) };
    else if (fault === "labels run on into the next row") {
      yield { ...batch, labels: shiftedAcross(batch) };
    } else yield batch;
  }
}

function labelledPads({ labels }: PaddedBatch): Int32Array {
  return labels.map((label) => label === IGNORE_INDEX ? 0 : label);
}

/** The whole array moved by one place: what a row ends with, it takes from the next row. */
function shiftedAcross({ ids, labels }: PaddedBatch): Int32Array {
  return labels.map((label, i) => label === IGNORE_INDEX ? label : ids[i + 1] ?? IGNORE_INDEX);
}

/**
 * Learns batches by counting pairs, and says how well each was foretold before it was counted: a
 * learning curve without a network.
 *
 * @param batches The batches, in order.
 * @param options V, and what is added to each count.
 * @returns The mean loss over the labels of each batch that count, in nats.
 */
export function countingCurve(
  batches: Iterable<PaddedBatch>,
  { V, alpha }: { readonly V: number; readonly alpha: number },
): MetricsRow[] {
  const counts = new Float64Array(V * V), totals = new Float64Array(V), rows: MetricsRow[] = [];
  for (const { ids, labels } of batches) {
    const places = [...labels.keys()].filter((i) => labels[i] !== IGNORE_INDEX);
    const pairs = places.map((i) => [ids[i] ?? 0, labels[i] ?? 0] as const);
    const nats = pairs.reduce((sum, [id, next]) => {
      const p = ((counts[id * V + next] ?? 0) + alpha) / ((totals[id] ?? 0) + alpha * V);
      return sum - Math.log(p);
    }, 0);
    rows.push({ step: rows.length + 1, trainLoss: nats / pairs.length });
    for (const [id, next] of pairs) {
      counts[id * V + next] = (counts[id * V + next] ?? 0) + 1;
      totals[id] = (totals[id] ?? 0) + 1;
    }
  }
  return rows;
}
