import { createHash } from "node:crypto";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createGrammar, generateCorpus, type Level, LEVELS } from "lib/data/mod.ts";
import { smallLexicon } from "./_lexicon.ts";

/** SHA-256 of 10,000 sentences of seed 1, one a line: the same on every machine. */
const GOLDEN: Readonly<Record<Level, string>> = {
  plain: "76cbc3cfbd2d694b990b2b08e720aff0189e332397933278f46ec55a483585ea",
  agreement: "c227ce417d352fef60ae71b89e69cc342096e23faab5df87916df70f15bf977a",
  variable: "fcf676e2fec7a7ed1c3515d264e4d711e3196c5a4cf8419180f335bd85b07546",
  copy: "3d1e4f9ff76d93ffa3232b838824ac7c43ed3db2f50717123a834a79515ea7c8",
};

Deno.test("generateCorpus() gives the same bytes on every machine", () => {
  for (const level of LEVELS) {
    const corpus = generateCorpus(createGrammar(level), { seed: 1 });
    const text = corpus.map((words) => `${words.join(" ")}\n`).join("");
    assertEquals(createHash("sha256").update(text).digest("hex"), GOLDEN[level], level);
  }
});

Deno.test("generateCorpus() gives 10,000 different grammatical sentences at every level", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level), corpus = generateCorpus(grammar, { seed: 2 });
    assertEquals(new Set(corpus.map((words) => words.join(" "))).size, 10_000);
    assert(corpus.every((words) => grammar.isGrammatical(words)));
  }
});

Deno.test("generateCorpus() depends on the seed, and begins alike for every count", () => {
  const grammar = createGrammar("plain");
  const corpus = generateCorpus(grammar, { count: 50, seed: 3 });
  assertNotEquals(generateCorpus(grammar, { count: 50, seed: 4 }), corpus);
  assertEquals(generateCorpus(grammar, { count: 20, seed: 3 }), corpus.slice(0, 20));
});

Deno.test("generateCorpus() finds all sentences of a small grammar, and refuses one more", () => {
  const grammar = createGrammar("agreement", smallLexicon());
  assertEquals(generateCorpus(grammar, { count: 1600, seed: 1 }).length, 1600);
  assertThrows(
    () => generateCorpus(grammar, { count: 1601, seed: 1 }),
    RangeError,
    "Cannot generate sentences: expected a grammar that has 1601, got 10000 repeats in a row after " +
      "1600; ask for fewer",
  );
});

Deno.test("generateCorpus() refuses a count that is none", () => {
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => generateCorpus(createGrammar("plain"), { count, seed: 1 }),
      RangeError,
      `Cannot generate sentences: expected a count from 1, got ${count}`,
    );
  }
});
