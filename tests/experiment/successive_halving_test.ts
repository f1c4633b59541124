import { useBackend } from "lib/backend/mod.ts";
import { CellStore, successiveHalving } from "lib/experiment/mod.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { SMALL } from "./_small.ts";

await useBackend();

Deno.test("successiveHalving() gives the best third of each round three times the steps", async () => {
  const rates = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 1e-2, 1e20, 3e-7];
  const base = { ...SMALL, train: { ...SMALL.train, warmup: 9 } };
  const axes = [{ setting: "train.lr", values: rates }];
  const plan = { base, axes, seeds: [1, 2], steps: 36 };
  const rounds = await successiveHalving(plan, CellStore.open(temporaryFolder()));
  assertEquals(rounds.map(({ steps, finished }) => [steps, finished.length]), [[4, 18], [12, 6], [
    36,
    2,
  ]]);
  assertEquals(rounds.map(({ kept }) => kept.length), [3, 1, 1]);
  assertEquals(rounds[0]?.finished[0]?.cell.config.train.warmup, 1);
  assertEquals(rounds.at(-1)?.kept, ["lr 0.01"]);
});

Deno.test("successiveHalving() refuses a first round without a step", async () => {
  const plan = { base: SMALL, axes: [], seeds: [1], steps: 3, rounds: 5 };
  await assertRejects(
    () => successiveHalving(plan, CellStore.open(temporaryFolder())),
    Error,
    "expected at least one step in the first round, got 3 steps over 5 rounds by 3",
  );
});
