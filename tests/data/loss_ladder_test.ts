import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { tokenFrequencies } from "lib/data/loss_ladder.ts";
import { createGrammar, LEVELS, lossLadder } from "lib/data/mod.ts";

/** Sums of up to 1,000 float64 terms. */
const ROUNDING = 1e-12;

Deno.test("lossLadder() is 6.908, 5.469, 3.678 on plain, as the course says", () => {
  const { uniform, unigram, floor } = lossLadder(createGrammar("plain"));
  assertEquals([uniform, unigram, floor].map((loss) => loss.toFixed(3)), [
    "6.908",
    "5.469",
    "3.678",
  ]);
});

Deno.test("lossLadder() on plain: ignoring the input costs exactly the slot, ln 6", () => {
  const { unigram, floor } = lossLadder(createGrammar("plain"));
  assertAlmostEquals(unigram, floor + Math.log(6), ROUNDING);
});

Deno.test("lossLadder() goes down from rung to rung on every level", () => {
  for (const level of LEVELS) {
    const { uniform, unigram, floor } = lossLadder(createGrammar(level));
    assertLess(unigram, uniform);
    assertLess(floor, unigram);
  }
});

Deno.test("tokenFrequencies() is a distribution over words and <eos>", () => {
  for (const level of LEVELS) {
    const shares = tokenFrequencies(createGrammar(level));
    assertAlmostEquals([...shares.values()].reduce((sum, share) => sum + share, 0), 1, ROUNDING);
    assertEquals(["<pad>", "<bos>", "<unk>"].map((token) => shares.get(token)), [
      undefined,
      undefined,
      undefined,
    ]);
  }
  const copy = tokenFrequencies(createGrammar("copy"));
  assertAlmostEquals(copy.get("The") ?? NaN, 2 / 11, ROUNDING);
  assertAlmostEquals(copy.get("<eos>") ?? NaN, 1 / 11, ROUNDING);
  assertAlmostEquals(copy.get("dog") ?? NaN, 2 / 11 / 250, ROUNDING);
});
