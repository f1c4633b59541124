/**
 * The training step of the course's model on random sentences, none of them padded.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type BackendName, type CompileMode, type Precision, useBackend } from "lib/backend/mod.ts";
import { initializeParams, modelConfig } from "lib/model/mod.ts";
import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { createPrograms } from "lib/train/mod.ts";
import { randomBatch } from "./_random_batch.ts";
import { describeBackend, readSpec, serve } from "./_serve.ts";

interface Spec {
  readonly batchSize: number;
  readonly length: number;
  readonly layers: number;
  readonly mode: CompileMode;
  readonly precision: Precision;
  readonly backend?: BackendName;
  readonly device?: "gpu" | "cpu";
}

const LEARNING_RATE = 1e-3;
const WEIGHT_DECAY = 0.1;
const MAX_NORM = 1;

/** Makes a function that takes one step and gives its loss. */
function stepper(spec: Spec): () => number {
  const { batchSize, length, layers, mode, precision } = spec;
  const model = modelConfig({ initialization: "normal", dropout: 0, layers });
  const transform = adamw(LEARNING_RATE, { weightDecay: WEIGHT_DECAY });
  const settings = { model, transform, labelSmoothing: 0, maxNorm: MAX_NORM };
  const { update } = createPrograms(settings, { mode, precision });
  const microBatches = [randomBatch(spec, model.vocabSize)];
  const targetCount = tf.scalar(batchSize * length);
  let params = initializeParams(model, 1), optimizer = transform.init(params), step = 0;
  return () => {
    const scalars = scalarTensors(transform.scalars(step++));
    const next = update({ params, optimizer, microBatches, targetCount, scalars });
    disposeParams(params, optimizer, scalars);
    ({ params, optimizer } = next);
    const [loss = NaN] = next.loss.dataSync();
    tf.dispose([next.loss, next.gradNorm, next.weightSum ?? []]);
    return loss;
  };
}

const spec = readSpec<Spec>();
const { backend: name = "tensorflow", device } = spec;
const backend = await useBackend({ backend: name, ...(device !== undefined && { device }) });
await serve(describeBackend(backend), stepper(spec));
