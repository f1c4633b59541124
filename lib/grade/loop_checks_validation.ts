import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { forward, type ModelConfig, targetLosses } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { MicroBatch } from "lib/train/mod.ts";
import { mistakesByValue, numbersOf, tensorsLeft, tinyModel } from "./_loop_cases.ts";
import { check, expectClose, expectThat } from "./check.ts";

/** A batch to measure a model on. */
export type MeasuredBatch = MicroBatch & {
  /** How many labels are not −100. */
  readonly targets: number;
};

/** A student's validation: loss and perplexity over all batches. */
export type Evaluate = (
  params: Params,
  batches: readonly MeasuredBatch[],
  model: ModelConfig,
) => { readonly loss: number; readonly perplexity: number };

/**
 * Checks exercise 3.8a, validation: the mean over all targets, with nothing dropped.
 *
 * @param evaluate The student's function.
 * @throws {CheckError} If loss or perplexity is wrong, or tensors are left behind.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkEvaluate } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await useBackend();
 * const guess = () => ({ loss: Math.log(13), perplexity: 13 });
 * await assertRejects(() => checkEvaluate(guess), Error, "expected the loss over 8 targets");
 * ```
 */
export async function checkEvaluate(evaluate: Evaluate): Promise<void> {
  await check("evaluate", () =>
    tf.tidy(() => {
      const { config, params } = tinyModel({ dropout: 0.5 }), batches = measuredBatches();
      const got = evaluate(params, batches, config);
      const sumsOf = (isDropping: boolean) =>
        batches.map((batch) => {
          const { mask, dropoutSeed } = batch;
          const options = isDropping ? { mask, dropoutSeed } : { mask };
          const { logits } = forward(config, params, batch.ids, options);
          return numbersOf(targetLosses(logits, batch.labels)).reduce((a, b) => a + b);
        });
      const targets = batches.map((batch) => batch.targets);
      expectLoss(got?.loss, { sums: sumsOf(false), dropped: sumsOf(true), targets });
      const perplexities = sumsOf(false).map((sum, i) => Math.exp(sum / (targets[i] ?? NaN)));
      const { loss } = got, average = mean(perplexities);
      const weighted = perplexities.reduce((sum, one, i) => sum + one * (targets[i] ?? 0), 0) /
        total(targets);
      expectClose(got.perplexity, Math.exp(loss), {
        what: "the perplexity",
        mistakes: mistakesByValue(got.perplexity, [
          [average, "this is the mean of the batches' perplexities: it is exp of the mean loss"],
          [weighted, "this is the mean of the batches' perplexities: it is exp of the mean loss"],
          [2 ** loss, "this is 2 to the loss: losses are in nats, so the base is e"],
        ]),
      });
      const left = tensorsLeft(() => evaluate(params, batches, config));
      expectThat(left === 0, `expected no tensor left behind, got ${left}`, [
        { when: true, says: "a validation makes many tensors: wrap each batch in tf.tidy" },
      ]);
    }));
}

/** Two batches of unlike size: 6 targets in two sentences, 2 targets and much padding. */
function measuredBatches(): MeasuredBatch[] {
  const batch = (ids: number[][], labels: number[][], targets: number): MeasuredBatch => ({
    ids: tf.tensor2d(ids, [ids.length, 4], "int32"),
    mask: tf.tensor2d(ids.map((row) => row.map((id) => id === 0 ? 0 : 1))),
    labels: tf.tensor1d(labels.flat().map((id) => id === 0 ? IGNORE_INDEX : id), "int32"),
    dropoutSeed: tf.tensor1d([1, targets], "int32"),
    targets,
  });
  return [
    batch([[1, 4, 6, 0], [1, 4, 7, 0]], [[4, 6, 2, 0], [4, 7, 2, 0]], 6),
    batch([[1, 9, 0, 0]], [[9, 2, 0, 0]], 2),
  ];
}

interface Sums {
  readonly sums: readonly number[];
  readonly dropped: readonly number[];
  readonly targets: readonly number[];
}

function expectLoss(loss: unknown, { sums, dropped, targets }: Sums): void {
  const meanOfMeans = (of: readonly number[]) =>
    mean(of.map((sum, i) => sum / (targets[i] ?? NaN)));
  const droppedSays =
    "dropout is on: leave dropoutSeed out of forward, an evaluation drops nothing";
  const meansSays =
    "this is the mean of the batches' means, where a small batch weighs as much as a large one: " +
    "add up sums, and divide by all targets at the end";
  expectClose(loss, total(sums) / total(targets), {
    what: "the loss over 8 targets",
    mistakes: mistakesByValue(loss, [
      [total(dropped) / total(targets), droppedSays],
      [meanOfMeans(dropped), droppedSays],
      [meanOfMeans(sums), meansSays],
      [total(sums) / 12, "pads are counted: divide by the targets, not by all places"],
      [total(sums) / 2, "this is divided by the number of batches: divide by the targets"],
      [total(sums), "this is the sum: divide by the targets"],
    ]),
  });
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mean(values: readonly number[]): number {
  return total(values) / values.length;
}
