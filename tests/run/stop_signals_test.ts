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
  /** What is said at its end only. */
  readonly prevents: RegExp;
}

const SMALL =
  "--hidden-size 16 --heads 2 --layers 1 --feed-forward-size 16 --warmup 3 --samples 0 " +
  "--no-early-validations";

/** By XLA, as by default, the compilation of the smallest model takes seconds; as a graph, none. */
const GRAPH = "--compile graph --threads 1";

/** They would go on for 4 s or more, compilation and report for 1 s. */
const PHASES = {
  evaluation: {
    flags: `${SMALL} ${GRAPH} --hidden-size 256 --layers 4 --feed-forward-size 1024 ` +
      "--examples 10000 --validation-share 0.9",
    begins: /compiling losses/,
    waitMs: 500,
    saved: 0,
    prevents: /step 0 .*validation/,
  },
  sampling: {
    flags: `${SMALL} ${GRAPH} --examples 500 --batch-size 15 --samples 100000`,
    begins: /compiling decode/,
    waitMs: 500,
    saved: 0,
    prevents: /step 0 .*validation/,
  },
  compiling: {
    flags: `${SMALL} --examples 500`,
    begins: /compiling update/,
    waitMs: 0,
    saved: 1,
    prevents: /step 8 .*validation/,
  },
  report: {
    flags: `${SMALL} ${GRAPH} --hidden-size 128 --layers 2 --examples 15000 ` +
      "--validation-share 0.9 --batch-size 150 --epochs 1",
    begins: /step 10 .*validation/,
    waitMs: 300,
    saved: 10,
    prevents: /report\.html/,
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

for (const [name, { flags, begins, waitMs, saved, prevents }] of Object.entries(PHASES)) {
  Deno.test(`train_toy.ts saves and ends soon at a Ctrl-C during ${name}`, async () => {
    const folder = Deno.makeTempDirSync(), { child, says, ended } = startTraining(folder, flags);
    assert(await says(begins), "the phase begins");
    await wait(waitMs);
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    assertEquals(code, 130, err);
    assertMatch(out, /Saved; go on with: \S+ task train --resume --name plain-001\n$/);
    // Heard after the phase only, it would be saved at a later step, or the phase would be told.
    assertLess(savedStep(folder), saved + 1);
    assertFalse(prevents.test(out + err));
    if (name !== "report") return;
    const resumed = await runTraining(folder, "--resume");
    assertEquals(resumed.code, 0, resumed.err);
    assertMatch(resumed.out, /report\.html/);
  });
}

/** Steps of 50 ms, none of the first hundred with a validation, in which a signal would be heard. */
const STEPS = `${SMALL} ${GRAPH} --hidden-size 256 --feed-forward-size 512 --examples 12000 ` +
  "--validation-share 0.02 --batch-size 100 --epochs 10";

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`train_toy.ts saves and ends within a few steps of ${signal}`, async () => {
    const folder = Deno.makeTempDirSync();
    const { child, says, ended } = startTraining(folder, STEPS);
    assert(await says(/compiling update/), "training begins");
    await wait(200);
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
  const { child, says, ended } = startTraining(folder, `${SMALL} --layers 12 --examples 500`);
  assert(await says(/compiling losses/)); // for 2 s or more
  child.kill("SIGINT");
  await wait(400);
  child.kill("SIGINT");
  const { code, out } = await ended;
  assertEquals(code, 130);
  assertFalse(out.includes("Saved"));
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
