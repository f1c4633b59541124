import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import {
  createRun,
  generateSamples,
  modelOf,
  resumeRun,
  type Run,
  train,
  type TrainEvent,
} from "lib/train/mod.ts";
import { digestOf } from "../support/training_process.ts";
import { count } from "../support/count.ts";
import { collect, lossBits, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const STEPS = count("steps");

function stepsOf(events: readonly TrainEvent[], kind: TrainEvent["kind"]): number[] {
  return events.filter((event) => event.kind === kind).map(({ step }) => step);
}

Deno.test("train() makes every step once, validates at the start, each epoch and the end", async () => {
  const run = createRun(tinyConfig());
  const events = await collect(train(run));
  assertEquals(stepsOf(events, "step"), Array.from({ length: 24 }, (_, i) => i + 1));
  assertEquals(stepsOf(events, "evaluation"), [0, 12, 24]);
  assertEquals(events.at(-1), { kind: "end", step: 24, reason: "finished" });
  assertEquals(run.state.tokens, 2 * 180 * 6);
});

Deno.test("train() validates every `evalEvery` steps too, and never twice at one step", async () => {
  const events = await collect(train(createRun(tinyConfig({ train: { evalEvery: 4 } }))));
  assertEquals(stepsOf(events, "evaluation"), [0, 4, 8, 12, 16, 20, 24]);
});

Deno.test("train() learns: the loss falls below the unigram loss towards the floor", async () => {
  const config = tinyConfig({ train: { epochs: 20, lr: 0.02 }, model: { hiddenSize: 32 } });
  const run = createRun(config), events = await collect(train(run));
  const losses = events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
  assertAlmostEquals(losses[0] ?? NaN, Math.log(1000), 0.2);
  assertLess(losses.at(-1) ?? NaN, run.corpus.ladder.unigram - 1);
});

Deno.test("train() gives the same losses and weights for the same seed, others for another", async () => {
  const losses = async (seed: number) => {
    const run = createRun(tinyConfig({ seed, model: { dropout: 0.1 } }));
    return [...lossBits(await collect(train(run))), digestOf(run)];
  };
  const first = await losses(1);
  assertEquals(await losses(1), first);
  assertNotEquals((await losses(2))[0], first[0]);
});

Deno.test("train() takes 4 micro-batches of 15 for one batch of 60", async () => {
  const model = { dropout: 0 }; // micro-batches draw masks of their own
  const few = createRun(tinyConfig({ model, train: { accumulation: 4, epochs: 3, warmup: 0 } }));
  const one = createRun(tinyConfig({ model, train: { batchSize: 60, epochs: 3, warmup: 0 } }));
  const losses = (events: readonly TrainEvent[]) =>
    events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
  const fewLosses = losses(await collect(train(few)));
  const oneLosses = losses(await collect(train(one)));
  // The loader shuffles alike whatever the batch size; what is left is the order of float32 sums.
  const TOLERANCE = 2e-5;
  assertEquals(fewLosses.length, 9);
  fewLosses.forEach((loss, i) => assertAlmostEquals(loss, oneLosses[i] ?? NaN, TOLERANCE));
});

Deno.test("train() ends early when the validation loss no longer falls", async () => {
  const train_ = { patience: 2, minChange: 10, evalEvery: 3 };
  const events = await collect(train(createRun(tinyConfig({ train: train_ }))));
  assertEquals(events.at(-1), { kind: "end", step: 6, reason: "early stop" });
});

Deno.test("train() saves best, last and previous, and knows which was best", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const run = createRun(tinyConfig({ train: { evalEvery: 6 } }), { store });
  const events = await collect(train(run));
  const evaluations = events.flatMap((event) => event.kind === "evaluation" ? [event] : []);
  const best = evaluations.reduce((a, b) => b.loss < a.loss ? b : a);
  assertEquals(store.load("best").step, best.step);
  assertEquals(store.load("last").step, 24);
  assertEquals(stepsOf(events, "checkpoint"), [0, 6, 12, 18, 24]);
  assertEquals(run.state.earlyStop.bestLoss, best.loss);
});

Deno.test("train() saves on `break`, and on an abort ends after the step under way", async () => {
  const broken = CheckpointStore.open(Deno.makeTempDirSync());
  for await (const event of train(createRun(tinyConfig(), { store: broken }))) {
    if (event.kind === "step" && event.step === 5) break;
  }
  assertEquals(broken.load("last").step, 5);

  const aborted = CheckpointStore.open(Deno.makeTempDirSync()), controller = new AbortController();
  const events: TrainEvent[] = [];
  const run = createRun(tinyConfig(), { store: aborted });
  for await (const event of train(run, { signal: controller.signal })) {
    events.push(event);
    if (event.kind === "step" && event.step === 7) controller.abort();
  }
  assertEquals(events.at(-1), { kind: "end", step: 7, reason: "interrupted" });
  assertEquals(aborted.load("last").step, 7);
});

Deno.test("train() goes on bit for bit from any step, with dropout and accumulation", async () => {
  const config = tinyConfig({
    data: { level: "variable", lengthBuckets: true },
    model: { dropout: 0.2 },
    train: { accumulation: 2, evalEvery: 4, patience: 50 },
  });
  const whole = createRun(config), expected = lossBits(await collect(train(whole)));
  for (const cut of [1, 4, 7]) {
    const store = CheckpointStore.open(Deno.makeTempDirSync()), before: TrainEvent[] = [];
    for await (const event of train(createRun(config, { store }))) {
      before.push(event);
      if (event.kind === "step" && event.step === cut) break;
    }
    const { run } = resumeRun(store), after = await collect(train(run));
    assertEquals([...lossBits(before), ...lossBits(after)], expected, `cut at ${cut}`);
    assertEquals(digestOf(run), digestOf(whole));
    assertEquals(run.state.earlyStop, whole.state.earlyStop);
  }
});

Deno.test("train() says so when the validation loss lies below what is possible", async () => {
  const run = createRun(tinyConfig({ train: { epochs: 1 } }));
  // A planted leak: an oracle that knows less than it should.
  const references = run.corpus.validation.references
    .map(({ losses, slots }) => ({ slots, losses: Array.from(losses, () => 8) }));
  const leaky: Run = {
    ...run,
    corpus: { ...run.corpus, validation: { ...run.corpus.validation, references } },
  };
  const notices = (await collect(train(leaky))).filter(({ kind }) => kind === "notice");
  assertEquals(notices.length, 2);
  const [notice] = notices;
  assert(notice?.kind === "notice" && notice.message.includes("something leaks"));
});

Deno.test(`train() holds as many tensors and handles after ${STEPS} steps as after 10`, async () => {
  const settings = { model: { dropout: 0.1 }, train: { steps: STEPS, samples: 3 } };
  const run = createRun(tinyConfig(settings));
  const counts = new Map<number, [number, number]>();
  for await (const event of train(run)) {
    if (event.kind === "step") counts.set(event.step, [tf.memory().numTensors, handleCount()]);
  }
  assertEquals(counts.get(STEPS), counts.get(10));
  assertEquals(
    [...counts.values()].filter(([tensors]) => tensors > (counts.get(10)?.[0] ?? 0)),
    [],
  );
});

Deno.test("modelOf() gives the parameters as they are now", async () => {
  const run = createRun(tinyConfig({ train: { epochs: 1 } })), before = modelOf(run).params;
  await collect(train(run));
  assert(modelOf(run).params === run.state.params && modelOf(run).params !== before);
});

Deno.test("train() asked to stop while it samples goes on as if it had not been", async () => {
  const config = tinyConfig({ train: { samples: 40 } });
  const whole = createRun(config), expected = await collect(train(whole));
  const store = CheckpointStore.open(Deno.makeTempDirSync()), controller = new AbortController();
  const stopped = createRun(config, { store });
  // The first program that generation calls, in the second validation.
  let calls = 0;
  const decode = stopped.programs.generation?.decode;
  assert(decode !== undefined);
  const counting: typeof decode = (input) => {
    if (stopped.state.step > 0 && ++calls === 1) controller.abort();
    return decode(input);
  };
  const generation = { ...stopped.programs.generation, decode: counting };
  Object.assign(stopped.programs, { generation });
  const before = await collect(train(stopped, { signal: controller.signal }));
  assertEquals(calls, 1);
  assertEquals(before.at(-1), { kind: "end", step: 12, reason: "interrupted" });
  const after = await collect(train(resumeRun(store).run));
  const kinds = (events: readonly TrainEvent[]) =>
    events.filter(({ kind }) => kind !== "end" && kind !== "checkpoint")
      .map(({ kind, step }) => `${kind} ${step}`);
  assertEquals([...kinds(before), ...kinds(after)], kinds(expected));
  assertEquals([...lossBits(before), ...lossBits(after)], lossBits(expected));
});

Deno.test("generateSamples() gives null when it was asked to stop, and frees everything", async () => {
  const run = createRun(tinyConfig({ train: { samples: 40 } }));
  await generateSamples(run);
  const before = tf.memory().numTensors;
  assertEquals(await generateSamples(run, AbortSignal.abort()), null);
  assertEquals(tf.memory().numTensors, before);
});
