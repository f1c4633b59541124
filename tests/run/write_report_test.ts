import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { beginRun, bestWeights, RunRecorder, writeReport } from "lib/run/mod.ts";
import { createRun, train } from "lib/train/mod.ts";
import { tokenVectors } from "lib/model/mod.ts";
import { python } from "../support/python.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

/** A run that learns 54 sentences by heart: from some step on the validation loss rises. */
const byHeart = tinyConfig({
  data: { examples: 60 },
  model: { hiddenSize: 32, feedForwardSize: 32 },
  train: { epochs: 40, lr: 0.02, schedule: "constant" },
});

/** Trains that run to its end, in a folder of its own. */
async function trainByHeart() {
  const placed = beginRun(byHeart, { root: Deno.makeTempDirSync() });
  using recorder = RunRecorder.open(placed.run, placed.folder);
  for await (const event of train(placed.run)) recorder.write(event);
  return placed;
}

const placed = await trainByHeart(), { run, folder } = placed;
const { bestStep, bestLoss } = run.state.earlyStop;

Deno.test("writeReport() speaks of the best weights where the run went on and made them worse", async () => {
  assert(bestStep > 0 && bestStep < run.state.step, `best at ${bestStep} of ${run.state.step}`);
  const { step, validation, verdict } = await writeReport(placed, { ending: "finished" });
  assertEquals(step, bestStep);
  assertEquals(validation.loss, bestLoss, "the same sentences, the same bits");
  assertEquals(verdict.evidence.step, bestStep);
  const judged = `Judged are the weights of step ${bestStep}, the best on new sentences.`;
  assertEquals(verdict.reasons[0], judged);
  const page = Deno.readTextFileSync(`${folder}/report.html`);
  assertStringIncludes(page, judged);
  assertStringIncludes(page, `nats per target token, best weights (step ${bestStep})`);
});

Deno.test("writeReport() leaves the best embeddings with their words to TensorBoard's Projector", async () => {
  await writeReport(placed, { ending: "finished" });
  using best = bestWeights(run);
  const own = tokenVectors(best.params), { tokenizer } = run.corpus;
  const read = JSON.parse(python(new URL("read_projector.py", import.meta.url), [folder]));
  assertEquals([read.name, read.header], ["tokenEmbedding.weight", "word\tslot"]);
  assertEquals(read.shape, [own.length, own[0]?.length]);
  for (const [i, value] of own[4]?.entries() ?? []) {
    assertAlmostEquals(read.row[i], value, 1e-3 * Math.abs(value));
  }
  const words: string[] = read.words.map((line: string) => line.split("\t")[0]);
  assertEquals(words, own.map((_, id) => tokenizer.tokenOf(id)));
  assert(read.words.some((line: string) => line.endsWith("\tnoun")));
});

Deno.test("bestWeights() frees what it has read, and leaves the run's own weights", () => {
  const own = { ...run.state.params };
  const best = bestWeights(run), tensors = Object.values(best.params);
  assertEquals(best.step, bestStep);
  assert(tensors.every((tensor) => !tensor.isDisposed));
  best[Symbol.dispose]();
  assert(tensors.every((tensor) => tensor.isDisposed));
  assertEquals(run.state.params, own);
  assert(Object.values(own).every((tensor) => !tensor.isDisposed));
});

Deno.test("bestWeights() of a run that is still at its best are its own, with no checkpoint read", () => {
  const fresh = createRun(byHeart);
  assertEquals(bestWeights(fresh).params, fresh.state.params);
  assertEquals(bestWeights(fresh).warning, undefined);
});

Deno.test("writeReport() judges the last weights where the best cannot be read, and says so", async () => {
  const { path } = run.store ?? { path: "" };
  Deno.removeSync(`${path}/best`);
  const { step } = await writeReport(placed, { ending: "finished" });
  assertEquals(step, run.state.step);
  const page = Deno.readTextFileSync(`${folder}/report.html`);
  assertStringIncludes(
    page,
    `those of step ${step}, not the best ones of step ${bestStep}: Cannot load`,
  );
});
