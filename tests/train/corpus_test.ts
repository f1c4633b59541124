import { assertEquals, assertThrows } from "@std/assert";
import { type CompileMode, useBackend } from "lib/backend/mod.ts";
import { createGrammar } from "lib/data/mod.ts";
import { createWordLevelTokenizer, type Tokenizer } from "lib/tokenizer/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { createRun, resumeRun, train } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const words = createWordLevelTokenizer(createGrammar("plain").vocabulary);
const V = words.size;

for (const compile of ["off", "graph", "xla"] satisfies CompileMode[]) {
  const config = tinyConfig({ compute: { compile } });
  const assertRefused = (tokenizer: Tokenizer, message: string) =>
    assertThrows(() => createRun(config, { tokenizer }), RangeError, message);

  Deno.test(`createRun() refuses special ids outside the vocabulary at the start, ${compile}`, () => {
    for (const name of ["padId", "bosId", "eosId", "unkId"] as const) {
      for (const id of [V, -1, NaN, 0.5]) {
        const message = `expected ${name} to be an id below ${V}, got ${id}`;
        assertRefused({ ...words, [name]: id }, `Cannot use a tokenizer: ${message}`);
      }
    }
  });

  Deno.test(`createRun() refuses data with ids outside the vocabulary at the start, ${compile}`, () => {
    for (const id of [V, -1]) {
      const encode = (text: string) => words.encode(text).with(1, id);
      const message = `Cannot make a data set: expected ids from 0 to ${V - 1}, got ${id} for "The`;
      assertRefused({ ...words, encode }, message);
    }
  });
}

Deno.test("resumeRun() refuses another tokenizer than the run was trained with, or none in its place", async () => {
  const vocabulary = Array.from({ length: V }, (_, id) => words.tokenOf(id));
  const last = vocabulary.at(-1) ?? "", before = vocabulary.at(-2) ?? "";
  const other = createWordLevelTokenizer([...vocabulary.slice(0, -2), last, before]);
  const saved = async (tokenizer?: Tokenizer) => {
    const store = CheckpointStore.open(Deno.makeTempDirSync());
    const run = createRun(tinyConfig(), { store, ...tokenizer && { tokenizer } });
    for await (const event of train(run)) if (event.kind === "step") break;
    return store;
  };
  const plain = await saved(), own = await saved(other);
  const refused = "expected the tokenizer that it was trained with";
  assertThrows(() => resumeRun(plain, { tokenizer: other }), ConfigError, refused);
  assertThrows(() => resumeRun(own), ConfigError, refused);
  const steps = [
    resumeRun(plain),
    resumeRun(plain, { tokenizer: words }),
    resumeRun(own, { tokenizer: other }),
  ];
  assertEquals(steps.map(({ run }) => run.state.step), [1, 1, 1]);
});
