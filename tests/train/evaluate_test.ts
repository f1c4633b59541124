import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { createRun, evaluate, type EvaluationSet, modelOf } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();
const run = createRun(tinyConfig({ data: { level: "variable", examples: 300 } }));
const { validation } = run.corpus;

/** float32 losses of a thousand targets, summed in float64. */
const TOLERANCE = 1e-5;

/** A model that gives each target the loss that `lossOf` says. */
function withLosses(lossOf: (label: number, place: number) => number) {
  const losses = ({ batch }: { batch: { labels: tf.Tensor } }) =>
    tf.tensor1d([...batch.labels.dataSync()].map((label, i) => label < 0 ? 0 : lossOf(label, i)));
  return { ...modelOf(run), programs: { losses } };
}

Deno.test("evaluate() finds no gap in a model that gives the oracle's own losses", async () => {
  const place = new Map<number, number>();
  let index = 0;
  for (const batch of validation.batches()) {
    const [, length] = batch.shape;
    for (const [row, example] of batch.indices.entries()) {
      const { losses } = validation.references[example] ?? { losses: [] };
      for (let i = 0; i < losses.length; i++) place.set(index + row * length + i, losses[i] ?? NaN);
    }
    index += 0; // one batch: 30 sentences
  }
  const evaluation = await evaluate(withLosses((_, i) => place.get(i) ?? NaN), validation);
  assertAlmostEquals(evaluation?.gap ?? NaN, 0, TOLERANCE);
  assertAlmostEquals(evaluation?.gapStandardError ?? NaN, 0, TOLERANCE);
});

Deno.test("evaluate() takes the mean over targets, not over sentences, and no padding", async () => {
  const evaluation = await evaluate(withLosses(() => 5), validation);
  const targets = validation.references.reduce((sum, { losses }) => sum + losses.length, 0);
  assertEquals(evaluation?.targets, targets);
  assertAlmostEquals(evaluation?.loss ?? NaN, 5, TOLERANCE);
  assertAlmostEquals(evaluation?.perplexity ?? NaN, Math.exp(5), Math.exp(5) * TOLERANCE);
  const sum = validation.references
    .reduce((total, { losses }) => total + Array.from(losses).reduce((a, b) => a + b, 0), 0);
  assertAlmostEquals(evaluation?.oracleLoss ?? NaN, sum / targets, TOLERANCE);
});

Deno.test("evaluate() splits losses and targets by slot without losing any", async () => {
  const evaluation = await evaluate(modelOf(run), validation);
  const { slots = [], targets = 0, loss = NaN } = evaluation ?? {};
  assertEquals(slots.reduce((sum, slot) => sum + slot.targets, 0), targets);
  const weighted = slots.reduce((sum, slot) => sum + slot.loss * slot.targets, 0) / targets;
  assertAlmostEquals(weighted, loss, TOLERANCE);
  assertEquals(slots[0]?.slot, "The");
});

Deno.test("evaluate() gives a standard error that covers the gap's spread over halves", async () => {
  // Sentences alternate between losses of 1 and 3 over the oracle: half the spread is 1.
  const references = validation.references.map(({ slots }) => ({
    slots: slots.slice(0, 1),
    losses: [0],
  }));
  const set: EvaluationSet = { ...validation, references };
  const [, length] = [...validation.batches()][0]?.shape ?? [0, 1];
  const model = withLosses((_, i) => Math.floor(i / length) % 2 === 0 ? 1 : 3);
  const evaluation = await evaluate(model, set);
  assertAlmostEquals(evaluation?.gap ?? NaN, 2, TOLERANCE);
  assertAlmostEquals(
    evaluation?.gapStandardError ?? NaN,
    1 / Math.sqrt(references.length),
    TOLERANCE,
  );
});

Deno.test("evaluate() gives null when it was asked to stop, and frees everything", async () => {
  const before = tf.memory().numTensors;
  assertEquals(await evaluate(modelOf(run), validation, AbortSignal.abort()), null);
  await evaluate(modelOf(run), validation);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("evaluate() refuses a sentence that the oracle has not seen", async () => {
  await assertRejects(
    () => evaluate(modelOf(run), { ...validation, references: [] }),
    RangeError,
    "Cannot evaluate: expected the oracle's losses of sentence 0",
  );
});
