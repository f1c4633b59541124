import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { LogChangedError, readCsv } from "lib/log/mod.ts";
import { beginRun, reopenRun, RunRecorder, writeReport } from "lib/run/mod.ts";
import { createRun, resumeRun, toCheckpoint, train } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const CONFIG = tinyConfig({ train: { epochs: 1, evalEvery: 4, samples: 4 } });

/** Trains a run, or its rest, into its folder, up to a step. */
async function recordUpTo(step: number, placed: ReturnType<typeof beginRun>, notices: string[]) {
  const onNotice = (message: string) => notices.push(message);
  using recorder = RunRecorder.open(placed.run, placed.folder, { onNotice });
  for await (const event of train(placed.run)) {
    recorder.write(event);
    if (event.kind === "step" && event.step === step) break;
  }
  if (placed.run.state.step === placed.run.plan.totalSteps) {
    await writeReport(placed, { ending: "finished" });
  }
}

/** What may become of a file while nobody looks. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  removed: (path) => Deno.removeSync(path),
  emptied: (path) => Deno.truncateSync(path, 0),
  cut: (path) => Deno.truncateSync(path, Math.floor(Deno.statSync(path).size / 2)),
  zeroed: (path) => {
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.fill(0, bytes.length / 2, bytes.length / 2 + 10));
  },
  "another program's": (path) => Deno.writeTextFileSync(path, "x".repeat(5000)),
  "a folder": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
  "a pipe": (path) => {
    Deno.removeSync(path);
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
  },
  "a link to nothing": (path) => {
    Deno.removeSync(path);
    Deno.symlinkSync("nothing", path);
  },
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  Deno.test(`RunRecorder of a resumed run mends or begins anew a log that is ${name}`, async () => {
    const root = Deno.makeTempDirSync(), { folder } = await trained(root);
    const events = [...Deno.readDirSync(folder)].find((entry) => entry.name.startsWith("events"));
    for (const file of ["metrics.csv", "samples.txt", "samples.jsonl", events?.name ?? ""]) {
      damage(`${folder}/${file}`);
    }
    const notices: string[] = [], placed = reopenRun({ root });
    await recordUpTo(Infinity, placed, notices);
    // A text of samples with zeros in it has nothing by which that could be seen. The former event
    // file is not touched any more.
    assert(notices.length >= (name === "zeroed" ? 1 : 2), notices.join("\n"));
    const steps = readCsv(`${folder}/metrics.csv`).rows.map(({ step }) => Number(step));
    assertEquals(steps, [...new Set(steps)].sort((a, b) => a - b));
    assertEquals(steps.slice(-7), [6, 7, 8, 9, 10, 11, 12]);
    assertStringIncludes(Deno.readTextFileSync(`${folder}/samples.txt`), "step 12: grammatical");
    assertStringIncludes(Deno.readTextFileSync(`${folder}/report.html`), "12");
    // Once mended, it stays so; and all that lies there is still a run's own.
    const again: string[] = [];
    await recordUpTo(Infinity, reopenRun({ root }), again);
    assertEquals(again, []);
    beginRun(CONFIG, { root, name: placed.name, overwrite: true });
  });
}

/** A run that was stopped after 5 of its 12 steps. */
async function trained(root: string): Promise<ReturnType<typeof beginRun>> {
  const placed = beginRun(CONFIG, { root });
  await recordUpTo(5, placed, []);
  return placed;
}

Deno.test("RunRecorder throws where another program changes a log and nobody is told", async () => {
  const { run, folder } = beginRun(CONFIG, { root: Deno.makeTempDirSync() });
  using recorder = RunRecorder.open(run, folder);
  for await (const event of train(run)) {
    if (event.kind === "step" && event.step === 3) {
      Deno.truncateSync(`${folder}/metrics.csv`, 200);
      const text = "metrics.csv: expected the";
      assertThrows(() => recorder.write(event), LogChangedError, text);
      break;
    }
    recorder.write(event);
  }
});

Deno.test("writeReport() does without a log that cannot be read, and tells", async () => {
  const root = Deno.makeTempDirSync(), placed = await trained(root);
  Deno.writeTextFileSync(`${placed.folder}/samples.jsonl`, "no samples\n", { append: true });
  Deno.removeSync(`${placed.folder}/metrics.csv`);
  await writeReport(placed, { ending: "interrupted" });
  const report = Deno.readTextFileSync(`${placed.folder}/report.html`);
  assertStringIncludes(report, "No such file or directory: the report does without");
  assertStringIncludes(report, "got &quot;no samples&quot;: the report does without");
});

Deno.test("resumeRun() passes over a checkpoint with NaN for the one before", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync()), run = createRun(CONFIG, { store });
  await collect(train(run));
  const { optimizer, ...checkpoint } = toCheckpoint(run.config, { ...run.state, step: 13 });
  const [first = "", tensor] = [...optimizer][0] ?? [];
  assert(tensor !== undefined);
  const data = tensor.data.slice();
  new DataView(data.buffer).setFloat32(0, NaN, true);
  store.save({ ...checkpoint, optimizer: new Map([...optimizer, [first, { ...tensor, data }]]) });
  const resumed = resumeRun(store);
  assertEquals(resumed.run.state.step, 12);
  assertStringIncludes(
    resumed.checkpoint.warnings.join(),
    `(step-00000013): ${first}: expected finite numbers, got NaN or infinity`,
  );
});
