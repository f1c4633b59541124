import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { type CompileEvent, useBackend } from "lib/backend/mod.ts";
import type { Batch } from "lib/data/mod.ts";
import { type Corpus, createCorpus, createRun, train } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

function epochOf({ loader }: Corpus): Batch[] {
  return loader.batches().take(loader.batchesPerEpoch).toArray();
}

function shapesOf(batches: Iterable<Batch>): Set<string> {
  return new Set(Array.from(batches, ({ shape }) => shape.join(" x ")));
}

Deno.test("createCorpus() puts no sentence on both sides and covers every batch by few lengths", () => {
  const corpus = createCorpus(tinyConfig({ data: { level: "variable", examples: 2000 } }));
  const train_ = new Set<string>();
  for (const { indices, ids, shape: [, T] } of corpus.loader.batches()) {
    if (train_.size >= 1800) break;
    indices.forEach((_, row) =>
      train_.add(ids.subarray(row * T, (row + 1) * T).filter((id) => id > 0).join())
    );
  }
  assertEquals(train_.size, 1800);
  const held = corpus.validationSentences.map((words) =>
    [...corpus.tokenizer.encode(words.join(" "))].slice(0, -1).join()
  );
  assertEquals(held.filter((ids) => train_.has(ids)), []);
  assert(corpus.lengths.length <= 4 && corpus.lengths.at(-1) === 15, `${corpus.lengths}`);
});

Deno.test("createCorpus() gives training batches one shape a length, and all measured ones a single shape", () => {
  for (const level of ["plain", "agreement", "variable", "copy"]) {
    for (const examples of [200, 2600]) {
      const corpus = createCorpus(tinyConfig({ data: { level, examples } }));
      assertEquals(shapesOf(epochOf(corpus)).size, corpus.lengths.length);
      const measured = [...corpus.validation.batches(), ...corpus.trainSample.batches()];
      assertEquals(shapesOf(measured).size, 1);
      const rows = measured.reduce((sum, { shape }) => sum + shape[0], 0);
      const sentences = 2 * corpus.validation.references.length;
      assertLessOrEqual(rows, sentences + 2, "as good as no empty rows");
    }
  }
});

Deno.test("createCorpus() computes no more rows than there are sentences, whatever the batch size", () => {
  for (const level of ["plain", "variable"]) {
    for (const batchSize of [54, 55, 100_000]) {
      const settings = { data: { level, examples: 60 }, train: { batchSize } };
      const corpus = createCorpus(tinyConfig(settings));
      const rows = epochOf(corpus).reduce((sum, { shape }) => sum + shape[0], 0);
      assertEquals(rows, 54);
      const held = [...corpus.validation.batches()];
      assertEquals(held.reduce((sum, { shape }) => sum + shape[0], 0), 6);
    }
  }
});

Deno.test("train() compiles an update once a length and number of micro-batches, and the losses once", async () => {
  const compiled: CompileEvent[] = [];
  const config = tinyConfig({
    data: { level: "variable", examples: 600 },
    train: { accumulation: 3, epochs: 2 },
  });
  const run = createRun(config, { onCompile: (event) => compiled.push(event) });
  await collect(train(run));
  const count = (name: string) => compiled.filter((event) => event.name === name).length;
  assertEquals(count("losses"), 1);
  // Whole steps, and one shorter step for each length.
  assert(run.corpus.lengths.length > 1);
  assertLessOrEqual(count("update"), 2 * run.corpus.lengths.length);
});
