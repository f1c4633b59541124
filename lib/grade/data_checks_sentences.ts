import { Random } from "lib/core/mod.ts";
import type { Lexicon } from "lib/data/mod.ts";
import { chiSquare, expectList, isSame, SMALL_LEXICON } from "./_data_cases.ts";
import { check, expectEqual, expectThat } from "./check.ts";

const DRAWS = 6000;

/** χ² of 20 equally likely words exceeds it once in a million; ends at half weight give about 160. */
const CHI_SQUARE_20 = 62;

/** Draws after which a search for different sentences counts as stuck. */
const MAX_DRAWS = 100_000;

const SLOTS = ["adjectives", "nouns", "verbs", "adverbs"] as const;

/**
 * Checks exercise 1.1a, drawing one sentence `The ADJ NOUN VERB ADV`.
 *
 * @param drawSentence The student's function: from word lists and a generator to five words.
 * @throws {CheckError} If slots, seeding, or the chances of the words are wrong.
 *
 * @example
 * ```ts
 * import { checkDrawSentence } from "lib/grade/mod.ts";
 *
 * await checkDrawSentence(({ adjectives, nouns, verbs, adverbs }, random) => [
 *   "The",
 *   ...[adjectives, nouns, verbs, adverbs].map((words) => random.pick(words)),
 * ]);
 * ```
 */
export async function checkDrawSentence(
  drawSentence: (lexicon: Lexicon, random: Random) => string[],
): Promise<void> {
  await check("drawSentence", () => {
    const draw = (random: Random) => drawSentence(SMALL_LEXICON, random);
    expectSlots(draw(new Random(1)));
    expectThat(
      isSame(draw(new Random(7)), draw(new Random(7))),
      "expected the same sentence from two generators of one seed, got two different ones",
      [{ when: true, says: "do all draws come from `random`? Math.random() has no seed" }],
    );
    const random = new Random(1), sentences = Array.from({ length: DRAWS }, () => draw(random));
    sentences.forEach(expectSlots);
    const different = new Set(sentences.map((words) => words.join(" "))).size;
    expectThat(different > 1, `expected many sentences in ${DRAWS} draws, got ${different}`, [
      { when: true, says: "a new Random inside the function starts over at each call" },
    ]);
    expectFairWords(sentences);
    expectIndependentSlots(sentences);
  });
}

function expectSlots(words: unknown): asserts words is string[] {
  const isText = typeof words === "string";
  expectList(words, "a sentence", [
    { when: isText, says: 'give the list of words, not their text: ["The", "old", ...]' },
  ]);
  const parts = Array.from(words, partOf), got = parts.join(" ");
  expectThat(parts.length === 5, `expected 5 words, got ${parts.length}: ${got}`, [
    { when: parts[0] !== "The", says: "the word The is missing at the front" },
    { when: parts.includes("<eos>"), says: "<bos> and <eos> come later, with the ids" },
  ]);
  expectThat(
    got === "The adjective noun verb adverb",
    `expected The ADJ NOUN VERB ADV, got ${got}`,
    [
      { when: got.includes("undefined"), says: "an index runs past the end of its list" },
      { when: got.includes("the "), says: "The is written with a capital" },
      { when: true, says: "the slots are in another order" },
    ],
  );
}

/** `noun7` is a noun: the words of the check's lexicon say what they are. */
function partOf(word: unknown): string {
  return String(word).replace(/\d+$/, "");
}

function expectFairWords(sentences: readonly (readonly string[])[]): void {
  for (const [i, slot] of SLOTS.entries()) {
    const words = SMALL_LEXICON[slot], seen = Map.groupBy(sentences, (words) => words[i + 1]);
    const counts = words.map((word) => seen.get(word)?.length ?? 0);
    const never = words.filter((_, k) => counts[k] === 0);
    expectThat(
      never.length === 0,
      `expected each of ${words.length} ${slot} to come up in ${DRAWS} draws, got none of ${never}`,
      [{
        when: never.includes(words.at(-1) ?? "") || never.includes(words[0] ?? ""),
        says: "the draw leaves out an end of the list: random.integer(n) gives 0 to n - 1 already",
      }],
    );
    const surprise = chiSquare(counts);
    expectThat(
      surprise < CHI_SQUARE_20,
      `expected each of ${words.length} ${slot} about ${DRAWS / 20} times, got ${counts}`,
      [{
        when: (counts[0] ?? 0) < 0.75 * DRAWS / 20 && (counts.at(-1) ?? 0) < 0.75 * DRAWS / 20,
        says: "Math.round gives the two ends half a chance: take random.pick, or Math.floor",
      }, { when: true, says: "the words are not equally likely" }],
    );
  }
}

/** Where the place in one list tells the place in another, the slots are not independent. */
function expectIndependentSlots(sentences: readonly (readonly string[])[]): void {
  const place = (word: string | undefined) => word?.replace(/^\D+/, "");
  const same = sentences.filter((words) => place(words[2]) === place(words[3])).length;
  expectThat(
    same < DRAWS / 10,
    `expected noun and verb from the same place of their lists in 1 of 20 draws, ` +
      `got ${same} of ${DRAWS}`,
    [{ when: true, says: "one draw serves several slots: each slot needs a draw of its own" }],
  );
}

/**
 * Checks exercise 1.1b, generating different sentences from a seed.
 *
 * @param generateCorpus The student's function: from a function that draws a sentence, a count and a
 * seed to the sentences.
 * @throws {CheckError} If sentences repeat, are too few, or do not follow from the seed alone.
 *
 * @example
 * ```ts
 * import { Random } from "lib/core/mod.ts";
 * import { checkGenerateCorpus } from "lib/grade/mod.ts";
 *
 * await checkGenerateCorpus((draw, { count, seed }) => {
 *   const random = new Random(seed), sentences = new Map<string, string[]>();
 *   while (sentences.size < count) {
 *     const words = draw(random);
 *     sentences.set(words.join(" "), words);
 *   }
 *   return [...sentences.values()];
 * });
 * ```
 */
export async function checkGenerateCorpus(
  generateCorpus: (
    draw: (random: Random) => string[],
    options: { readonly count: number; readonly seed: number },
  ) => string[][],
): Promise<void> {
  await check("generateCorpus", () => {
    const count = 40, generate = (seed: number) => generateCorpus(limitedDraw(), { count, seed });
    const corpus: unknown = generate(1);
    expectList(corpus, "the corpus");
    const sentences = Array.from(corpus, (words) => {
      expectList(words, "each sentence");
      return Array.from(words).join(" ");
    });
    expectDifferent(sentences, count);
    expectEqual(generate(1), corpus, {
      what: "the corpus of seed 1, asked for again,",
      mistakes: [{
        when: true,
        says: "something else than the seed decides: Math.random, the clock?",
      }],
    });
    expectThat(
      !isSame(generate(2), corpus),
      "expected another corpus from seed 2, got that of seed 1",
      [
        { when: true, says: "the seed is not used" },
      ],
    );
  });
}

function expectDifferent(sentences: readonly string[], count: number): void {
  const different = new Set(sentences).size;
  expectThat(
    different === sentences.length,
    `expected ${count} different sentences, got ${sentences.length - different} repeats`,
    [
      {
        when: sentences.length === count,
        says: "repeats stay in. Two lists with the same words are two objects, so a Set of lists " +
          "keeps both: compare their texts",
      },
    ],
  );
  expectThat(
    sentences.length === count,
    `expected ${count} sentences, got ${sentences.length}`,
    [
      {
        when: Math.abs(sentences.length - count) === 1,
        says: "off by one: compare how many you have, before the draw, with `<`",
      },
      {
        when: sentences.length < count,
        says: "repeats are thrown away after the last draw: draw until there are enough",
      },
    ],
  );
}

/** Draws of 50 sentences, so that repeats are sure to come; refuses to be drawn from for ever. */
function limitedDraw(): (random: Random) => string[] {
  let draws = 0;
  return (random) => {
    expectThat(
      ++draws < MAX_DRAWS,
      `expected 40 different sentences out of 50, got ${MAX_DRAWS} draws and no end`,
      [{
        when: true,
        says: "a new Random inside the loop starts over each time: make it once, before the loop",
      }],
    );
    return ["The", `adjective${random.integer(5)}`, `noun${random.integer(10)}`];
  };
}
