import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { wordClass } from "lib/data/mod.ts";
import { createGrammar, type Grammar, LEVELS, loadLexicon } from "lib/data/mod.ts";
import { smallLexicon } from "./_lexicon.ts";

const SAMPLES = 2000;
/** Sums of up to 160,000 float64 terms. */
const ROUNDING = 1e-9;

function samplesOf(grammar: Grammar, seed: number): string[][] {
  const random = new Random(seed);
  return Array.from({ length: SAMPLES }, () => grammar.sample(random));
}

/** Calls `visit` with the probability of every sentence, found by asking for the next token. */
function visitSentences(
  grammar: Grammar,
  visit: (probability: number, targets: number) => void,
  prefix: string[] = [],
  probability = 1,
): void {
  for (const [token, p] of grammar.nextToken(prefix)) {
    if (token === "<eos>") visit(probability * p, prefix.length + 1);
    else visitSentences(grammar, visit, [...prefix, token], probability * p);
  }
}

Deno.test("Grammar.entropy is the closed form of each level", () => {
  const { log } = Math;
  const closed = {
    plain: (3 * log(250) + log(245)) / 6,
    agreement: (2 * log(250) + log(25) + (log(25) + log(24)) / 2) / 6,
    variable: (log(250) + log(2) + log(249) / 2 + log(100) +
      (40 / 27) * (log(3) - (2 / 3) * log(2)) + (40 / 81) * log(100) +
      log(10) + log(3) - (2 / 3) * log(2) + (2 / 3) * log(10)) /
      (1 + 3 / 2 + 1 + 2 * (40 / 81) + 1 + 2 / 3 + 1),
    copy: (4 * log(250) + 2 * log(245)) / 11,
  };
  for (const level of LEVELS) {
    assertAlmostEquals(createGrammar(level).entropy, closed[level], ROUNDING);
  }
  assertEquals(createGrammar("plain").entropy.toFixed(3), "3.678");
  assertEquals(createGrammar("agreement").entropy.toFixed(3), "2.910");
});

Deno.test("Grammar.nextToken() over all sentences of a small lexicon: sums to 1, has the entropy", () => {
  for (const [level, count] of [["plain", 160_000], ["agreement", 1600]] as const) {
    const grammar = createGrammar(level, smallLexicon());
    let sentences = 0, mass = 0, entropy = 0, meanTargets = 0;
    visitSentences(grammar, (probability, targets) => {
      sentences++;
      mass += probability;
      entropy -= probability * Math.log(probability);
      meanTargets += probability * targets;
    });
    assertEquals(sentences, count);
    assertAlmostEquals(mass, 1, ROUNDING);
    assertAlmostEquals(entropy / meanTargets, grammar.entropy, ROUNDING);
  }
});

Deno.test("Grammar.isGrammatical() accepts every sample, and no prefix or extension of it", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level);
    for (const words of samplesOf(grammar, 1)) {
      assert(grammar.isGrammatical(words), words.join(" "));
      assert(!grammar.isGrammatical([...words, "The"]));
      assert(!grammar.isGrammatical([...words, "<eos>"]));
      assert(!grammar.isGrammatical(words.slice(0, 2)));
    }
    assert(!grammar.isGrammatical([]));
  }
});

Deno.test("Grammar.isGrammatical() refuses planted mistakes", () => {
  const mistakes = {
    plain: [
      "the old dog runs quickly",
      "The dog old runs quickly",
      "The old dog runs",
      "The old dog quickly runs",
      "The old dog barked quickly",
      "The old dog runs quickly .",
      "The old <unk> runs quickly",
    ],
    agreement: ["The old dog speaks ably", "The old dog runs wryly", "The old teacher runs ably"],
    variable: [
      "The old fish",
      "The fish runs",
      "The old old fish runs",
      "The old young big fish runs",
      "The old fish that runs",
      "The old fish that that runs runs",
      "The old fish runs that speaks",
      "The old fish that runs speaks",
      "The old fish runs weakly",
      "The old dog runs", // a noun, but none of the level's
      "The old fish that runs that runs that runs that runs that runs runs",
    ],
    copy: [
      "The old dog runs ably",
      "The old dog runs ably The young cat runs ably",
      "The old dog runs ably The young dog speaks ably",
      "The old dog runs ably The young dog runs",
    ],
  };
  for (const level of LEVELS) {
    for (const text of mistakes[level]) {
      assert(!createGrammar(level).isGrammatical(text.split(" ")), text);
    }
  }
});

Deno.test("Grammar.isGrammatical() accepts what the patterns promise", () => {
  const sentences = {
    plain: ["The old dog speaks wryly"],
    agreement: ["The old dog runs ably", "The wise teacher speaks briskly"],
    variable: [
      "The old fish runs",
      "The big old fish runs ably",
      "The old fish that speaks runs",
      "The old fish that speaks that speaks that sighs that leaps runs ably",
    ],
    copy: ["The old dog speaks wryly The old dog speaks ably"],
  };
  for (const level of LEVELS) {
    for (const text of sentences[level]) {
      assert(createGrammar(level).isGrammatical(text.split(" ")), text);
    }
  }
});

Deno.test("Grammar.sample() ties class to class: noun to verb to adverb", () => {
  for (const words of samplesOf(createGrammar("agreement"), 2)) {
    const [noun = "", verb = "", adverb = ""] = words.slice(2);
    assertEquals(wordClass(verb), wordClass(noun));
    assertEquals(wordClass(adverb), wordClass(noun));
  }
});

Deno.test("Grammar.sample() draws every word of a slot as often: chi-squared below its 99.99 % point", () => {
  const grammar = createGrammar("plain"),
    random = new Random(4),
    counts = new Map<string, number>();
  const draws = 50_000, expected = draws / 250;
  for (let draw = 0; draw < draws; draw++) {
    const noun = grammar.sample(random)[2] ?? "";
    counts.set(noun, (counts.get(noun) ?? 0) + 1);
  }
  assertEquals(counts.size, 250);
  const chiSquared = [...counts.values()].reduce(
    (sum, n) => sum + (n - expected) ** 2 / expected,
    0,
  );
  assertLess(chiSquared, 340); // 249 degrees of freedom
});

Deno.test("Grammar.maxLength is reached by level `variable`, whose sentences have 6 to 16 tokens", () => {
  const lengths = LEVELS.map((level) => createGrammar(level).maxLength);
  assertEquals(lengths, [7, 7, 16, 12]);
  const random = new Random(5), grammar = createGrammar("variable", smallLexicon());
  const seen = new Set(Array.from({ length: SAMPLES }, () => grammar.sample(random).length + 2));
  assertEquals([...seen].sort((a, b) => a - b), Array.from({ length: 11 }, (_, i) => i + 6));
});

Deno.test("Grammar.nextToken() weighs branches and words", () => {
  const grammar = createGrammar("variable"), next = grammar.nextToken(["The", "old"]);
  assertEquals(next.size, 249 + 100);
  assertAlmostEquals(next.get("big") ?? NaN, 1 / 2 / 249);
  assertAlmostEquals(next.get("fish") ?? NaN, 1 / 2 / 100);
  const after = grammar.nextToken(["The", "old", "fish"]);
  assertAlmostEquals(after.get("that") ?? NaN, 1 / 3);
  assertAlmostEquals(after.get("runs") ?? NaN, 2 / 3 / 10);
  assertEquals(after.get("speaks"), undefined);
  assertEquals(grammar.nextToken([]), new Map([["The", 1]]));
});

Deno.test("Grammar.nextToken() copies noun and verb with certainty", () => {
  const grammar = createGrammar("copy"), prefix = "The old dog speaks wryly The wise".split(" ");
  assertEquals(grammar.nextToken(prefix), new Map([["dog", 1]]));
  assertEquals(grammar.nextToken([...prefix, "dog"]), new Map([["speaks", 1]]));
});

Deno.test("Grammar.nextToken() names the position of what cannot be", () => {
  const grammar = createGrammar("agreement");
  assertThrows(
    () => grammar.nextToken(["The", "old", "dog", "speaks"]),
    RangeError,
    'Cannot tell the next token: expected one of 25 verbs at word 3, got "speaks" in ' +
      '"The old dog speaks"',
  );
  assertThrows(
    () => grammar.nextToken(["The", "old", "dog", "runs", "ably", "<eos>"]),
    RangeError,
    'Cannot tell the next token: expected words before <eos>, got "The old dog runs ably <eos>"',
  );
  assertThrows(
    () => createGrammar("variable").nextToken(["The", "old", "wryly"]),
    RangeError,
    "expected one of 249 adjectives or one of 100 nouns at word 2",
  );
});

Deno.test("Grammar.targets() gives each target's slot and its probability in the whole", () => {
  const grammar = createGrammar("variable");
  const words = "The old fish that speaks runs".split(" ");
  assertEquals(grammar.slots(words), ["The", "adjective", "noun", "that", "verb", "verb", "<eos>"]);
  const targets = grammar.targets(words);
  assertEquals(targets.map(({ token }) => token), [...words, "<eos>"]);
  for (const [i, { token, probability }] of targets.entries()) {
    assertAlmostEquals(
      probability,
      grammar.nextToken(words.slice(0, i)).get(token) ?? NaN,
      ROUNDING,
    );
  }
});

Deno.test("Grammar.targets() refuses what is no sentence, and says where", () => {
  const grammar = createGrammar("plain");
  assertThrows(
    () => grammar.targets(["The", "dog"]),
    RangeError,
    'Cannot read a sentence: expected one of 250 adjectives at word 1, got "dog" in "The dog <eos>"',
  );
  assertThrows(
    () => grammar.slots(["The", "old", "dog", "runs", "ably", "<eos>"]),
    RangeError,
    "expected nothing after <eos> at word 6",
  );
});

Deno.test("Grammar.agreeingPairs() counts ties kept and broken, in the right shape only", () => {
  const count = (level: Grammar["level"], text: string) =>
    createGrammar(level).agreeingPairs(text.split(" "));
  assertEquals(count("agreement", "The old dog runs ably"), { agree: 1, total: 1 });
  assertEquals(count("agreement", "The old dog speaks ably"), { agree: 0, total: 1 });
  assertEquals(count("agreement", "The old dog runs wryly"), { agree: 1, total: 1 });
  assertEquals(count("agreement", "The dog runs"), { agree: 0, total: 0 });
  assertEquals(count("variable", "The old fish that speaks runs"), { agree: 1, total: 1 });
  assertEquals(count("variable", "The old fish that runs speaks"), { agree: 0, total: 1 });
  assertEquals(count("copy", "The old dog runs ably The old dog flies ably"), {
    agree: 1,
    total: 2,
  });
  assertEquals(count("plain", "The old dog runs ably"), { agree: 0, total: 0 });
});

Deno.test("Grammar.agreeingPairs() agrees throughout on samples of the tied levels", () => {
  for (const [level, pairs] of [["agreement", 1], ["variable", 1], ["copy", 2]] as const) {
    const grammar = createGrammar(level);
    for (const words of samplesOf(grammar, 6)) {
      assertEquals(grammar.agreeingPairs(words), { agree: pairs, total: pairs });
    }
  }
});

Deno.test("Grammar.describe() fits on a line", () => {
  assertEquals(
    createGrammar("agreement").describe(),
    "agreement: The ADJ NOUN VERB ADV; floor 2.910 nats per target (perplexity 18.4)",
  );
});

Deno.test("createGrammar() refuses a level that is none", () => {
  // A notebook cell without types can pass any text.
  const level = "simple" as Grammar["level"];
  assertThrows(
    () => createGrammar(level),
    RangeError,
    'Cannot make a grammar: expected a level among plain, agreement, variable, copy, got "simple"',
  );
});

Deno.test("createGrammar() leaves the last adverb out of level `variable`, whose id is `that`", () => {
  const last = loadLexicon().adverbs.at(-1) ?? "";
  for (const words of samplesOf(createGrammar("variable"), 7)) assert(!words.includes(last));
});
