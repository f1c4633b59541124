/**
 * What becomes of a run when one of its ranks is lost: in real processes, each started by hand.
 */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { readPointer } from "lib/core/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { freeAddresses } from "lib/distributed/mod.ts";
import { runTraining } from "../support/train_toy_process.ts";
import {
  checkSideBySide,
  ENDLESS,
  IMPATIENT,
  type Scene,
  type StartedRank,
  startRanks,
} from "./_ranks.ts";

/** Within this time every other rank has ended, whatever happened to one. */
const LIMIT_SECONDS = 15;

interface Fate {
  readonly code: number;
  readonly err: string;
  readonly seconds: number;
}

/** Waits for the ends of ranks, measured from now. */
async function fates(ranks: readonly StartedRank[]): Promise<Fate[]> {
  const start = performance.now();
  return await Promise.all(ranks.map(async ({ ended }) => {
    const { code, err } = await ended;
    return { code, err, seconds: (performance.now() - start) / 1000 };
  }));
}

function lastStep(folder: string): number {
  return Number(readPointer(`${folder}/checkpoints/plain-001/last`).slice(5));
}

/** Resumes the run as its user would. */
async function assertResumes(folder: string): Promise<void> {
  const last = lastStep(folder);
  const epochs = Math.ceil(last / 12) + 1; // of 12 steps each
  const { code, out, err } = await runTraining(folder, `--resume --epochs ${epochs}`);
  assertEquals(code, 0, err);
  assertStringIncludes(out, `Resuming at step ${last} from `);
}

/** Loads what a run would resume from: that takes no process. */
function assertLastLoads(folder: string): void {
  const { step, loadedFrom, warnings } = CheckpointStore.open(`${folder}/checkpoints/plain-001`)
    .load("last");
  assertEquals([step, loadedFrom, warnings], [lastStep(folder), "last", []]);
}

function loses(signal: "SIGKILL" | "SIGSTOP", victim: number, cause: string): Scene {
  return [`a rank with ${signal}: the others end and name rank ${victim}`, async () => {
    const ranks = startRanks(Array.from({ length: 3 }, () => ({ flags: ENDLESS })));
    const [first, lost] = [ranks[0], ranks[victim]];
    assert(first !== undefined && lost !== undefined);
    assert(await first.says(/step 12 .*validation/), "the training begins");
    lost.child.kill(signal);
    const ends = await fates(ranks.filter((one) => one !== lost));
    for (const { code, err, seconds } of ends) {
      assertEquals(code, 1, err);
      assertMatch(err, /Cannot go on: expected all 3 ranks to answer, got /);
      assertStringIncludes(err, cause);
      assertLess(seconds, LIMIT_SECONDS);
    }
    if (signal === "SIGSTOP") lost.child.kill("SIGKILL");
    await lost.ended;
    if (signal === "SIGKILL" && victim === 0) await assertResumes(first.folder);
    else assertLastLoads(first.folder);
  }];
}

function staysAway(absent: number): Scene {
  return [`a rank that never starts: the others end and name rank ${absent}`, async () => {
    const start = { flags: IMPATIENT };
    const starts = Array.from({ length: 3 }, (_, rank) => rank === absent ? null : start);
    const addresses = freeAddresses(3);
    for (const { code, err } of await fates(startRanks(starts, addresses))) {
      assertEquals(code, 1, err);
      assertStringIncludes(
        err,
        "Cannot start: expected all 3 ranks within 10 s, got no answer from ",
      );
      assertStringIncludes(err, `rank ${absent} (${addresses[absent]})`); // on a busy machine, others too
    }
  }];
}

const portTaken: Scene = [
  "a rank whose port is taken says so, and the others name it",
  async () => {
    const addresses = freeAddresses(2), start = { flags: IMPATIENT };
    using _taken = Deno.listen({ hostname: "0.0.0.0", port: Number(addresses[1]?.split(":")[1]) });
    const [first, second] = await fates(startRanks([start, start], addresses));
    assertEquals([first?.code, second?.code], [1, 1]);
    assertStringIncludes(second?.err ?? "", `the port of its address ${addresses[1]} to be free`);
    assertStringIncludes(first?.err ?? "", "Cannot start: expected all 2 ranks within 10 s");
  },
];

const toldOfFewer: Scene = [
  "a rank that was told of fewer ranks: all end, and one of them names it",
  async () => {
    const addresses = freeAddresses(3), start = { flags: IMPATIENT };
    const told = { ...start, addresses: addresses.slice(0, 2) };
    const ends = await fates(startRanks([start, told, start], addresses));
    assert(ends.every(({ code }) => code === 1));
    assertMatch(
      ends.map(({ err }) => err).join(""),
      /rank 1 told of 2 ranks, and others of 3|expected all 3 ranks/,
    );
  },
];

const anotherSetting: Scene = [
  "a rank with another setting: all end and name rank and setting",
  async () => {
    const starts = [ENDLESS, `${ENDLESS} --lr 0.01`, ENDLESS].map((flags) => ({ flags }));
    const ranks = startRanks(starts);
    for (const { code, err } of await fates(ranks)) {
      assertEquals(code, 2, err);
      assertStringIncludes(err, "(--lr 0.0015) on all, got --lr 0.01 on rank 1");
    }
    for (const { folder } of ranks) assertEquals([...Deno.readDirSync(folder)], []);
  },
];

const resumesAlone: Scene = [
  "a rank that resumes while the others begin anew: all end and name it",
  async () => {
    const resuming = { flags: "--resume --threads 1 --start-limit 60" };
    for (const { code, err } of await fates(startRanks([{ flags: ENDLESS }, resuming]))) {
      assertEquals(code, 2, err);
      assertStringIncludes(err, "(resume false) on all, got resume true on rank 1");
    }
  },
];

const askedToStop: Scene = [
  "a rank that was asked to stop: all stop at its step, and rank 0 saves it",
  async () => {
    const ranks = startRanks([{ flags: ENDLESS }, { flags: ENDLESS }]), [first, second] = ranks;
    assert(first !== undefined && second !== undefined);
    assert(await first.says(/step 12 .*validation/), "the training begins");
    second.child.kill("SIGINT");
    const [one, two] = await fates(ranks);
    assertEquals([one?.code, two?.code], [143, 130], `${one?.err}${two?.err}`);
    assertStringIncludes((await first.ended).out, "Saved; go on with: ");
    assertEquals([...Deno.readDirSync(second.folder)], []);
    await assertResumes(first.folder);
  },
];

Deno.test("a lost rank", async (test) => {
  // Those that wait for a time limit lie among those that compute.
  await checkSideBySide(test, [
    staysAway(0),
    loses("SIGSTOP", 1, "no sign of life from rank 1 ("),
    loses("SIGSTOP", 0, "no sign of life from rank 0 ("),
    portTaken,
    loses("SIGKILL", 1, "none from rank 1 ("),
    loses("SIGKILL", 0, "none from rank 0 ("),
    staysAway(1),
    askedToStop,
    toldOfFewer,
    anotherSetting,
    resumesAlone,
  ], { atOnce: 3 });
});
