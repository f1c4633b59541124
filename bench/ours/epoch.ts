/**
 * Epochs of training on so many sentences of `plain`, or the making of their batches alone.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { createRun, type Run, runConfig, toDevice, train } from "lib/train/mod.ts";
import { describeBackend, readSpec, serve, type Unit } from "./_serve.ts";

interface Spec {
  readonly examples: number;
  readonly isLoadingOnly: boolean;
}

/** More than are asked for. */
const EPOCHS = 1000;
/** Steps before the first epoch that counts: in these the step is compiled. */
const WARM_UP_STEPS = 3;

/** Makes the tensors of an epoch's batches, as the loop does. */
function loader({ corpus }: Run): Unit {
  const batches = corpus.loader.batches();
  return () => {
    for (let i = 0; i < corpus.loader.batchesPerEpoch; i++) {
      const { value } = batches.next();
      tf.dispose(toDevice(value));
    }
  };
}

/** Takes an epoch's steps; a validation lies among them. */
async function learner(run: Run): Promise<Unit> {
  const events = train(run);
  const takeSteps = async (count: number) => {
    let loss = NaN;
    for (let taken = 0; taken < count;) {
      const { value } = await events.next();
      if (value?.kind !== "step") continue;
      loss = value.loss;
      taken++;
    }
    return loss;
  };
  await takeSteps(WARM_UP_STEPS);
  return () => takeSteps(run.plan.stepsPerEpoch);
}

const { examples, isLoadingOnly } = readSpec<Spec>();
const backend = await useBackend({ backend: "tensorflow" });
const run = createRun(runConfig({
  data: { examples },
  train: { epochs: EPOCHS, samples: 0 },
}));
await serve(describeBackend(backend), isLoadingOnly ? loader(run) : await learner(run));
