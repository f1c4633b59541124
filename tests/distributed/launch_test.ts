/**
 * `./denow task train --ranks N`: the launcher of ranks, as its user meets it.
 */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { createHash } from "node:crypto";
import { readPointer } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { runTraining, startTraining, TINY, type Training } from "../support/train_toy_process.ts";
import { checkSideBySide, ENDLESS, isAlive, type Scene, until } from "./_ranks.ts";

/** 50 steps, the last one of each epoch short. */
const FIFTY =
  TINY.replace("--epochs 2", "--steps 50").replace("--batch-size 15", "--batch-size 13") +
  " --dropout 0 --eval-every 20";

/** How far a loss may be off the one of a single process: float32 sums in another order. */
const CLOSE = 1e-5;

function lossesIn(folder: string): number[] {
  return readCsv(`${folder}/runs/plain-001/metrics.csv`).rows
    .flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss])
    .filter((loss) => typeof loss === "number");
}

function weightsIn(folder: string): string {
  const bytes = Deno.readFileSync(`${folder}/checkpoints/plain-001/last/model.safetensors`);
  return createHash("sha256").update(bytes).digest("hex");
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  for (const [i, loss] of actual.entries()) assertAlmostEquals(loss, expected[i] ?? NaN, CLOSE);
}

const sameLosses: Scene = [
  "--ranks 2 gives the losses of one process for 50 steps, twice the same to the bit",
  async () => {
    const folders = [1, 2, 2].map((ranks) => ({ ranks, folder: Deno.makeTempDirSync() }));
    for (const { ranks, folder } of folders) {
      const { code, out, err } = await runTraining(folder, `${FIFTY} --ranks ${ranks}`);
      assertEquals(code, 0, err);
      if (ranks === 1) continue;
      assertMatch(out, /Ranks {3}0 is process \d+, 1 is process \d+/);
      assertMatch(out, /without authentication:\n +ports 127.0.0.1:\d+, 127.0.0.1:\d+ are open/);
      assertEquals(err.includes("[rank 1]"), false, err);
    }
    const [alone = "", first = "", again = ""] = folders.map(({ folder }) => folder);
    assertEquals(readCsv(`${alone}/runs/plain-001/metrics.csv`).rows.length, 51);
    assertClose(lossesIn(first), lossesIn(alone));
    assertEquals(lossesIn(again), lossesIn(first));
    assertEquals(weightsIn(again), weightsIn(first));
  },
];

const otherRanks: Scene = [
  "--resume goes on with another number of ranks, with the same losses",
  async () => {
    const flags = `${TINY} --dropout 0 --schedule constant`, whole = Deno.makeTempDirSync();
    assertEquals((await runTraining(whole, flags)).code, 0);
    for (const [before, after] of [[2, 1], [1, 2]] as const) {
      const folder = Deno.makeTempDirSync();
      const first = await runTraining(folder, `${flags} --epochs 1 --ranks ${before}`);
      assertEquals(first.code, 0, first.err);
      const { code, err } = await runTraining(folder, `--resume --epochs 2 --ranks ${after}`);
      assertEquals(code, 0, err);
      assertClose(lossesIn(folder), lossesIn(whole));
    }
  },
];

/** Starts a run that goes on until it is stopped, and finds its processes. */
function startEndless(): { training: Training; folder: string; pids: () => Promise<number[]> } {
  const folder = Deno.makeTempDirSync();
  const training = startTraining(folder, `${ENDLESS} --ranks 2`);
  const pids = async () => {
    assert(await training.says(/step 12 .*validation/), "the training begins");
    const children = Deno.readTextFileSync(
      `/proc/${training.child.pid}/task/${training.child.pid}/children`,
    );
    return children.trim().split(" ").map(Number);
  };
  return { training, folder, pids };
}

function stops(signal: "SIGINT" | "SIGTERM", code: number): Scene {
  return [
    `${signal} to the launcher stops all ranks, saves, and leaves no process`,
    async () => {
      const { training, folder, pids } = startEndless(), ranks = await pids();
      assertEquals(ranks.length, 2);
      training.child.kill(signal);
      const ended = await training.ended;
      assertEquals(ended.code, code, ended.err);
      assertStringIncludes(ended.out, "Saved; go on with: ");
      assertEquals(ended.out.includes("all ranks end"), false);
      assertEquals(ranks.filter(isAlive), []);
      assert(Deno.lstatSync(`${folder}/checkpoints/plain-001/last`).isSymlink);
    },
  ];
}

const killedRank: Scene = [
  "launchRanks() names a killed rank, ends with its code, and leaves no process",
  async () => {
    const { training, pids } = startEndless(), ranks = await pids();
    Deno.kill(ranks[1] ?? -1, "SIGKILL");
    const { code, out, err } = await training.ended;
    assertEquals(code, 137);
    assertMatch(out, /Rank 1 \(process \d+\) was killed by SIGKILL: all ranks end/);
    assertMatch(err, /Cannot go on: expected all 2 ranks to answer, got none from rank 1 \(/);
    assertEquals(ranks.filter(isAlive), []);
  },
];

const stoppedRank: Scene = [
  "a stopped rank is ended by the launcher, which does not wait for it",
  async () => {
    const { training, pids } = startEndless(), ranks = await pids();
    Deno.kill(ranks[1] ?? -1, "SIGSTOP");
    const { code, err } = await training.ended;
    assertEquals(code, 1);
    assertMatch(err, /got no sign of life from rank 1 \(/);
    assertEquals(ranks.filter(isAlive), []);
  },
];

const killedLauncher: Scene = [
  "a killed launcher: the ranks stop by themselves, and the run is saved",
  async () => {
    const { training, folder, pids } = startEndless(), ranks = await pids();
    training.child.kill("SIGKILL");
    assert(await until(() => ranks.every((pid) => !isAlive(pid))), "the ranks end");
    const last = Number(readPointer(`${folder}/checkpoints/plain-001/last`).slice(5));
    const { code, err } = await runTraining(
      folder,
      `--resume --epochs ${Math.ceil(last / 12) + 1}`,
    );
    assertEquals(code, 0, err); // nobody holds it any more
  },
];

const refusals: Scene = [
  "--ranks refuses what cannot be, in one line and with code 2",
  async () => {
    const folder = Deno.makeTempDirSync();
    const cases: [flags: string, message: string][] = [
      ["--ranks 0", 'Cannot use --ranks: expected an integer from 1 to 1024, got "0"'],
      ["--ranks two", 'Cannot use --ranks: expected an integer from 1 to 1024, got "two"'],
      ["--start-limit -1", "Cannot use --start-limit: expected an integer from 1 to 86400"],
      [`${TINY} --batch-size 1 --ranks 2`, "expected a batch of one sentence per rank at least"],
    ];
    for (const [flags, message] of cases) {
      const { code, err } = await runTraining(folder, flags);
      assertEquals(code, 2, err);
      assertStringIncludes(err, message);
    }
  },
];

Deno.test("the launcher of ranks", async (test) => {
  await checkSideBySide(test, [
    stoppedRank, // waits for most of its time
    sameLosses,
    otherRanks,
    killedRank,
    stops("SIGINT", 130),
    killedLauncher,
    stops("SIGTERM", 143),
    refusals,
  ], { atOnce: 3 });
});
