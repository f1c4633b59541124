import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createGrammar, generateCorpus, splitCorpus } from "lib/data/mod.ts";

const texts = (sentences: readonly (readonly string[])[]) =>
  sentences.map((words) => words.join(" "));

Deno.test("splitCorpus() cuts 10,000 sentences 9,000 to 1,000, none on both sides", () => {
  const corpus = generateCorpus(createGrammar("plain"), { seed: 1 });
  const { train, validation } = splitCorpus(corpus, { seed: 1 });
  assertEquals([train.length, validation.length], [9000, 1000]);
  assertEquals(new Set([...texts(train), ...texts(validation)]), new Set(texts(corpus)));
  assertEquals(new Set(texts(train)).intersection(new Set(texts(validation))).size, 0);
});

Deno.test("splitCorpus() sends all copies of a sentence to one side, and loses none", () => {
  const different = generateCorpus(createGrammar("variable"), { count: 100, seed: 1 });
  const corpus = [...different, ...different.slice(0, 60), ...different.slice(0, 30)];
  for (let seed = 0; seed < 20; seed++) {
    const { train, validation } = splitCorpus(corpus, { validationShare: 0.2, seed });
    assertEquals(new Set(texts(validation)).size, 20);
    assertEquals(new Set(texts(train)).intersection(new Set(texts(validation))).size, 0);
    assertEquals([...texts(train), ...texts(validation)].sort(), texts(corpus).sort());
  }
});

Deno.test("splitCorpus() keeps the order of the input and depends on the seed", () => {
  const corpus = generateCorpus(createGrammar("plain"), { count: 200, seed: 1 });
  const { train, validation } = splitCorpus(corpus, { seed: 5 });
  const held = new Set(texts(validation));
  assertEquals(texts(train), texts(corpus).filter((text) => !held.has(text)));
  assertEquals(splitCorpus(corpus, { seed: 5 }), { train, validation });
  assertNotEquals(splitCorpus(corpus, { seed: 6 }), { train, validation });
});

Deno.test("splitCorpus() draws each sentence as often: 1,000 splits of 10, within 4 standard errors", () => {
  const corpus = Array.from({ length: 10 }, (_, i) => [`word${i}`]), draws = 1000, share = 0.3;
  const counts = new Map<string, number>();
  for (let seed = 0; seed < draws; seed++) {
    for (const text of texts(splitCorpus(corpus, { validationShare: share, seed }).validation)) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const bound = 4 * Math.sqrt(draws * share * (1 - share));
  for (const [text] of corpus) {
    assertEquals(Math.abs((counts.get(text ?? "") ?? 0) - draws * share) < bound, true);
  }
});

Deno.test("splitCorpus() refuses shares out of range, and a side without sentences", () => {
  const corpus = [["a"], ["b"], ["a"]];
  for (const validationShare of [0, 1, -0.1, NaN]) {
    assertThrows(
      () => splitCorpus(corpus, { validationShare, seed: 1 }),
      RangeError,
      "Cannot split a corpus: expected a validation share between 0 and 1, got " + validationShare,
    );
  }
  assertThrows(
    () => splitCorpus(corpus, { seed: 1 }),
    RangeError,
    "Cannot split a corpus: expected a sentence on both sides, got 0 of 2 different ones for validation",
  );
  assertThrows(
    () => splitCorpus(corpus, { validationShare: 0.9, seed: 1 }),
    RangeError,
    "got 2 of 2",
  );
});
