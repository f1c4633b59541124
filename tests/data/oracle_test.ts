import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { tokenFrequencies } from "lib/data/loss_ladder.ts";
import { createGrammar, createOracle, type Grammar, LEVELS, lossLadder } from "lib/data/mod.ts";

const SENTENCES = 200;
const SAMPLES = 100_000;
/** Sums of up to 1,000 float64 terms. */
const ROUNDING = 1e-12;
/** Sums of up to 1.1 million float64 terms: all that is left where no loss varies, as in plain. */
const SUM_ROUNDING = 1e-9;

function encode(grammar: Grammar, words: readonly string[], vocabulary = grammar.vocabulary) {
  return ["<bos>", ...words, "<eos>"].map((token) => vocabulary.indexOf(token));
}

Deno.test("Oracle.next() sums to 1 after every prefix, and fits Oracle.losses()", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level), oracle = createOracle(grammar), random = new Random(1);
    for (let sentence = 0; sentence < SENTENCES; sentence++) {
      const ids = encode(grammar, grammar.sample(random)), losses = oracle.losses(ids);
      assertEquals(losses.length, ids.length - 1);
      for (const [i, loss] of losses.entries()) {
        const next = oracle.next(ids.slice(0, i + 1));
        assertAlmostEquals(next.reduce((sum, p) => sum + p, 0), 1, ROUNDING);
        assertAlmostEquals(-Math.log(next[ids[i + 1] ?? -1] ?? NaN), loss, ROUNDING);
      }
    }
  }
});

Deno.test("Oracle.losses() of 100,000 samples: mean within 4 standard errors of the floor", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level), random = new Random(2);
    const { unigram, floor } = lossLadder(grammar), frequencies = tokenFrequencies(grammar);
    const oracleMean = createRatio(), unigramMean = createRatio();
    for (let sample = 0; sample < SAMPLES; sample++) {
      const targets = grammar.targets(grammar.sample(random));
      oracleMean.add(targets.map(({ probability }) => -Math.log(probability)));
      unigramMean.add(targets.map(({ token }) => -Math.log(frequencies.get(token) ?? NaN)));
    }
    assertLess(Math.abs(oracleMean.mean() - floor), 4 * oracleMean.standardError() + SUM_ROUNDING);
    assertLess(
      Math.abs(unigramMean.mean() - unigram),
      4 * unigramMean.standardError() + SUM_ROUNDING,
    );
  }
});

/** The mean per target over sentences of different lengths, and its standard error. */
function createRatio() {
  let n = 0, sum = 0, targets = 0, sumSquares = 0, targetSquares = 0, products = 0;
  return {
    add(losses: readonly number[]) {
      const loss = losses.reduce((total, one) => total + one, 0);
      n++;
      sum += loss;
      targets += losses.length;
      sumSquares += loss * loss;
      targetSquares += losses.length ** 2;
      products += loss * losses.length;
    },
    mean: () => sum / targets,
    standardError() {
      const mean = sum / targets;
      const squares = sumSquares - 2 * mean * products + mean * mean * targetSquares;
      return Math.sqrt(Math.max(0, squares) * n / (n - 1)) / targets;
    },
  };
}

Deno.test("createOracle() works in other ids than the grammar's", () => {
  const grammar = createGrammar("agreement");
  const vocabulary = [...new Random(3).shuffle(grammar.vocabulary), "extra"];
  const own = createOracle(grammar), other = createOracle(grammar, vocabulary);
  const words = grammar.sample(new Random(4));
  assertEquals(
    other.losses(encode(grammar, words, vocabulary)),
    own.losses(encode(grammar, words)),
  );
  const next = other.next(encode(grammar, words, vocabulary).slice(0, 3));
  assertEquals(next.length, 1001);
  assertEquals(next[1000], 0);
  assertAlmostEquals(next[vocabulary.indexOf(words[2] ?? "")] ?? NaN, 1 / 250);
});

Deno.test("createOracle() refuses a vocabulary that lacks a word", () => {
  const grammar = createGrammar("plain");
  assertThrows(
    () => createOracle(grammar, grammar.vocabulary.filter((token) => token !== "dog")),
    RangeError,
    `Cannot make an oracle: expected an id for each of the grammar's tokens, got none for "dog"`,
  );
});

Deno.test("Oracle names the position of ids that are no beginning of a sentence", () => {
  const grammar = createGrammar("plain"), oracle = createOracle(grammar), bos = 1, the = 4;
  assertThrows(
    () => oracle.next([bos, the, the]),
    RangeError,
    'expected one of 250 adjectives at word 1, got "The"',
  );
  assertThrows(
    () => oracle.next([the]),
    RangeError,
    'Cannot ask the oracle: expected <bos> at id 0, got "The"',
  );
  assertThrows(() => oracle.next([]), RangeError, 'expected <bos> at id 0, got "nothing"');
  assertThrows(
    () => oracle.next([bos, 1000]),
    RangeError,
    "Cannot ask the oracle: expected ids below 1000, got 1000 at id 1",
  );
  assertThrows(
    () => oracle.losses([bos, the]),
    RangeError,
    'Cannot score a sentence: expected <eos> at id 1, got "The"',
  );
  assertThrows(() => oracle.losses([bos]), RangeError, 'expected <eos> at id 0, got "<bos>"');
});
