import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointError, ConfigError } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { beginRun, readConfig, reopenRun, RunRecorder } from "lib/run/mod.ts";
import { createRun, fromCheckpoint, toCheckpoint, train } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

Deno.test("beginRun() numbers runs, and refuses, or replaces when asked, one that is there", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  const first = beginRun(config, { root });
  assertEquals([first.name, beginRun(config, { root }).name], ["plain-001", "plain-002"]);
  await collect(train(first.run));
  const again = () => beginRun(config, { root, name: "plain-001" });
  assertThrows(again, ConfigError, "choose another with --name, go on with it by --resume");
  beginRun(config, { root, name: "plain-001", overwrite: true });
  assertFalse(exists(`${root}/checkpoints/plain-001/last`));
});

Deno.test("beginRun() refuses checkpoints that were left behind under the name", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  await collect(train(beginRun(config, { root, name: "x" }).run));
  Deno.removeSync(`${root}/runs/x`, { recursive: true });
  const text = `got one with checkpoints in ${root}/checkpoints/x; choose another with --name`;
  assertThrows(() => beginRun(config, { root, name: "x" }), ConfigError, text);
  assertFalse(exists(`${root}/runs/x`));
});

Deno.test("beginRun() takes the name of a run that died before its first step, and of no other", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  beginRun(config, { root, name: "x" });
  assertThrows(
    () => reopenRun({ root, name: "x" }),
    ConfigError,
    'Cannot resume run "x": expected a checkpoint in',
  );
  Deno.removeSync(`${root}/runs/x/config.json`); // it may die even before it wrote that
  const { run, folder } = beginRun(config, { root, name: "x" });
  using recorder = RunRecorder.open(run, folder);
  for await (const event of train(run)) recorder.write(event);
  Deno.removeSync(`${root}/checkpoints/x`, { recursive: true });
  const text =
    `got ${root}/runs/x, which has no checkpoint; choose another with --name, or replace`;
  assertThrows(() => beginRun(config, { root, name: "x" }), ConfigError, text);
  assertEquals(readCsv(`${folder}/metrics.csv`).rows.length, 13);
});

Deno.test("beginRun() leaves alone what is no run's, whatever it is asked to replace", () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  Deno.mkdirSync(`${root}/checkpoints/folder`, { recursive: true });
  Deno.writeTextFileSync(`${root}/checkpoints/README.md`, "precious");
  Deno.writeTextFileSync(`${root}/checkpoints/folder/thesis.txt`, "precious");
  Deno.symlinkSync("folder", `${root}/checkpoints/link`);
  const named = {
    "README.md": `${root}/checkpoints/README.md`,
    folder: "thesis.txt",
    link: "link",
  };
  for (const [name, got] of Object.entries(named)) {
    for (const overwrite of [false, true]) {
      const text = `Cannot begin run "${name}": expected nothing but checkpoints in`;
      const { message } = assertThrows(
        () => beginRun(config, { root, name, overwrite }),
        ConfigError,
        text,
      );
      assert(message.includes(got), message);
    }
  }
  assertEquals(Deno.readTextFileSync(`${root}/checkpoints/README.md`), "precious");
  assertEquals(Deno.readTextFileSync(`${root}/checkpoints/folder/thesis.txt`), "precious");
  assertEquals([...Deno.readDirSync(`${root}/checkpoints`)].length, 3);
  assertFalse(exists(`${root}/runs`));
});

Deno.test("beginRun() makes no folder for settings that do not fit", () => {
  const root = Deno.makeTempDirSync();
  const cases: [Parameters<typeof tinyConfig>[0], string][] = [
    [
      { model: { vocabSize: 500 } },
      "expected a vocabulary of the data's 1000 entries, got model.vocabSize 500",
    ],
    [{ model: { maxLength: 4 } }, "expected 6 positions, the longest sentence's, to fit into"],
    [{ data: { padTo: 5 } }, "to fit into data.padTo 5 and that into model.maxLength 128"],
    [{ train: { accumulation: 13 } }, "expected at most the 12 micro-batches of an epoch, got 13"],
    [{ train: { warmup: 24 } }, "expected fewer steps than the run's 24, got 24"],
  ];
  for (const [settings, message] of cases) {
    assertThrows(() => beginRun(tinyConfig(settings), { root }), ConfigError, message);
  }
  assertEquals([...Deno.readDirSync(root)], []);
});

Deno.test("reopenRun() finds the run that saved last, with its settings", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  for (const name of ["b", "a"]) await collect(train(beginRun(config, { root, name }).run));
  const { name, run, checkpoint } = reopenRun({ root });
  assertEquals([name, run.state.step, checkpoint.warnings], ["a", 12, []]);
  assertEquals(run.config, config);
  assertEquals(reopenRun({ root, name: "b" }).name, "b");
});

Deno.test("reopenRun() makes the folder anew that was removed, and says so", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { epochs: 1 } });
  await collect(train(beginRun(config, { root, name: "x" }).run));
  Deno.removeSync(`${root}/runs/x`, { recursive: true });
  const { folder, warnings } = reopenRun({ root, name: "x" });
  assertEquals(warnings, [`${root}/runs/x is gone: new logs begin at step 12`]);
  assertEquals(readConfig(`${folder}/config.json`, {}), config);
});

Deno.test("reopenRun() falls back to the checkpoint before a damaged one and says so", async () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { evalEvery: 4, epochs: 1 } });
  await collect(train(beginRun(config, { root, name: "x" }).run));
  const path = `${root}/checkpoints/x/last/model.safetensors`, bytes = Deno.readFileSync(path);
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  Deno.writeFileSync(path, bytes);
  const { run, checkpoint } = reopenRun({ root, name: "x" });
  assertEquals(run.state.step, 8);
  assertEquals(checkpoint.warnings.length, 1);
  assert(checkpoint.warnings[0]?.includes("model.safetensors"));
});

Deno.test("reopenRun() refuses an unknown run, and the checkpoint of another model", async () => {
  const root = Deno.makeTempDirSync();
  await collect(train(beginRun(tinyConfig({ train: { epochs: 1 } }), { root, name: "x" }).run));
  assertThrows(() => reopenRun({ root, name: "y" }), ConfigError, "expected one of x, got y");
  assertFalse(exists(`${root}/checkpoints/y`));

  const wide = createRun(tinyConfig({ model: { hiddenSize: 32 } }));
  const placed = beginRun(tinyConfig(), { root, name: "z" });
  placed.run.store?.save({
    ...toCheckpoint(placed.run.config, placed.run.state),
    model: toCheckpoint(wide.config, wide.state).model,
  });
  assertThrows(() => reopenRun({ root, name: "z" }), CheckpointError, "[1000,16]");
});

Deno.test("fromCheckpoint() gives back what toCheckpoint() was given, in the same order", () => {
  const run = createRun(tinyConfig());
  const { config, state } = fromCheckpoint(toCheckpoint(run.config, run.state));
  assertEquals(config, run.config);
  assertEquals(Object.keys(state.params), Object.keys(run.state.params));
  assertEquals(Object.keys(state.optimizer), Object.keys(run.state.optimizer));
  for (const [name, tensor] of Object.entries(run.state.params)) {
    assertEquals(state.params[name]?.dataSync(), tensor.dataSync(), name);
  }
});

Deno.test("readConfig() puts flags over a file, and reads back a run's own config.json", () => {
  const root = Deno.makeTempDirSync(), config = tinyConfig({ train: { lr: 0.5 } });
  const { folder } = beginRun(config, { root, environment: { deno: "x" } });
  assertEquals(readConfig(`${folder}/config.json`, {}), config);
  const changed = readConfig(`${folder}/config.json`, { seed: 9, train: { epochs: 5 } });
  assertEquals([changed.seed, changed.train.epochs, changed.train.lr], [9, 5, 0.5]);
});

Deno.test("readConfig() refuses a section of a wrong kind, also where a flag names the section", () => {
  const path = Deno.makeTempFileSync();
  for (const [section, got] of [['"x"', '"x"'], ["5", "5"], ["[1]", "[1]"], ["null", "null"]]) {
    Deno.writeTextFileSync(path, `{"train": ${section}}`);
    for (const flags of [{}, { train: { lr: 0.1 } }]) {
      const { message } = assertThrows(() => readConfig(path, flags), ConfigError);
      assertEquals(message, `Cannot use the run's settings: train: expected object, got ${got}`);
    }
  }
});

Deno.test("readConfig() passes over a byte order mark", () => {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, '\uFEFF{"seed": 7}');
  assertEquals(readConfig(path, {}).seed, 7);
});

Deno.test("readConfig() says what is wrong with a file", () => {
  const path = Deno.makeTempFileSync();
  assertThrows(() => readConfig(`${path}.no`, {}), ConfigError, `Cannot read ${path}.no`);
  Deno.writeTextFileSync(path, "{");
  assertThrows(() => readConfig(path, {}), ConfigError, "expected JSON settings, got");
  Deno.writeTextFileSync(path, "[1]");
  assertThrows(
    () => readConfig(path, {}),
    ConfigError,
    "expected a JSON object of settings, got [1]",
  );
  Deno.writeTextFileSync(path, '{"train": {"lrr": 1}}');
  assertThrows(() => readConfig(path, {}), ConfigError, "train: expected a setting among epochs");
});
