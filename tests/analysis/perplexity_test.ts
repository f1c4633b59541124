import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { comparePerplexities } from "lib/analysis/mod.ts";
import { Random } from "lib/core/mod.ts";

Deno.test("comparePerplexities() gives one figure five times where nothing varies", () => {
  const report = comparePerplexities([[2, 2], Float64Array.of(2, 2)]);
  for (const value of Object.values(report)) assertAlmostEquals(value, Math.exp(2), 1e-12);
});

Deno.test("comparePerplexities() orders the means as Jensen's inequality says, and pads lower", () => {
  const random = new Random(1);
  for (let trial = 0; trial < 50; trial++) {
    const sentences = Array.from(
      { length: 20 },
      () => Array.from({ length: 3 + random.integer(10) }, () => 6 * random.uniform()),
    );
    const report = comparePerplexities(sentences);
    assert(report.meanOverTargets > report.perplexity);
    assert(report.meanOverSentences > report.ofSentenceMeans);
    assert(report.withPads < report.perplexity);
    const equal = comparePerplexities(sentences.map((losses) => losses.slice(0, 3)));
    assertAlmostEquals(equal.ofSentenceMeans, equal.perplexity, 1e-9); // equal lengths: the same
    assertAlmostEquals(equal.withPads, equal.perplexity, 1e-9);
  }
});

Deno.test("comparePerplexities() refuses to take a mean of nothing", () => {
  const message = (losses: number[][]) =>
    assertThrows(() => comparePerplexities(losses), RangeError).message;
  const start = "Cannot compute a perplexity: expected sentences with targets, got none";
  assertEquals(message([]), start);
  assertEquals(message([[1], []]), `${start} in sentence 1`);
});
