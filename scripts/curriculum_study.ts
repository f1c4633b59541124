/**
 * Trains the runs of the study on curricula, and writes the file that notebook 6 shows.
 *
 *     deno run -A scripts/curriculum_study.ts              trains what is missing
 *     deno run -A scripts/curriculum_study.ts --shard 0/2  begins with the first half of it
 *     deno run -A scripts/curriculum_study.ts --read       writes what is there
 *
 * Several processes may share the work. For each level, budget and seed, the file has all arms or
 * none, so that the arms can be compared.
 *
 * @module
 */
import {
  ARMS,
  type StudyCell,
  studyCells,
  type StudyRun,
  studyRun,
} from "course/06_challenges/curriculum_study.ts";
import { useBackend } from "lib/backend/mod.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import { CellStore, sweep } from "lib/experiment/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";

const FILE = "course/06_challenges/curriculum_study.json";

async function main(): Promise<void> {
  const { flags } = readCommandLine({ read: "boolean", shard: "string" });
  const cells = studyCells(), store = CellStore.open("experiments/cells");
  if (flags.read !== true) await trainMissing(cells, store, flags.shard);
  const runs = wholeGroups(cells, store);
  writeFileAtomically(FILE, `[\n${runs.map((run) => JSON.stringify(run)).join(",\n")}\n]\n`);
  print(`Written ${FILE}: ${runs.length} of ${cells.length} runs`);
}

async function trainMissing(
  cells: readonly StudyCell[],
  store: CellStore,
  shard: string | boolean | undefined,
): Promise<void> {
  await useBackend({ threads: 1 }); // such a small model does not use two cores
  const [index = 0, count = 1] = typeof shard === "string" ? shard.split("/").map(Number) : [];
  const byKey = new Map(cells.map((one) => [one.cell.key, one]));
  for await (
    const event of sweep(cells.map(({ cell }) => cell), store, { shard: { index, count } })
  ) {
    if (event.kind !== "cell" || event.source === "stored") continue;
    const { level = "", budget = "", arm = "" } = byKey.get(event.cell.key) ?? {};
    print(`${event.done} of ${event.total}: ${level}, ${budget}, ${arm}, seed ${event.cell.seed}`);
  }
}

/** The runs of every level, budget and seed for which all arms are finished. */
function wholeGroups(cells: readonly StudyCell[], store: CellStore): StudyRun[] {
  const runs = cells.flatMap((one) => {
    const result = store.load(one.cell);
    return result === null ? [] : [studyRun(one, { cell: one.cell, result })];
  });
  const groupOf = ({ level, budget, seed }: StudyRun) => [level, budget, seed].join();
  const groups = Map.groupBy(runs, groupOf), arms = Object.keys(ARMS).length;
  return runs.filter((run) => groups.get(groupOf(run))?.length === arms);
}

await runMain(main);
