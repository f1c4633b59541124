/**
 * Trains the runs of the study on curricula, and writes the file that notebook 6 shows.
 *
 *     deno run -A scripts/curriculum_study.ts [SHARE SHARES]
 *
 * Several processes may share the work: `0 2` and `1 2` each begin with their half.
 *
 * @module
 */
import { studyCells, studyRun } from "course/06_challenges/curriculum_study.ts";
import { useBackend } from "lib/backend/mod.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import { CellStore, sweep } from "lib/experiment/mod.ts";
import { print, runMain } from "./_command_line.ts";

const FILE = "course/06_challenges/curriculum_study.json";

async function main(): Promise<number> {
  const [index = "0", count = "1"] = Deno.args;
  await useBackend({ threads: 1 }); // so small a model does not keep two cores busy
  const cells = studyCells(), shard = { index: Number(index), count: Number(count) };
  const byKey = new Map(cells.map((one) => [one.cell.key, one]));
  const runs: string[] = [];
  const store = CellStore.open("experiments/cells");
  for await (const event of sweep(cells.map(({ cell }) => cell), store, { shard })) {
    if (event.kind !== "cell") continue;
    const one = byKey.get(event.cell.key);
    if (one === undefined) continue;
    runs.push(JSON.stringify(studyRun(one, event)));
    const { level, budget, arm } = one;
    print(`${event.done} of ${event.total}: ${level}, ${budget}, ${arm}, seed ${event.cell.seed}`);
  }
  writeFileAtomically(FILE, `[\n${runs.toSorted().join(",\n")}\n]\n`);
  print(`Written ${FILE}`);
  return 0;
}

await runMain(main);
