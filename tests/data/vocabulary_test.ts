import { assertEquals } from "@std/assert";
import { createVocabulary, LEVELS, loadLexicon, SPECIAL_TOKENS } from "lib/data/mod.ts";

Deno.test("createVocabulary() has 1,000 different tokens at every level", () => {
  for (const level of LEVELS) {
    const vocabulary = createVocabulary(level);
    assertEquals(vocabulary.length, 1000);
    assertEquals(new Set(vocabulary).size, 1000);
    assertEquals(vocabulary.slice(0, 5), [...SPECIAL_TOKENS, "The"]);
  }
});

Deno.test("createVocabulary() differs between levels by `that` alone", () => {
  const plain = createVocabulary("plain"), variable = createVocabulary("variable");
  assertEquals(variable.slice(0, 999), plain.slice(0, 999));
  assertEquals([plain[999], variable[999]], [loadLexicon().adverbs[244], "that"]);
  assertEquals(createVocabulary("agreement"), plain);
  assertEquals(createVocabulary("copy"), plain);
});
