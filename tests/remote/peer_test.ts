import { differentVerdicts } from "./same_verdicts.ts";
import { assertEquals } from "@std/assert";

Deno.test("an answer in another process is judged as it would be here: lists, typed arrays, functions, generators, tensors", async () => {
  const names = ["buildVocabulary", "padBatch", "bigramModel", "createTokenizer", "toTensors"];
  assertEquals(await differentVerdicts(names), []);
});

Deno.test("gradients pass through an answer in another process, and it can be compiled there", async () => {
  assertEquals(await differentVerdicts(["layerNorm", "attend"], (i) => i < 6), []);
});
