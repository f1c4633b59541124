import { assert, assertEquals, assertFalse, assertLess, assertMatch } from "@std/assert";
import { readPointer } from "lib/core/mod.ts";
import { listenForStop } from "lib/run/mod.ts";
import { runTraining, startTraining } from "../support/train_toy_process.ts";

/** A phase of a run, long enough that a signal not heard in it would be seen. */
interface Phase {
  readonly flags: string;
  /** What the standard error says when it has begun, and how long to wait then. */
  readonly begins: RegExp;
  readonly waitMs: number;
  /** The step that is saved. */
  readonly saved: number;
}

const SMALL = "--hidden-size 16 --heads 2 --layers 1 --feed-forward-size 16 --warmup 3 " +
  "--compile graph --threads 1";

/** Each would go on for 10 s or more. */
const PHASES = {
  evaluation: {
    flags: "--layers 6 --examples 20000 --validation-share 0.9 --samples 0",
    begins: /compiling losses/,
    waitMs: 3000,
    saved: 0,
  },
  sampling: {
    flags: `${SMALL} --examples 500 --batch-size 15 --samples 100000`,
    begins: /compiling decode/,
    waitMs: 1000,
    saved: 0,
  },
  compiling: {
    flags: "--samples 0 --examples 2000",
    begins: /compiling update/,
    waitMs: 0,
    saved: 1,
  },
  report: {
    flags: `${SMALL} --hidden-size 128 --layers 3 --examples 20000 --validation-share 0.9 ` +
      "--batch-size 100 --epochs 1 --samples 0",
    begins: /step 20 .*validation/,
    waitMs: 0,
    saved: 20,
  },
} satisfies Readonly<Record<string, Phase>>;

function savedStep(folder: string): number {
  return Number(readPointer(`${folder}/checkpoints/plain-001/last`).slice(5));
}

/** The step of the newest row; 0 while there is none. */
function lastRow(folder: string): number {
  const text = Deno.readTextFileSync(`${folder}/runs/plain-001/metrics.csv`);
  return Number(/\n(\d+),[^\n]*\n$/.exec(text)?.[1] ?? 0);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

for (const [name, { flags, begins, waitMs, saved }] of Object.entries(PHASES)) {
  Deno.test(`train_toy.ts saves and ends soon at a Ctrl-C during ${name}`, async () => {
    const folder = Deno.makeTempDirSync(), { child, says, ended } = startTraining(folder, flags);
    assert(await says(begins), "the phase begins");
    await wait(waitMs);
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    assertEquals(code, 130, err);
    assertMatch(out, /Saved; go on with: \S+ task train --resume --name plain-001\n$/);
    // Heard after the phase only, it would be saved at a later step, or with a report.
    assertLess(savedStep(folder), saved + 1);
    assertFalse(out.includes("report.html"));
  });
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`train_toy.ts saves and ends within a few steps of ${signal}`, async () => {
    const folder = Deno.makeTempDirSync();
    const { child, says, ended } = startTraining(folder, "--samples 0");
    assert(await says(/compiling update/), "training begins");
    await wait(1000);
    const before = lastRow(folder);
    child.kill(signal);
    child.kill(signal); // as `deno task` passes on what the terminal has sent: no second press
    const end = await ended;
    assertEquals(end.code, code, end.err);
    // In the 0.2 s between two timers are 4 steps; without them, 60 went by.
    assertLess(lastRow(folder) - before, 20);
    assertEquals(savedStep(folder), lastRow(folder));
  });
}

Deno.test("train_toy.ts ends at once at a second Ctrl-C, even while it compiles", async () => {
  const folder = Deno.makeTempDirSync();
  const { child, says, ended } = startTraining(folder, "--samples 0 --level variable");
  assert(await says(/compiling update/));
  child.kill("SIGINT");
  await wait(400);
  child.kill("SIGINT");
  const { code, out } = await ended;
  assertEquals(code, 130);
  assertFalse(out.includes("Saved"));
});

Deno.test("train_toy.ts --resume writes the report that a Ctrl-C has prevented", async () => {
  const folder = Deno.makeTempDirSync(), { flags, begins } = PHASES.report;
  const { child, says, ended } = startTraining(folder, flags);
  assert(await says(begins));
  child.kill("SIGTERM");
  assertEquals((await ended).code, 143);
  const { code, out } = await runTraining(folder, "--resume");
  assertEquals(code, 0);
  assertMatch(out, /report\.html/);
});

Deno.test("listenForStop() aborts at the first signal and keeps its exit code", async () => {
  const told: number[] = [];
  using stop = listenForStop(() => told.push(stop.exitCode));
  Deno.kill(Deno.pid, "SIGTERM");
  Deno.kill(Deno.pid, "SIGHUP"); // within the same press
  for (let i = 0; i < 200 && !stop.signal.aborted; i++) await wait(10);
  assert(stop.signal.aborted);
  assertEquals(told.length, 1);
  assert(told[0] === 143 || told[0] === 129);
});
