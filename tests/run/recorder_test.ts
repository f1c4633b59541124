import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { RunRecorder } from "lib/run/mod.ts";
import { readSampleRecord } from "lib/run/sample_text.ts";
import { createRun, resumeRun, type SampleEvent, train } from "lib/train/mod.ts";
import { python } from "../support/python.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const CONFIG = tinyConfig({ train: { evalEvery: 5, samples: 4 } });
/** The columns that time, and so chance, decides. */
const TIMED = "tokensPerSecond";

const recordings = new Map<number, Promise<string>>();

/** The folder of a run that was killed after a step and resumed; nobody writes into it any more. */
function recorded(cut: number): Promise<string> {
  const known = recordings.get(cut) ?? record(cut);
  recordings.set(cut, known);
  return known;
}

async function record(cut: number): Promise<string> {
  const folder = Deno.makeTempDirSync(), store = CheckpointStore.open(Deno.makeTempDirSync());
  {
    const run = createRun(CONFIG, { store });
    using recorder = RunRecorder.open(run, folder);
    for await (const event of train(run)) {
      recorder.write(event);
      if (event.kind === "step" && event.step === cut) break;
    }
  }
  // A kill after the checkpoint leaves rows that belong to no saved step.
  Deno.writeTextFileSync(`${folder}/metrics.csv`, "99,9,9,9,,,,,,9,9,9\n", { append: true });
  Deno.writeTextFileSync(`${folder}/samples.txt`, "left over\n\n", { append: true });
  Deno.writeTextFileSync(`${folder}/samples.jsonl`, '{"left": "over"}\n', { append: true });
  const { run } = resumeRun(store);
  using recorder = RunRecorder.open(run, folder);
  for await (const event of train(run)) recorder.write(event);
  return folder;
}

Deno.test("RunRecorder writes each step once, a validation in the step's own row", async () => {
  const folder = await recorded(24);
  const { rows } = readCsv(`${folder}/metrics.csv`);
  assertEquals(rows.map(({ step }) => step), Array.from({ length: 25 }, (_, step) => step));
  const validated = rows.filter(({ validationLoss }) => validationLoss !== null);
  assertEquals(validated.map(({ step }) => step), [0, 5, 10, 12, 15, 20, 24]);
  for (const { step, trainLoss, lr, gradNorm, tokens } of rows.slice(1)) {
    assertEquals([trainLoss, lr, gradNorm].map((value) => typeof value), Array(3).fill("number"));
    assertEquals(tokens, Number(step) * 15 * 6);
  }
});

Deno.test("RunRecorder of a resumed run leaves what an undisturbed one leaves", async () => {
  const read = async (cut: number) => {
    const folder = await recorded(cut);
    const rows = readCsv(`${folder}/metrics.csv`).rows.map((row) => ({ ...row, [TIMED]: 0 }));
    const [samples, records] = ["samples.txt", "samples.jsonl"]
      .map((name) => Deno.readTextFileSync(`${folder}/${name}`));
    return { rows, samples, records };
  };
  const whole = await read(24);
  for (const cut of [3, 5, 13]) assertEquals(await read(cut), whole, `cut at step ${cut}`);
});

Deno.test("RunRecorder writes samples that can be read back", async () => {
  const folder = await recorded(24), text = Deno.readTextFileSync(`${folder}/samples.txt`);
  const lines = Deno.readTextFileSync(`${folder}/samples.jsonl`).trimEnd().split("\n");
  const events = lines.map(readSampleRecord);
  assertEquals(events.map(({ step }) => step), [0, 5, 10, 12, 15, 20, 24]);
  assertEquals(events[0]?.samples.length, 8);
  assertStringIncludes(text, "step 0: grammatical 0.0 % of drawn");
});

Deno.test("RunRecorder leaves to TensorBoard what its plug-ins show, each step once across a resume", async () => {
  const folder = await recorded(13); // killed after the validation of step 12
  const files = [...Deno.readDirSync(folder)].filter(({ name }) => name.includes("tfevents"));
  assertEquals(files.length, 2);
  const script = new URL("../log/read_events.py", import.meta.url);
  const [seen] = JSON.parse(python(script, ["--without-tensorflow", folder]));
  const steps = (series: number[][]) => series.map(([step]) => step);
  assertEquals(steps(seen.scalars["loss/train"]), Array.from({ length: 24 }, (_, i) => i + 1));
  const validated = [0, 5, 10, 12, 15, 20, 24];
  assertEquals(steps(seen.scalars["loss/validation"]), validated);
  assertEquals(steps(seen.scalars["loss/oracle"]), validated);
  assertEquals(steps(seen.texts.samples), validated);
  assertEquals(steps(seen.images.attention), validated);
  for (const kind of ["weights", "gradients"]) {
    const tag = `${kind}/blocks.0.attention.qkv.weight`, histograms = seen.histograms[tag];
    assertEquals(steps(histograms), validated);
    assertEquals(histograms[0][3], 16 * 3 * 16, tag); // its entries
  }
  assertEquals(seen.hparams.settings["train.lr"], CONFIG.train.lr);
  assertEquals(seen.hparams.settings["data.level"], "plain");
  assertEquals(seen.hparams.status, 1);
  const { rows } = readCsv(`${folder}/metrics.csv`);
  const losses = rows.flatMap(({ validationLoss: loss }) => loss === null ? [] : [Number(loss)]);
  const best = losses.reduce((a, b) => Math.min(a, b));
  const [[step, loss]] = seen.scalars["final/bestValidationLoss"];
  assertEquals([step, loss], [24, Math.fround(best)]);
  assertEquals(seen.scalars["final/bestGap"].length, 1);
});

Deno.test("RunRecorder refuses a file that is shorter than its checkpoint says", () => {
  const folder = Deno.makeTempDirSync(), run = createRun(CONFIG);
  run.state = { ...run.state, logPositions: { metrics: 500, samples: 0, records: 0 } };
  assertThrows(
    () => RunRecorder.open(run, folder),
    RangeError,
    "expected 500 bytes or more, got 0",
  );
});

Deno.test("samples.jsonl has the events as they came", async () => {
  const folder = Deno.makeTempDirSync(), run = createRun(CONFIG), seen: SampleEvent[] = [];
  using recorder = RunRecorder.open(run, folder);
  for await (const event of train(run)) {
    recorder.write(event);
    if (event.kind === "sample") seen.push(event);
  }
  const lines = Deno.readTextFileSync(`${folder}/samples.jsonl`).trimEnd().split("\n");
  assertEquals(lines.map(readSampleRecord), seen);
});

Deno.test("readSampleRecord() refuses what is no record of samples", () => {
  const damaged = [
    "",
    "no samples",
    "null",
    "{}",
    '{"kind":"sample","step":1.5}',
    '{"kind":"step"}',
  ];
  for (const line of damaged) {
    assertThrows(() => readSampleRecord(line), SyntaxError, `got "${line}"`);
  }
});
