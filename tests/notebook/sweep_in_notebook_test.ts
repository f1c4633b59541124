import { useBackend } from "lib/backend/mod.ts";
import { CellStore, planCells } from "lib/experiment/mod.ts";
import { sweepInNotebook } from "lib/notebook/mod.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { FakeScreen } from "./fake_screen.ts";

await useBackend();

const CELLS = planCells({
  base: {
    data: { examples: 200 },
    model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
    train: { epochs: 1, warmup: 0, samples: 0, batchSize: 32 },
    compute: { compile: "graph" },
  },
  axes: [{ setting: "train.lr", values: [1e-3, 1e-2] }],
  seeds: [1, 2],
});

Deno.test("sweepInNotebook() shows one line that is drawn over, and keeps the results", async () => {
  const store = CellStore.open(temporaryFolder()), screen = new FakeScreen();
  let time = 0;
  const finished = await sweepInNotebook(CELLS, { store, screen, now: () => time += 300 });
  assertEquals(finished.map(({ cell }) => cell.key), CELLS.map(({ key }) => key));
  const ids = new Set(screen.shown.map(({ options }) => options.id));
  assertEquals(ids.size, 1);
  assertEquals(screen.shown.map(({ options }) => options.isUpdate === true).slice(0, 2), [
    false,
    true,
  ]);
  const texts = screen.shown.map(({ bundle }) => bundle["text/plain"] ?? "");
  assertMatch(texts.at(-2) ?? "", /^\d of 4 runs, about \d+ s left$/);
  assertMatch(texts.at(-1) ?? "", /^4 runs in \d+ s$/);

  const again = new FakeScreen();
  await sweepInNotebook(CELLS, { store, screen: again });
  assertMatch(
    again.shown.at(-1)?.bundle["text/plain"] ?? "",
    /^4 runs in 0 s, 4 of them made before$/,
  );
});

Deno.test("sweepInNotebook() stopped keeps what is finished, and says how to go on", async () => {
  const store = CellStore.open(temporaryFolder()), screen = new FakeScreen();
  const stop = new AbortController();
  let looks = 0;
  const now = () => {
    if (++looks === 12) stop.abort();
    return 300 * looks;
  };
  await assertRejects(
    () => sweepInNotebook(CELLS, { store, screen, now, signal: stop.signal }),
    DOMException,
    "run this cell again to go on",
  );
  assertMatch(screen.shown.at(-1)?.bundle["text/plain"] ?? "", /^Stopped: \d of 4 runs are there/);
  assertEquals((await sweepInNotebook(CELLS, { store, screen })).length, 4);
});
