import { Random } from "lib/core/mod.ts";
import { type Lexicon, loadLexicon } from "lib/data/mod.ts";
import { CountingRandom, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { countOf, numberedLexicon, slotsOf, textOf, unevenness } from "../cases.ts";

type Answer = (lexicon: Lexicon, random: Random) => string[];
type Words = readonly string[];

const SLOTS = ["adjective", "noun", "verb", "adverb"];
const DRAWS = 2500;
const small = () => numberedLexicon([5, 7, 6, 4]);

/** A sentence whose slots are filled in another way. */
const filled =
  (word: (words: Words, random: Random) => string | undefined): WrongAnswer<Answer> =>
  (lexicon, random) => ["The", ...slotsOf(lexicon).map((words) => word(words, random))];

const reference: Answer = (lexicon, random) => [
  "The",
  ...slotsOf(lexicon).map((words) => random.pick(words)),
];

/** What part of speech each word is: the words themselves are drawn. */
function partsOf(sentence: Words, [lexicon]: Parameters<Answer>): string[] {
  const parts = slotsOf(lexicon).map((words) => new Set(words));
  return sentence.map((word) => SLOTS[parts.findIndex((part) => part.has(word))] ?? word);
}

const manyOf = (answer: Answer): string[][] => {
  const lexicon = small(), random = new CountingRandom(1);
  return Array.from({ length: DRAWS }, () => answer(lexicon, random));
};
const LISTS = slotsOf(small()), PAIRS = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] as const;

/** 1.1a: one sentence, a draw for each slot. */
export default exercise<Answer>({
  name: "drawSentence",
  reference,
  returns: "texts",
  cases: {
    "the course's lexicon": () => [loadLexicon(), new CountingRandom(1)],
    "lists of 5, 7, 6 and 4 words": () => [small(), new CountingRandom(2)],
    "lists of one word each": () => [numberedLexicon([1, 1, 1, 1]), new CountingRandom(3)],
  },
  drawn: (random, i) => [
    numberedLexicon([1 + random.integer(3), 2, 1 + random.integer(4), 3]),
    new CountingRandom(i),
  ],
  drawnCount: 40,
  read: partsOf,
  properties: {
    "each word as likely": (answer) => {
      const sentences = manyOf(answer);
      for (const [i, words] of LISTS.entries()) {
        const counts = countOf(sentences.map((sentence) => sentence[i + 1] ?? ""), words);
        const got = unevenness(counts);
        expectThat(
          got === undefined,
          `expected each of ${words.length} ${SLOTS[i]}s equally often, got ${got}: ${counts}`,
        );
      }
    },
    "slots that do not depend on each other": (answer) => {
      const sentences = manyOf(answer);
      for (const [a, b] of PAIRS) {
        const all = LISTS[a]?.flatMap((one) => LISTS[b]?.map((other) => `${one} ${other}`) ?? []);
        const pairs = sentences.map((words) => textOf([words[a + 1] ?? "", words[b + 1] ?? ""]));
        const got = unevenness(countOf(pairs, all ?? []));
        const names = `${SLOTS[a]} and ${SLOTS[b]}`;
        expectThat(got === undefined, `expected each ${names} together equally often, got ${got}`);
      }
    },
  },
  mistakes: {
    "the generator is your own and starts over at each call: use the one you are given, `random`": [
      filled((words) => new Random(3).pick(words)),
      (lexicon) => reference(lexicon, new Random(1)),
    ],
    "Math.random() has no seed: draw with `random`": filled((words) =>
      words[Math.floor(Math.random() * words.length)]
    ),
    "one draw serves several slots: each slot needs a draw of its own": [
      (lexicon, random) => {
        const place = random.uniform();
        const at = (words: Words) => words[Math.floor(place * words.length)] ?? "";
        return ["The", ...slotsOf(lexicon).map(at)];
      },
      ...[20, undefined].map((size) => (lexicon: Lexicon, random: Random) => {
        const place = random.integer(size ?? lexicon.adjectives.length);
        return ["The", ...slotsOf(lexicon).map((words) => words[place])];
      }),
      ({ adjectives, nouns, verbs, adverbs }, random) => {
        const place = random.integer(adjectives.length), noun = nouns[place % nouns.length];
        return ["The", adjectives[place], noun, random.pick(verbs), random.pick(adverbs)];
      },
    ],
    "the last word of each list never comes: random.integer(n) gives 0 to n - 1 already": [
      filled((words, random) => words[random.integer(words.length - 1)]),
      filled((words, random) => words[Math.floor(random.uniform() * (words.length - 1))]),
    ],
    "an index runs past the end of its list: random.integer(n) gives 0 to n - 1": filled((
      words,
      random,
    ) => words[random.integer(words.length + 1)]),
    "Math.round gives the two ends half a chance: take random.pick, or Math.floor": filled((
      words,
      random,
    ) => words[Math.round(random.uniform() * (words.length - 1))]),
    "a number stands in place of the length of the list": [
      filled((words, random) => words[random.integer(20)]),
      filled((words, random) => words[random.integer(250)]),
    ],
    "the slots are in another order: The ADJ NOUN VERB ADV": [
      ({ adjectives, nouns, verbs, adverbs }, random) =>
        reference({ adjectives: nouns, nouns: adjectives, verbs, adverbs }, random),
      ({ adjectives, nouns, verbs, adverbs }, random) =>
        reference({ adjectives, nouns, verbs: adverbs, adverbs: verbs }, random),
    ],
    "the word The is missing at the front": (lexicon, random) =>
      reference(lexicon, random).slice(1),
    "The is written with a capital": (lexicon, random) => reference(lexicon, random).with(0, "the"),
    "<bos> and <eos> come later, with the ids": (
      lexicon,
      random,
    ) => ["<bos>", ...reference(lexicon, random), "<eos>"],
    "give the list of words, not their text": (lexicon, random) =>
      textOf(reference(lexicon, random)),
    "the words come from another lexicon: use the argument": (_, random) =>
      reference(loadLexicon(), random),
  },
  styles: {
    "places drawn": ({ adjectives, nouns, verbs, adverbs }, random) => {
      const draw = (words: Words) => words[random.integer(words.length)] ?? "";
      return ["The", draw(adjectives), draw(nouns), draw(verbs), draw(adverbs)];
    },
    "from the last slot to the first": ({ adjectives, nouns, verbs, adverbs }, random) => {
      const words: string[] = [];
      for (const list of [adverbs, verbs, nouns, adjectives]) {
        words.unshift(list[Math.floor(random.uniform() * list.length)] ?? "");
      }
      return ["The", ...words];
    },
  },
});
