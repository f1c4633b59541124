/**
 * The training step of the course's model on random sentences, shared by ranks of this machine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import type { Cluster } from "lib/distributed/mod.ts";
import { initializeParams, modelConfig } from "lib/model/mod.ts";
import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { createPrograms, type StepInput, type StepOutput } from "lib/train/mod.ts";
import { agreeOn, followUnits, joinRanks, type RankSpec } from "./_cluster.ts";
import { randomBatch } from "./_random_batch.ts";
import { describeBackend, readSpec, serve, type Told } from "./_serve.ts";

interface Spec extends RankSpec {
  readonly batchSize: number;
  readonly length: number;
  readonly threads: number;
}

const LEARNING_RATE = 1e-3, WEIGHT_DECAY = 0.1, MAX_NORM = 1;

/** Makes a function that takes one step and gives its loss and the time of the all-reduce. */
function stepper(spec: Spec, cluster: Cluster | null): () => Promise<Told> {
  const model = modelConfig({ initialization: "normal", dropout: 0 });
  const transform = adamw(LEARNING_RATE, { weightDecay: WEIGHT_DECAY });
  const settings = { model, transform, labelSmoothing: 0, maxNorm: MAX_NORM };
  const { update, halves } = createPrograms(settings, { mode: "xla", precision: "float32" });
  const { rank = 0, ranks = 1 } = cluster ?? {};
  const microBatches = [randomBatch(spec, model.vocabSize, { rank, ranks })];
  const targetCount = tf.scalar(spec.batchSize * spec.length), stop = tf.scalar(0);
  let exchangeMs = 0;

  const updateTogether = async (input: StepInput, all: Cluster): Promise<StepOutput> => {
    if (halves === undefined) throw new TypeError("Cannot share a step: expected its halves");
    const share = halves.share({ ...input, stop });
    const start = performance.now(), sum = await all.sum(share);
    exchangeMs = performance.now() - start;
    const { stop: wishes, ...output } = halves.apply({ ...input, sum });
    tf.dispose([share, sum, wishes]);
    return output;
  };

  let params = initializeParams(model, 1), optimizer = transform.init(params), step = 0;
  return async () => {
    const scalars = scalarTensors(transform.scalars(step++));
    const input = { params, optimizer, microBatches, targetCount, scalars };
    const next = cluster === null ? update(input) : await updateTogether(input, cluster);
    disposeParams(params, optimizer, scalars);
    ({ params, optimizer } = next);
    const [loss = NaN] = next.loss.dataSync();
    tf.dispose([next.loss, next.gradNorm, next.weightSum ?? []]);
    return cluster === null ? { loss } : { loss, exchangeMs };
  };
}

const spec = readSpec<Spec>();
const backend = await useBackend({ backend: "tensorflow", threads: spec.threads });
const cluster = await joinRanks(spec), step = stepper(spec, cluster);
if (cluster !== null && cluster.rank > 0) await followUnits(cluster, step);
else await serve(describeBackend(backend), step, (units) => agreeOn(cluster, units));
Deno.exit(0);
