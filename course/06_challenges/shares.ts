/**
 * A rank's part of a batch, and its gradient: what notebook 6 shows data parallelism with.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import type { Batch } from "lib/data/mod.ts";
import { disposeParams, param } from "lib/tensor/mod.ts";
import { computeGradients, type Run, type StepInput, stepInput } from "lib/train/mod.ts";
import type { RankGradient } from "./parts.ts";

/** The parameter whose gradient is shown. */
const SHOWN = "blocks.0.attention.qkv.weight";

/** A batch of some rows of another one. */
export function rowsOf(batch: Batch, rows: readonly number[]): Batch {
  const [, T] = batch.shape;
  const of = (all: ArrayLike<number>) =>
    rows.flatMap((row) => Array.from({ length: T }, (_, t) => all[row * T + t] ?? NaN));
  const labels = Int32Array.from(of(batch.labels));
  return {
    ...batch,
    ids: Int32Array.from(of(batch.ids)),
    mask: Float32Array.from(of(batch.mask)),
    labels,
    shape: [rows.length, T],
    indices: rows.flatMap((row) => batch.indices[row] ?? []),
    targets: labels.filter((label) => label >= 0).length,
  };
}

/** Makes a function that gives the gradient of the mean loss over a batch's targets. */
export function gradientsOf(run: Run): (batch: Batch) => RankGradient {
  const shown = compile(
    (input: StepInput) => param(computeGradients(run.settings, input).gradients, SHOWN),
    { mode: "graph", name: "gradient" },
  );
  return (batch) => {
    const input = stepInput(run, [batch]), gradient = shown(input);
    const numbers = [...gradient.dataSync<"float32">()];
    tf.dispose([gradient, input.targetCount]);
    disposeParams(input.scalars);
    for (const micro of input.microBatches) disposeParams(micro);
    return { gradient: numbers, targets: batch.targets };
  };
}
