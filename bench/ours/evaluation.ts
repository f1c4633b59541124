/**
 * The evaluation of a run: the losses of the 1,000 validation sentences, and the oracle's.
 *
 * @module
 */
import { type CompileMode, type Precision, useBackend } from "lib/backend/mod.ts";
import { createRun, evaluate, modelOf, runConfig } from "lib/train/mod.ts";
import { describeBackend, readSpec, serve } from "./_serve.ts";

interface Spec {
  readonly mode: CompileMode;
  readonly precision: Precision;
}

const { mode, precision } = readSpec<Spec>();
const backend = await useBackend({ backend: "tensorflow" });
const run = createRun(runConfig({ compute: { compile: mode, precision } }));
await serve(describeBackend(backend), async () => {
  const evaluation = await evaluate(modelOf(run), run.corpus.validation);
  return evaluation?.loss; // there is no signal that could stop it
});
