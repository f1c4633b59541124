import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { warmupCosine } from "lib/schedule/mod.ts";
import { beginRun, parseTrainCommand, readConfig, reopenRun } from "lib/run/mod.ts";
import { createRun, resumeRun, train } from "lib/train/mod.ts";
import { digestOf } from "../support/training_process.ts";
import { runTraining, TINY } from "../support/train_toy_process.ts";
import { collect, lossBits, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

/** A run of two epochs, 24 steps, trained to its end. */
async function finished(train_: Record<string, unknown>): Promise<CheckpointStore> {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  await collect(train(createRun(tinyConfig({ train: train_ }), { store })));
  return store;
}

Deno.test("resumeRun() with more epochs goes on bit for bit as the longer run, at a constant rate", async () => {
  const settings = { schedule: "constant" };
  const whole = createRun(tinyConfig({ train: { ...settings, epochs: 4 } }));
  const expected = lossBits(await collect(train(whole)));
  const { run, change } = resumeRun(await finished(settings), { epochs: 4 });
  assertEquals(
    change,
    "4 epochs in place of 2: 48 steps in place of 24; the rate (constant) stays 1.50e-3",
  );
  assertEquals(lossBits(await collect(train(run))), expected.slice(-26)); // 24 steps, 2 validations
  assertEquals(digestOf(run), digestOf(whole));
});

Deno.test("resumeRun() with more epochs lets the cosine end with them, and says so", async () => {
  const { run, change } = resumeRun(await finished({}), { epochs: 4 });
  const schedule = warmupCosine({ warmupSteps: 3, totalSteps: 48, end: 0 });
  assertEquals(
    change,
    "4 epochs in place of 2: 48 steps in place of 24; the rate (cosine) now ends there: " +
      `the next step takes ${(1.5e-3 * schedule(24)).toExponential(2)} in place of 0.00e+0`,
  );
  const rates = (await collect(train(run))).flatMap((event) =>
    event.kind === "step" ? [event.lr] : []
  );
  assertEquals(rates, Array.from({ length: 24 }, (_, i) => 1.5e-3 * schedule(24 + i)));
});

Deno.test("resumeRun() with epochs trains a run further whose length was given in steps or tokens", async () => {
  const length = { "20 steps": { steps: 20 }, "4000 tokens": { tokens: 4000 } };
  for (const [text, setting] of Object.entries(length)) {
    const store = await finished({ ...setting, schedule: "constant" });
    const { run: before, change: none } = resumeRun(store);
    assertEquals([before.state.step, none], [before.plan.totalSteps, undefined]);
    const { run, change } = resumeRun(store, { epochs: 4 });
    assertEquals(
      change,
      `4 epochs in place of ${text}: 48 steps in place of ${before.plan.totalSteps}; ` +
        "the rate (constant) stays 1.50e-3",
    );
    await collect(train(run));
    assertEquals(run.state.step, 48);
  }
});

Deno.test("resumeRun() refuses epochs that have gone by, and a run that early stop has ended", async () => {
  const store = await finished({});
  assertThrows(
    () => resumeRun(store, { epochs: 1 }),
    ConfigError,
    "expected more than the 2 epochs that the run has behind it, got train.epochs 1",
  );
  assertEquals(resumeRun(store, { epochs: 2 }).change, undefined);
  const stopped = await finished({ patience: 2, minChange: 10, evalEvery: 3 });
  assertThrows(
    () => resumeRun(stopped, { epochs: 9 }),
    ConfigError,
    "expected a run that early stop has not ended, got one that it ended at step 6",
  );
});

Deno.test("reopenRun() with more epochs changes config.json, and nothing else of it", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig();
  const { run, folder } = beginRun(config, { root, environment: { deno: "x" } });
  await collect(train(run));
  reopenRun({ root, epochs: 4 });
  const path = `${folder}/config.json`,
    { name, environment } = JSON.parse(Deno.readTextFileSync(path));
  assertEquals([name, environment], ["plain-001", { deno: "x" }]);
  assertEquals(readConfig(path, {}), { ...config, train: { ...config.train, epochs: 4 } });
});

Deno.test("reopenRun() tells of a best checkpoint that is damaged or gone", async () => {
  const root = Deno.makeTempDirSync();
  await collect(train(beginRun(tinyConfig({ train: { lr: 1e-9 } }), { root, name: "x" }).run));
  const best = `${root}/checkpoints/x/best`;
  assertEquals(reopenRun({ root }).warnings, []);
  Deno.removeSync(best);
  const [warning] = reopenRun({ root }).warnings;
  assertStringIncludes(warning ?? "", 'Cannot load checkpoint "best" of');
});

Deno.test("parseTrainCommand() takes --epochs with --resume, and names every other setting", () => {
  assertEquals(parseTrainCommand(["--resume", "--epochs", "12"]).epochs, 12);
  assertEquals(parseTrainCommand(["--epochs", "12"]).epochs, undefined);
  const others = ["--resume", "--epochs", "3", "--lr", "1", "--hidden-size", "8", "--overwrite"];
  assertThrows(
    () => parseTrainCommand(others),
    ConfigError,
    "expected --resume with at most --name, --epochs, ranks and a device, got --hidden-size, --lr, --overwrite too",
  );
});

Deno.test("train_toy.ts --resume --epochs trains a finished run further", async () => {
  const folder = Deno.makeTempDirSync();
  assertEquals((await runTraining(folder, TINY)).code, 0);
  const { code, out, err } = await runTraining(folder, "--resume --epochs 3");
  assertEquals(code, 0, err);
  assert(
    out.includes("Changed 3 epochs in place of 2: 36 steps in place of 24; the rate (cosine)"),
  );
  assertStringIncludes(out, "36 steps, ");
  const refused = await runTraining(folder, "--resume --epochs 2");
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.err, "expected more than the 3 epochs");
});
