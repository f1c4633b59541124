import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { beginRun, reopenRun } from "lib/run/mod.ts";
import { createRun, train, type TrainEvent } from "lib/train/mod.ts";
import { runTraining, startTraining, TINY } from "../support/train_toy_process.ts";
import { collect, lossBits, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const REFUSAL = "Cannot train: expected a run that no loop trains yet, got one under way at step ";

Deno.test("train() refuses a second loop on a run; the first goes on as if alone", async () => {
  const alone = lossBits(await collect(train(createRun(tinyConfig()))));
  const run = createRun(tinyConfig()), first = collect(train(run));
  await assertRejects(() => collect(train(run)), DOMException, REFUSAL);
  assertEquals(lossBits(await first), alone);
  // After its end, however it came, the run is free.
  assertEquals((await collect(train(run))).map(({ kind }) => kind), ["end"]);
});

Deno.test("train() refuses a second run on the checkpoints of one that is being trained", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const first = collect(train(createRun(tinyConfig(), { store })));
  const other = createRun(tinyConfig(), { store: CheckpointStore.open(store.path) });
  await assertRejects(() => collect(train(other)), DOMException, REFUSAL);
  await first;
  assertEquals(store.load("last").step, 24);
});

Deno.test("train() lets a run go that was left by break or by an error", async () => {
  const run = createRun(tinyConfig());
  for await (const _ of train(run)) break;
  const fail = async () => {
    for await (const _ of train(run)) throw new SyntaxError("planted");
  };
  await assertRejects(fail, SyntaxError, "planted");
  assertEquals((await collect(train(run))).at(-1)?.step, 24);
});

Deno.test("beginRun() and reopenRun() leave a run alone that a loop of this process trains", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig();
  const { run } = beginRun(config, { root, name: "x" }), saved = Promise.withResolvers<void>();
  const toTheEnd = async () => {
    const events: TrainEvent[] = [];
    for await (const event of train(run)) {
      events.push(event);
      if (event.kind === "checkpoint") saved.resolve();
    }
    return events;
  };
  const first = toTheEnd();
  await saved.promise;
  const text =
    `Cannot use ${root}/checkpoints/x: expected a run that no loop trains, got one under`;
  assertThrows(() => beginRun(config, { root, name: "x", overwrite: true }), DOMException, text);
  assertThrows(() => reopenRun({ root, name: "x" }), DOMException, text);
  assertEquals((await first).at(-1), { kind: "end", step: 24, reason: "finished" });
  assertEquals(reopenRun({ root, name: "x" }).run.state.step, 24);
});

Deno.test("train_toy.ts keeps other processes from a run under way, and none when it was killed", async () => {
  const folder = Deno.makeTempDirSync(),
    { child, says, ended } = startTraining(folder, `${TINY} --epochs 4000`);
  assert(await says(/step 12 /));
  for (
    const flags of ["--resume", "--resume --name plain-001", `${TINY} --name plain-001 --overwrite`]
  ) {
    const { code, err } = await runTraining(folder, flags);
    assertEquals(code, 1, flags);
    assertMatch(
      err,
      /^Cannot write to \.\/checkpoints\/plain-001: expected no other process at work on it, got process \d+ on \S+, at work since 2\d\d\d-.*; wait for its end, or choose another name\n/,
      flags,
    );
    assert(err.includes(`process ${child.pid} `), err);
  }
  child.kill("SIGINT");
  assertEquals((await ended).code, 130);
  const steps = readCsv(`${folder}/runs/plain-001/metrics.csv`).rows.map(({ step }) => step);
  assertEquals(steps, steps.map((_, i) => i), "no step is missing or doubled");

  const killed = startTraining(folder, "--resume");
  assert(await killed.says(/step \d+\/48000/));
  killed.child.kill("SIGKILL");
  await killed.ended;
  const { code, err } = await runTraining(folder, `${TINY} --name plain-001 --overwrite`);
  assertEquals(code, 0, err);
});

Deno.test("train_toy.ts gives runs that start at once a name each", async () => {
  const folder = Deno.makeTempDirSync();
  const runs = await Promise.all([1, 2, 3].map(() => runTraining(folder, `${TINY} --epochs 1`)));
  assertEquals(runs.map(({ code }) => code), [0, 0, 0], runs.map(({ err }) => err).join());
  const names = [...Deno.readDirSync(`${folder}/runs`)].map(({ name }) => name).sort();
  assertEquals(names, ["plain-001", "plain-002", "plain-003"]);
});
