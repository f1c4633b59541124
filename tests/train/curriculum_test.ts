import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { createCorpus, createRun, resumeRun, train } from "lib/train/mod.ts";
import { digestOf, trainHere, trainInNewProcess } from "../support/training_process.ts";
import { collect, lossBits, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const data = { level: "variable", examples: 300, curriculum: "length", pacingSteps: 20 };
const settings = { data, train: { epochs: 3, warmup: 3 } };

Deno.test("train() with a curriculum goes on bit for bit, in this process and in another", async () => {
  const whole = createRun(tinyConfig(settings));
  const events = await collect(train(whole));
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  for await (const event of train(createRun(tinyConfig(settings), { store }))) {
    if (event.kind === "step" && event.step === 11) break;
  }
  const { run } = resumeRun(store);
  assertEquals(run.config.data.curriculum, "length");
  const rest = lossBits(await collect(train(run)));
  assertEquals(rest.at(-1), lossBits(events).at(-1));
  assertEquals(digestOf(run), digestOf(whole));
  const job = { settings: tinyConfig(settings), until: 25, store: Deno.makeTempDirSync() };
  const here = await trainHere({ ...job, saveAt: 7 });
  const [there] = await trainInNewProcess([job]);
  assertEquals(there, { ...here, losses: here.losses.slice(7) });
});

Deno.test("createCorpus() gives short sentences first, and refuses what orders no level", () => {
  const first = (curriculumOrder: string) => {
    const { loader } = createCorpus(tinyConfig({ data: { ...data, curriculumOrder } }));
    return loader.batches().next().value.targets;
  };
  const [easy, random, hard] = ["easy-first", "random", "hard-first"].map(first);
  assertEquals([easy, random, hard].toSorted((a = 0, b = 0) => a - b), [easy, random, hard]);
  assertNotEquals(easy, hard);
  const plain = () => createCorpus(tinyConfig({ data: { curriculum: "length" } }));
  assertThrows(
    plain,
    ConfigError,
    'got 5 for all of level "plain"; choose another measure as data.curriculum',
  );
});

Deno.test("train() learns from the targets that its settings ask for, whatever the curriculum", async () => {
  for (const curriculumOrder of ["easy-first", "hard-first"]) {
    const run = createRun(tinyConfig({
      data: { ...data, curriculumOrder },
      train: { tokens: 3000, warmup: 0 },
    }));
    const events = await collect(train(run));
    const steps = events.flatMap((event) => event.kind === "step" ? [event.tokens] : []);
    assertEquals(steps.findIndex((tokens) => tokens >= 3000), steps.length - 1);
  }
});
