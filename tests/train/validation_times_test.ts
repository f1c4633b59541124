import { assert, assertEquals, assertFalse } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import {
  createRun,
  resumeRun,
  runConfig,
  train,
  type TrainEvent,
  validationDue,
} from "lib/train/mod.ts";
import { collect, lossBits, tinyConfig, type TinySettings } from "../support/tiny_runs.ts";
import { digestOf } from "../support/training_process.ts";

await useBackend();

/** Tiny steps, 60 in an epoch, so that all early validations fall into the first. */
function longEpoch(settings: TinySettings = {}) {
  return tinyConfig({
    ...settings,
    train: { batchSize: 3, earlyValidations: true, ...settings.train },
  });
}

function evaluations(events: readonly TrainEvent[]) {
  return events.flatMap((event) => event.kind === "evaluation" ? [event] : []);
}

Deno.test("validationDue() is early after 10, 20 and 50 steps of the first epoch, once each", () => {
  const dueAt = (settings: Parameters<typeof runConfig>[0], stepsPerEpoch: number) => {
    const plan = { stepsPerEpoch, totalSteps: 3 * stepsPerEpoch }, steps = [];
    for (let step = 0; step <= plan.totalSteps; step++) {
      const due = validationDue({ config: runConfig(settings), plan }, step);
      if (due !== null) steps.push(due === "early" ? `${step} early` : `${step}`);
    }
    return steps;
  };
  assertEquals(dueAt({}, 60), ["0", "10 early", "20 early", "50 early", "60", "120", "180"]);
  assertEquals(dueAt({}, 20), ["0", "10 early", "20", "40", "60"]); // an epoch's end is regular
  assertEquals(dueAt({}, 4), ["0", "4", "8", "12"]);
  const often = { train: { evalEvery: 25 } };
  assertEquals(dueAt(often, 60).slice(0, 6), ["0", "10 early", "20 early", "25", "50", "60"]);
  assertEquals(dueAt({ train: { earlyValidations: false } }, 60), ["0", "60", "120", "180"]);
});

Deno.test("early validations are measured and nothing else: no samples, no checkpoint, not best", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const run = createRun(longEpoch({ train: { samples: 2 } }), { store });
  const events = await collect(train(run)), seen = evaluations(events);
  const steps = (kind: TrainEvent["kind"]) =>
    events.filter((event) => event.kind === kind).map(({ step }) => step);
  assertEquals(seen.map(({ step }) => step), [0, 10, 20, 50, 60, 120]);
  assertEquals(seen.filter(({ isEarly }) => isEarly).map(({ step }) => step), [10, 20, 50]);
  assertEquals(steps("sample"), [0, 60, 120]);
  assertEquals(steps("checkpoint"), [0, 60, 120]);
  for (const { isEarly, isBest } of seen) assertFalse(isEarly && isBest);
  assert(seen.every(({ targets }) => targets === seen[0]?.targets)); // the whole validation set
});

Deno.test("early validations do not use up the patience", async () => {
  // Nothing counts as an improvement, so the second regular validation ends the run.
  const config = longEpoch({ train: { patience: 2, minChange: 100 } });
  const events = await collect(train(createRun(config)));
  assertEquals(events.at(-1), { kind: "end", step: 120, reason: "finished" });
});

Deno.test("early validations change no number of the training", async () => {
  const numbers = async (earlyValidations: boolean) => {
    const run = createRun(longEpoch({ train: { earlyValidations }, model: { dropout: 0.2 } }));
    const events = await collect(train(run));
    const counted = events.filter((event) => event.kind !== "evaluation" || !event.isEarly);
    return [...lossBits(counted), digestOf(run), JSON.stringify(run.state.earlyStop)];
  };
  assertEquals(await numbers(true), await numbers(false));
});

Deno.test("a run cut before, at or after an early validation goes on bit for bit", async () => {
  const config = longEpoch({ model: { dropout: 0.2 } });
  const whole = createRun(config), expected = lossBits(await collect(train(whole)));
  const cuts: [kind: TrainEvent["kind"], step: number][] = [
    ["step", 9],
    ["step", 10],
    ["evaluation", 10],
    ["step", 11],
  ];
  for (const [kind, step] of cuts) {
    const store = CheckpointStore.open(Deno.makeTempDirSync()), before: TrainEvent[] = [];
    for await (const event of train(createRun(config, { store }))) {
      before.push(event);
      if (event.kind === kind && event.step === step) break;
    }
    const { run } = resumeRun(store), after = await collect(train(run));
    assertEquals([...lossBits(before), ...lossBits(after)], expected, `cut at ${kind} ${step}`);
    assertEquals(digestOf(run), digestOf(whole));
  }
});
