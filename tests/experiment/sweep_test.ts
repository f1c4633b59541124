import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { CellStore, CellTrainer, collectSweep, sweep, sweepRows } from "lib/experiment/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { smallCells } from "./_small.ts";

await useBackend();

const CHILD = fileURLToPath(new URL("sweeping_child.ts", import.meta.url));
const SEEDS = [1, 2, 3];

/** The table without what differs from run to run: the times. */
async function tableOf(folder: string) {
  const finished = await collectSweep(smallCells(SEEDS), CellStore.open(folder));
  return sweepRows(finished).map(({ seconds: _, ...row }) => row);
}

type Said = [kind: string, key: string, source: string];

/** A process that sweeps; `pauseMs` passes between the claim of a cell and its training. */
function startChild(folder: string, pauseMs: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CHILD, folder, SEEDS.join(","), `${pauseMs}`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const said: Said[] = [];
  const lines = createInterface({ input: Readable.from(child.stdout) });
  return {
    said,
    child,
    /** Reads until an event is told; false at the end. */
    async until(isIt: (event: Said) => boolean): Promise<boolean> {
      for await (const line of lines) {
        const event: Said = JSON.parse(line);
        said.push(event);
        if (isIt(event)) return true;
      }
      return false;
    },
  };
}

const plain = temporaryFolder();
const expected = await tableOf(plain);

Deno.test("a sweep trains each cell once, and gives stored results from then on", async () => {
  assertEquals(expected.length, 6);
  const sources: string[] = [];
  for await (const event of sweep(smallCells(SEEDS), CellStore.open(plain))) {
    if (event.kind === "cell") sources.push(event.source);
  }
  assertEquals(sources, Array(6).fill("stored"));
  assertEquals([...Deno.readDirSync(plain)].filter(({ name }) => !name.endsWith(".json")), []);
});

Deno.test("a cell trained with what others left is bit for bit the one trained alone", async () => {
  const [, , , cell] = smallCells(SEEDS);
  assert(cell);
  const alone = await new CellTrainer().train(cell.config);
  const together = CellStore.open(plain).load(cell);
  assertEquals(together?.trainLosses, alone?.trainLosses);
  assertEquals(together?.final, alone?.final);
});

Deno.test("a sweep that was killed goes on, with the same table and nothing done twice", async () => {
  const folder = temporaryFolder();
  const first = startChild(folder, 300);
  let finished = 0;
  await first.until(([kind]) => kind === "cell" && ++finished === 2);
  await first.until(([kind]) => kind === "start");
  first.child.kill("SIGKILL");
  await first.child.status;
  const second = startChild(folder, 0);
  await second.until(() => false);
  assertEquals((await second.child.status).code, 0);
  const sources = second.said.filter(([kind]) => kind === "cell").map(([, , source]) => source);
  assertEquals(sources.filter((source) => source === "stored").length, 2);
  assertEquals(sources.filter((source) => source === "trained").length, 4);
  assertEquals(await tableOf(folder), expected);
});

Deno.test("two processes share a sweep; one is killed, the other finishes, nothing is done twice", async () => {
  const folder = temporaryFolder();
  const [first, second] = [startChild(folder, 400), startChild(folder, 400)];
  const rest = second.until(() => false);
  let finished = 0;
  await first.until(([kind, , source]) =>
    kind === "cell" && source === "trained" && ++finished === 1
  );
  await first.until(([kind]) => kind === "start");
  first.child.kill("SIGKILL");
  await first.child.status;
  await rest;
  assertEquals((await second.child.status).code, 0);
  const trained = [first, second].flatMap(({ said }) =>
    said.filter(([kind, , source]) => kind === "cell" && source === "trained").map(([, key]) => key)
  );
  assertEquals(new Set(trained).size, trained.length, "no cell is trained twice");
  assertEquals(trained.length, 6);
  assertEquals(await tableOf(folder), expected);
});

Deno.test("a stopped sweep keeps its finished cells, and gives its claim back", async () => {
  const folder = temporaryFolder(), store = CellStore.open(folder), stop = new AbortController();
  const events: string[] = [];
  for await (
    const event of sweep(smallCells(SEEDS), store, {
      signal: stop.signal,
      onStep: (step) => events.length === 3 && step === 2 && stop.abort(),
    })
  ) events.push(event.kind);
  assertEquals(events, ["start", "cell", "start"]);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name.split(".")[1]), ["json"]);
});

Deno.test("a cell that diverges is a result, not an error", async () => {
  const config = runConfig({
    data: { examples: 200 },
    model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
    train: { epochs: 2, warmup: 0, samples: 0, batchSize: 32, optimizer: "sgd", lr: 1e30, clip: 0 },
    compute: { compile: "graph" },
  });
  const result = await new CellTrainer().train(config);
  assertEquals(result?.outcome, "diverged");
  assertGreater(result?.validations.length ?? 0, 0);
});

Deno.test("a damaged result is trained again", async () => {
  const folder = temporaryFolder(),
    cells = smallCells([1]).slice(0, 1),
    store = CellStore.open(folder);
  const [first] = await collectSweep(cells, store);
  assert(first);
  Deno.truncateSync(`${folder}/${first.cell.key}.json`, 100);
  const [again] = await collectSweep(cells, store);
  assertEquals(again?.result.final, first.result.final);
});
