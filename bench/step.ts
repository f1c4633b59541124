/**
 * The training step of the course's model, timed on demand.
 *
 * Started as `deno run -A bench/step.ts '{"batchSize": 64, "length": 12, "mode": "off"}'`. For each
 * line of standard input, a number of steps, it takes so many and writes one line of JSON:
 * `{"ms": [...], "loss": ...}`. The first line it writes, once it is ready, names the versions.
 * `bench/peer.py` speaks the same way.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import * as tf from "@tensorflow/tfjs";
import { type CompileMode, useBackend } from "lib/backend/mod.ts";
import { Random } from "lib/core/mod.ts";
import { initializeParams, modelConfig } from "lib/model/mod.ts";
import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { createPrograms, type MicroBatch } from "lib/train/mod.ts";

interface Spec {
  readonly batchSize: number;
  readonly length: number;
  readonly mode: CompileMode;
}

const LEARNING_RATE = 1e-3;
const WEIGHT_DECAY = 0.1;
const MAX_NORM = 1;

/** Random sentences, none of them padded. */
function randomBatch({ batchSize: B, length: T }: Spec, vocabSize: number): MicroBatch {
  const random = new Random(1);
  const rows = Array.from(
    { length: B },
    () => Array.from({ length: T + 1 }, () => random.integer(vocabSize)),
  );
  return {
    ids: tf.tensor2d(rows.map((row) => row.slice(0, T)), [B, T], "int32"),
    mask: tf.ones([B, T]),
    labels: tf.tensor1d(rows.flatMap((row) => row.slice(1)), "int32"),
    dropoutSeed: tf.tensor1d([1, 1], "int32"),
  };
}

/** Makes a function that takes one step and gives its loss. */
function stepper(spec: Spec): () => number {
  const model = modelConfig({ initialization: "normal", dropout: 0 });
  const transform = adamw(LEARNING_RATE, { weightDecay: WEIGHT_DECAY });
  const settings = { model, transform, labelSmoothing: 0, maxNorm: MAX_NORM };
  const { update } = createPrograms(settings, { mode: spec.mode, precision: "float32" });
  const microBatches = [randomBatch(spec, model.vocabSize)];
  const targetCount = tf.scalar(spec.batchSize * spec.length);
  let params = initializeParams(model, 1), optimizer = transform.init(params), step = 0;
  return () => {
    const scalars = scalarTensors(transform.scalars(step++));
    const next = update({ params, optimizer, microBatches, targetCount, scalars });
    disposeParams(params, optimizer, scalars);
    ({ params, optimizer } = next);
    const [loss = NaN] = next.loss.dataSync();
    tf.dispose([next.loss, next.gradNorm]);
    return loss;
  };
}

function write(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
}

const { version, threads } = await useBackend({ backend: "tensorflow" });
// The script that starts this one wrote the argument.
const takeStep = stepper(JSON.parse(Deno.args[0] ?? "{}") as Spec);
write({ versions: `TensorFlow ${version}, Deno ${Deno.version.deno}, ${threads} threads` });
for await (const line of createInterface({ input: process.stdin })) {
  let loss = NaN;
  const ms = Array.from({ length: Number(line) }, () => {
    const start = performance.now();
    loss = takeStep();
    return performance.now() - start;
  });
  write({ ms, loss });
}
