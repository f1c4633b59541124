import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { parseTrainCommand } from "lib/run/mod.ts";
import { runTraining as run, startTraining as start, TINY } from "../support/train_toy_process.ts";

Deno.test("train_toy.ts leaves a run folder with everything in it and exits with 0", async () => {
  const folder = Deno.makeTempDirSync(), { code, out, err } = await run(folder, TINY);
  assertEquals(code, 0, err);
  const names = [...Deno.readDirSync(`${folder}/runs/plain-001`)].map(({ name }) => name).sort();
  assertEquals(names.map((name) => name.replace(/\d{9,}.*/, "*")), [
    "config.json",
    "embeddings.tsv",
    "events.out.tfevents.*",
    "metrics.csv",
    "projector_config.pbtxt",
    "report.html",
    "samples.jsonl",
    "samples.txt",
    "words.tsv",
  ]);
  assertStringIncludes(out, "floor 3.678");
  assertStringIncludes(out, "Underfitting");
  assertMatch(err, /step 24\/24 {2}loss \d/);
  const report = Deno.readTextFileSync(`${folder}/runs/plain-001/report.html`);
  assertStringIncludes(report, "Underfitting");
  assertEquals(report.match(/<svg/g)?.length, 4);
  const { environment, seed } = JSON.parse(
    Deno.readTextFileSync(`${folder}/runs/plain-001/config.json`),
  );
  assertEquals([seed, environment.deno], [1, Deno.version.deno]);
  assertEquals(
    [...Deno.readDirSync(`${folder}/checkpoints/plain-001`)].filter(({ isSymlink }) => isSymlink)
      .length,
    3,
  );
});

Deno.test("train_toy.ts saves at a signal, exits with its code, and resumes bit for bit", async () => {
  const flags = `${TINY} --epochs 30 --dropout 0.1 --accumulation 2`;
  const whole = Deno.makeTempDirSync(), undisturbed = await run(whole, flags);
  assertEquals(undisturbed.code, 0, undisturbed.err);
  const losses = (folder: string) =>
    readCsv(`${folder}/runs/plain-001/metrics.csv`).rows
      .map((
        { step, trainLoss, validationLoss, gradNorm },
      ) => [step, trainLoss, validationLoss, gradNorm]);
  const folder = Deno.makeTempDirSync();
  let command = flags; // after a signal, its rest is stopped by the other one, and then finished
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { child, says, ended } = start(folder, command);
    assert(await says(/validation \d/)); // in the middle of its first epochs
    child.kill(signal);
    const { code: got, out, err } = await ended;
    assertEquals(got, code, err);
    assertEquals(out.includes("Resuming at step "), command === "--resume");
    command = "--resume";
  }
  const { code, out, err } = await run(folder, command);
  assertEquals(code, 0, err);
  assertStringIncludes(out, "Resuming at step ");
  assertEquals(losses(folder), losses(whole));
});

Deno.test("train_toy.ts refuses what it cannot do, says what is allowed, and exits with 2", async () => {
  const folder = Deno.makeTempDirSync();
  const cases: [string, string][] = [
    ["--heads 3", "model.heads: expected a divisor of the hidden size 256 (1, 2, 4, 8"],
    ["--lr -1", "train.lr: expected number to be >0, got -1"],
    ["--accumulation 500", "expected at most the 141 micro-batches of an epoch, got 500"],
    ["--vocab-size 500", "expected a vocabulary of the data's 1000 entries, got --vocab-size 500"],
    ["--learning-rate 1", "Unknown option '--learning-rate'"],
    ["--resume", "expected a run with a checkpoint in ./checkpoints, got none"],
    ["--resume --lr 0.1", "Cannot resume with other settings"],
    ["--config none.json", "Cannot read none.json"],
    [
      "--level hard",
      'data.level: expected one of "plain"|"agreement"|"variable"|"copy", got "hard"',
    ],
    ["--name a/b", 'Cannot use run name "a/b"'],
  ];
  const results = await Promise.all(cases.map(([flags]) => run(folder, flags)));
  for (const [i, { code, err }] of results.entries()) {
    const [flags, message] = cases[i] ?? ["", ""];
    assertStringIncludes(err, message, flags);
    assertEquals(code, 2, flags);
    assert(!err.includes("at file:"), `no stack trace for ${flags}`);
  }
  assertEquals([...Deno.readDirSync(folder)], []);
});

Deno.test("train_toy.ts --help names every setting with its default", async () => {
  const { code, out } = await run(".", "--help");
  assertEquals(code, 0);
  for (
    const flag of [
      "--lr NUMBER",
      "--patience INTEGER",
      "--pad-to longest|INTEGER",
      "--resume",
      "--seed INTEGER",
    ]
  ) {
    assertStringIncludes(out, flag);
  }
  assertStringIncludes(out, "peak learning rate (default 0.0015)");
  assertStringIncludes(out, "passes over the training data (default 6; variable 3, copy 2)");
});

Deno.test("train_toy.ts exits with 2 and one clear line for what it cannot do", async () => {
  const folder = Deno.makeTempDirSync();
  const config = `${folder}/twice.json`;
  Deno.writeTextFileSync(config, '{"train": {"lr": 1, "lr": 2}}');
  const lines: [flags: string, message: string][] = [
    ["--threads abc", 'Cannot use --threads: expected an integer from 1 to 1024, got "abc"'],
    ["--hidden-size 255", "model.heads: expected a divisor of the hidden size 255"],
    [`--name ${"x".repeat(300)}`, "at most 200 bytes"],
    ["--max-length 4294967296", "Cannot train: expected a run that fits into"],
    [`--config ${config}`, 'the key "lr" twice in one object'],
  ];
  const ended = await Promise.all(lines.map(([flags]) => run(folder, flags)));
  for (const [i, [flags, message]] of lines.entries()) {
    const { code, out, err } = ended[i] ?? { code: NaN, out: "", err: "" };
    assertEquals([code, out], [2, ""], `${flags}: ${err}`);
    assertStringIncludes(err, message);
    assertEquals(err.trimEnd().split("\n").length, 1, err);
  }
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["twice.json"]);
});

Deno.test("train_toy.ts -h prints the help, as --help does", async () => {
  const folder = Deno.makeTempDirSync();
  const [short, long] = await Promise.all([run(folder, "-h"), run(folder, "--help")]);
  assertEquals([short.code, short.out, short.err], [0, long.out, ""]);
  assertStringIncludes(long.out, "--lr NUMBER");
  assertStringIncludes(long.out, "tensorflow|webgpu|wasm|cpu");
});

Deno.test("parseTrainCommand() refuses more ranks than a batch has sentences: none is started", () => {
  const told = "expected a batch of one sentence per rank at least, got --batch-size 64";
  assertThrows(() => parseTrainCommand(["--ranks", "1024"]), ConfigError, told);
  assertEquals(parseTrainCommand(["--ranks", "64"]).ranks, 64);
});
