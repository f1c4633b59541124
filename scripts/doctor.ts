/**
 * Shows what carries out the tensor work on this machine, and proves that it computes correctly.
 *
 * `./denow task doctor`; exit code 1, with the cure, where something is wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { diagnose, type Finding, type PreparedStep } from "lib/backend/mod.ts";
import { createPrograms, createRun, runConfig, stepInput } from "lib/train/mod.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";

/**
 * The exercise's model on a few sentences: the operations are the same, whatever the batch. With
 * dropout, so that its draws are seen to agree.
 */
const BATCH_SIZE = 8, EXAMPLES = 100, DROPOUT = 0.1;

/** Prepares the first step of the exercise's run. */
function trainingStep(): PreparedStep {
  const settings = {
    data: { examples: EXAMPLES },
    model: { dropout: DROPOUT },
    train: { batchSize: BATCH_SIZE, warmup: 0 },
  };
  const run = createRun(runConfig(settings));
  const input = stepInput(run, [...run.corpus.loader.batches(run.state.cursor).take(1)]);
  return {
    input,
    compile: (options) => {
      const { update } = createPrograms(run.settings, { precision: "float32", ...options });
      return () => update(input);
    },
  };
}

function show({ subject, detail, problem }: Finding): void {
  const [first, ...more] = detail.split("\n");
  print(`${problem === undefined ? "ok" : "!!"}  ${subject.padEnd(15)} ${first}`);
  for (const line of more) print(`${"".padEnd(19)} ${line}`);
  for (const line of problem?.split("\n") ?? []) print(`      ${line}`);
}

const { words } = readCommandLine({});
if (words.length > 0) refuse(`Cannot look: expected no words, got ${words.join(" ")}`);
await runMain(async () => {
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
});
