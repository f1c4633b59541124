import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { CheckpointError, Random } from "lib/core/mod.ts";
import { count } from "../support/count.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { checkpointAt } from "./_fixtures.ts";

/** 1.2 MB a checkpoint: its files are long enough under way to be caught there. */
const FLOATS = 100_000;
const KILLS = count("kills"), NAIVE_KILLS = 15;
/** A save takes some 15 ms, so that a kill meets every part of one, or of the one after it. */
const LONGEST_DELAY_MS = 50;

function child(path: string, ...args: readonly string[]): Deno.ChildProcess {
  const script = fileURLToPath(new URL("saving_child.ts", import.meta.url));
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, script, path, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Lets a process save for a while, kills it, and gives the step of its last finished save. */
async function killedAfter(path: string, mode: string, delayMs: number): Promise<number> {
  const process = child(path, mode, String(FLOATS));
  let output = "";
  for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
    if (output === "") setTimeout(() => process.kill("SIGKILL"), delayMs);
    output += chunk;
  }
  await process.status;
  return Number(output.trimEnd().split("\n").at(-1));
}

/** Kills one process after the other on the same store, and gives how often something was left. */
async function killInSequence(kills: number, random: Random): Promise<number> {
  const path = `${temporaryFolder()}/plain-001`, isLeftover = /\.tmp-/;
  let leftovers = 0;
  for (let kill = 0; kill < kills; kill++) {
    const acknowledged = await killedAfter(path, "atomic", random.uniform() * LONGEST_DELAY_MS);
    leftovers += [...Deno.readDirSync(path)].filter(({ name }) => isLeftover.test(name)).length;
    const store = CheckpointStore.open(path), { step, model, warnings } = store.load("last");
    assertGreater(acknowledged, 0);
    assert(step >= acknowledged, `saved ${acknowledged}, found ${step}`);
    assertEquals(warnings, []);
    assertEquals(store.load("best").step % 5, 1);
    const expected = checkpointAt(step, FLOATS).model;
    assertEquals(model.get("norm.weight"), expected.get("norm.weight"));
    assert(![...Deno.readDirSync(path)].some(({ name }) => isLeftover.test(name)));
  }
  return leftovers;
}

Deno.test(`${KILLS} kills at random moments lose no acknowledged save and leave none half-written`, async () => {
  // Four stores side by side, because most of the time goes into starting processes.
  const seeds = [1, 2, 3, 4];
  const leftovers = await Promise.all(
    seeds.map((seed) => killInSequence(Math.ceil(KILLS / seeds.length), new Random(seed))),
  );
  const total = leftovers.reduce((sum, found) => sum + found, 0);
  assertGreater(total, KILLS < 40 ? 0 : KILLS / 20); // else the kills came between saves, and showed nothing
});

Deno.test("the same kills ruin checkpoints that are written in place", async () => {
  const random = new Random(2);
  let ruined = 0;
  for (let kill = 0; kill < NAIVE_KILLS; kill++) {
    const path = `${temporaryFolder()}/naive`;
    await killedAfter(path, "naive", random.uniform() * LONGEST_DELAY_MS);
    try {
      CheckpointStore.open(path).load("last");
    } catch (error) {
      assert(error instanceof CheckpointError);
      ruined++;
    }
  }
  assertGreater(ruined, 0);
});

Deno.test("a store can be read at any time while another process saves to it", async () => {
  const path = `${temporaryFolder()}/plain-001`, steps = 30;
  const process = child(path, "atomic", String(FLOATS), String(steps));
  let seen = 0, loads = 0;
  for await (const _ of process.stdout) {
    const { step, warnings } = CheckpointStore.open(path).load("last");
    assertEquals(warnings, []);
    assert(step >= seen, `found ${step} after ${seen}`);
    seen = step;
    loads++;
  }
  assert((await process.status).success);
  assertEquals(CheckpointStore.open(path).load("last").step, steps);
  assertGreater(loads, 3);
});
