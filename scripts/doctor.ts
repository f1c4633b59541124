/**
 * Shows what carries out the tensor work on this machine, and proves that it computes correctly.
 *
 * `deno run -A scripts/doctor.ts`; exit code 1, with the cure, where something is wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { diagnose, type Finding, type PreparedStep } from "lib/backend/mod.ts";
import { scalarTensors } from "lib/optimizer/mod.ts";
import { createPrograms, createRun, runConfig, type StepInput, toDevice } from "lib/train/mod.ts";

/** The exercise's model on a few sentences: the operations are the same, whatever the batch. */
const BATCH_SIZE = 8, EXAMPLES = 100;

/** Prepares the first step of the exercise's run. */
function trainingStep(): PreparedStep {
  const train = { batchSize: BATCH_SIZE, warmup: 0 }, data = { examples: EXAMPLES };
  const { settings, corpus, state } = createRun(runConfig({ data, train }));
  const { params, optimizer, step, cursor } = state;
  const batches = [...corpus.loader.batches(cursor).take(1)];
  const shape = { rows: BATCH_SIZE, lengths: corpus.lengths };
  const input: StepInput = {
    params,
    optimizer,
    microBatches: batches.map((batch) => ({
      ...toDevice(batch, shape),
      dropoutSeed: tf.tensor1d([1, step], "int32"),
    })),
    targetCount: tf.scalar(batches.reduce((sum, { targets }) => sum + targets, 0)),
    scalars: scalarTensors(settings.transform.scalars(step)),
  };
  return {
    input,
    compile: (options) => {
      const { update } = createPrograms(settings, { precision: "float32", ...options });
      return () => update(input);
    },
  };
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function show({ subject, detail, problem }: Finding): void {
  const [first, ...more] = detail.split("\n");
  print(`${problem === undefined ? "ok" : "!!"}  ${subject.padEnd(15)} ${first}`);
  for (const line of more) print(`${"".padEnd(19)} ${line}`);
  for (const line of problem?.split("\n") ?? []) print(`      ${line}`);
}

const { isHealthy } = await diagnose({
  root: fileURLToPath(new URL("..", import.meta.url)),
  steps: [{ subject: "training step", prepare: trainingStep }],
  onFinding: show,
});
print(
  isHealthy
    ? "All is well. ./denow task conformance runs TensorFlow.js's own tests on this machine."
    : "Something is wrong: see the lines marked !! and their cures.",
);
Deno.exit(isHealthy ? 0 : 1);
