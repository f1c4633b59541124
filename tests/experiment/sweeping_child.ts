/**
 * Sweeps over small cells in a process of its own, and prints a line for each event.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { CellStore, sweep } from "lib/experiment/mod.ts";
import { smallCells } from "./_small.ts";

const [folder = "", seeds = "1", pauseMs = "0"] = Deno.args;
await useBackend({ onNotice: () => {} });
const store = CellStore.open(folder, { staleMs: 5000 });
const cells = smallCells(seeds.split(",").map(Number));
for await (const event of sweep(cells, store, { pollSeconds: 0.1 })) {
  const key = event.kind === "waiting" ? "" : event.cell.key;
  console.log(JSON.stringify([event.kind, key, event.kind === "cell" ? event.source : ""]));
  // A cell here takes a fraction of a second; a test wants time to kill this process within one.
  if (event.kind === "start") await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
}
Deno.exit(0);
