import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { useBackend } from "lib/backend/mod.ts";
import { show, trainInNotebook } from "lib/notebook/mod.ts";
import { stopButton } from "lib/notebook/stop_button.ts";
import { createRun, type Run, runConfig } from "lib/train/mod.ts";
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { FakeScreen } from "./fake_screen.ts";

const PATH = `${temporaryFolder()}/plain-001`;

async function smallRun(store?: CheckpointStore): Promise<Run> {
  await useBackend();
  const config = runConfig({
    data: { examples: 300 },
    model: { layers: 1, hiddenSize: 32, heads: 2, feedForwardSize: 64 },
    train: { epochs: 2, warmup: 0, samples: 4 },
    compute: { compile: "off" },
  });
  return createRun(config, store === undefined ? {} : { store });
}

/** A screen on which Stop is pressed as soon as a step was drawn. */
class Impatient extends FakeScreen {
  readonly stop = new AbortController();

  override show(...args: Parameters<FakeScreen["show"]>): Promise<void> {
    if (args[0]["text/plain"]?.includes("step 1/")) this.stop.abort();
    return super.show(...args);
  }
}

Deno.test("trainInNotebook() trains to the end and gives what was logged", async () => {
  const screen = new FakeScreen(), run = await smallRun();
  const { reason, rows } = await trainInNotebook(run, { screen });
  assertEquals([reason, run.state.step], ["finished", 10]);
  assertEquals(rows.filter((row) => row.trainLoss !== undefined).length, 10);
  assertEquals(rows.filter((row) => row.validationLoss !== undefined).map(({ step }) => step), [
    0,
    5,
    10,
  ]);
  assertEquals(screen.lines, []);
  assertStringIncludes(screen.shown.at(-1)?.bundle["text/plain"] ?? "", "step 10/10");
});

Deno.test("trainInNotebook() as a cell's last value shows a line, and not every row", async () => {
  const run = await smallRun(), signal = AbortSignal.abort();
  const training = await trainInNotebook(run, { screen: new FakeScreen(), signal });
  assertEquals(Object.keys(training), ["reason", "rows"]);
  const shown = new FakeScreen();
  await show(training, shown);
  assertEquals(shown.shown[0]?.bundle, { "text/plain": "interrupted at step 0" });
});

Deno.test("trainInNotebook() stops, saves, says how to go on, and goes on", async () => {
  const screen = new Impatient(), run = await smallRun(CheckpointStore.open(PATH));
  const now = () => 1000 * run.state.step; // so that each step is drawn
  const first = await trainInNotebook(run, { screen, now, signal: screen.stop.signal });
  const { step } = run.state;
  assertEquals(first.reason, "interrupted");
  assertEquals(CheckpointStore.open(PATH).load("last").step, step);
  assertMatch(
    screen.lines.join(),
    /^Stopped at step 1 of 10, saved in .*plain-001\. To go on from/,
  );
  assertStringIncludes(screen.lines.join(), "there: await trainInNotebook(run)");

  const rest = new FakeScreen();
  const second = await trainInNotebook(run, { screen: rest, rows: first.rows });
  assertEquals([second.reason, run.state.step], ["finished", 10]);
  const steps = second.rows.flatMap((row) => row.trainLoss === undefined ? [] : [row.step]);
  assertEquals(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("trainInNotebook() says that a run without a store is kept in memory alone", async () => {
  const screen = new FakeScreen(), run = await smallRun();
  await trainInNotebook(run, { screen, signal: AbortSignal.abort() });
  assertMatch(screen.lines.join(), /^Stopped at step 0 of 10, kept in memory\./);
});

Deno.test("trainInNotebook() refuses a second loop, and Stop still ends the first", async () => {
  const run = await smallRun(), screen = new FakeScreen();
  const first = trainInNotebook(run, { screen });
  await assertRejects(
    () => trainInNotebook(run, { screen: new FakeScreen() }),
    DOMException,
    "Cannot train: expected a run that no loop trains yet, got one under way at step ",
  );
  stopButton().press();
  assertEquals((await first).reason, "interrupted");
});
