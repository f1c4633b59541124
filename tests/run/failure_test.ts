import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readCsv } from "lib/log/mod.ts";
import { BackendError, CheckpointError, ConfigError, FileError } from "lib/core/mod.ts";
import { describeFailure } from "lib/run/mod.ts";
import { runTraining, startTraining, TINY, trainInShell } from "../support/train_toy_process.ts";

/** Long enough to do something to it under way: 12 steps an epoch, of some milliseconds. */
const LONG = `${TINY} --epochs 4000 --samples 0`;

const SAVED = /The run is saved up to step \d+ in \.\/checkpoints\/plain-001; go on with: /;

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("describeFailure() tells errors of the library and the system, and traces all others", () => {
  const cases: [error: unknown, message: RegExp, exitCode: number][] = [
    [new ConfigError("Cannot a: b"), /^Cannot a: b$/, 2],
    [new RangeError("Cannot a: b"), /^Cannot a: b$/, 2],
    [new CheckpointError("Cannot a: b"), /^Cannot a: b$/, 1],
    [new BackendError("Cannot a: b"), /^Cannot a: b$/, 1],
    [new FileError("Cannot a: b"), /^Cannot a: b$/, 1],
    [new Deno.errors.BrokenPipe("Broken pipe (os error 32)"), /^Cannot go on: Broken pipe/, 1],
    [new Error("Cannot a: expected b"), /^Error: Cannot a: expected b\n +at /, 1],
    [new TypeError("x is not a function"), /^TypeError: x is not a function\n +at /, 1],
    ["a text", /^Cannot go on: expected no error, got a text$/, 1],
  ];
  for (const [error, message, exitCode] of cases) {
    const failure = describeFailure(error);
    assertMatch(failure.message, message);
    assertEquals(failure.exitCode, exitCode, failure.message);
  }
});

Deno.test("train_toy.ts whose output nobody reads says what is safe, and exits with 1", async () => {
  const cases: [redirection: string, expected: RegExp][] = [
    ["| head -1 >/dev/null", /^Cannot write to the standard output: Broken pipe\n.*saved up to/m],
    [">/dev/full", /^Cannot write to the standard output: No space left on device; free some/m],
    ["2>/dev/full", /^$/],
  ];
  for (const [redirection, expected] of cases) {
    const { code, err } = await trainInShell(Deno.makeTempDirSync(), TINY, { after: redirection });
    assertEquals(code, 1, redirection);
    assertMatch(err, expected);
    assert(!err.includes("    at "), err);
  }
});

Deno.test("train_toy.ts says which folder it cannot use, without a trace", async () => {
  for (const name of ["runs", "checkpoints"]) {
    const folder = Deno.makeTempDirSync();
    Deno.writeTextFileSync(`${folder}/${name}`, "");
    const { code, err } = await runTraining(folder, TINY);
    assertEquals(code, 1);
    assertEquals(err, `Cannot look into ./${name}: Not a directory\n`);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  }
});

Deno.test("train_toy.ts on a full disk keeps what was saved, and says so", async () => {
  // The checkpoints, of up to 161 kB, fit into a limit on the size of files, and the log grows out
  // of it. Without the trap the system would end the process.
  const folder = Deno.makeTempDirSync(), before = "trap '' XFSZ; ulimit -f 165;";
  const { code, err } = await trainInShell(folder, `${LONG} --batch-size 1`, { before });
  assertEquals(code, 1, err);
  assertMatch(err, /^Cannot .*: File too large; free some space, start again\n/m);
  assertMatch(err, SAVED);
  assert(!err.includes("    at "), err);
  const resumed = startTraining(folder, "--resume");
  assert(await resumed.says(/step \d+\/720000/));
  resumed.child.kill("SIGINT");
  assertEquals((await resumed.ended).code, 130);
});

Deno.test("train_toy.ts ends well where its folder is removed under way, and resumes", async () => {
  const folder = Deno.makeTempDirSync(), { says, ended } = startTraining(folder, LONG);
  assert(await says(/step 12 /));
  Deno.removeSync(`${folder}/runs/plain-001`, { recursive: true });
  const { code, err } = await ended;
  assertEquals(code, 1, err);
  assertMatch(err, /^Cannot write \.\/runs\/plain-001\/metrics\.csv: No such file or directory\n/m);
  assertMatch(err, SAVED);

  const resumed = startTraining(folder, "--resume");
  assert(await resumed.says(/runs\/plain-001 is gone: new logs begin at step \d+/));
  assert(await resumed.says(/step \d+\/48000/));
  resumed.child.kill("SIGINT");
  assertEquals((await resumed.ended).code, 130);
  const first = readCsv(`${folder}/runs/plain-001/metrics.csv`).rows[0]?.step;
  assert(typeof first === "number" && first >= 12);
});

Deno.test("train_toy.ts mends a log that another program cuts under way, and says so", async () => {
  const folder = Deno.makeTempDirSync(), { child, says, ended } = startTraining(folder, LONG);
  assert(await says(/step 12 /));
  const path = `${folder}/runs/plain-001/metrics.csv`;
  Deno.truncateSync(path, 500); // within a row
  assert(await says(/metrics\.csv is damaged .*: \d+ good bytes of it are kept/));
  await wait(500);
  child.kill("SIGINT");
  const { code, err } = await ended;
  assertEquals(code, 130, err);
  assertStringIncludes(err, "another program has changed it");
  const text = Deno.readTextFileSync(path);
  assert(!text.includes("\0"));
  const steps = readCsv(path).rows.map(({ step }) => Number(step));
  assertEquals(steps, [...new Set(steps)].sort((a, b) => a - b));
});

Deno.test("train_toy.ts does not advise to resume what would diverge again", async () => {
  const flags = "--examples 200 --hidden-size 16 --heads 2 --layers 1 --feed-forward-size 16 " +
    "--batch-size 15 --epochs 1 --warmup 0 --samples 0 --compile graph --lr 1e38";
  const { code, err } = await runTraining(Deno.makeTempDirSync(), flags);
  assertEquals(code, 1);
  assertMatch(err, /^Cannot go on: expected finite numbers .* Lower --lr/m);
  assertMatch(
    err,
    /^The run is saved up to step \d+ in \S+; the same settings would lead here again/m,
  );
  assert(!err.includes("go on with:"), err);
});
