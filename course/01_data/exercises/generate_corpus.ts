import { Random } from "lib/core/mod.ts";
import { callLimit, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { textOf } from "../cases.ts";

type Draw = (random: Random) => string[];
interface Options {
  readonly count: number;
  readonly seed: number;
}
type Answer = (draw: Draw, options: Options) => string[][];

const reference: Answer = (draw, { count, seed }) => {
  const random = new Random(seed);
  return collect(() => draw(random), count);
};

/** The different sentences, by a key that tells them apart. */
function collect(draw: () => string[], count: number, keyOf: (words: string[]) => string = textOf) {
  const sentences = new Map<string, string[]>();
  while (sentences.size < count) {
    const words = draw(), key = keyOf(words);
    if (!sentences.has(key)) sentences.set(key, words);
  }
  return [...sentences.values()];
}

const keyed = (keyOf: (words: string[]) => string): WrongAnswer<Answer> => (draw, options) => {
  const random = new Random(options.seed);
  return collect(() => draw(random), options.count, keyOf);
};

/** Draws a list out of some, and refuses to be asked for ever. */
function drawOf(sentences: readonly (readonly string[])[]): Draw {
  const count = callLimit(20_000, "a sentence");
  return (random) => {
    count();
    const isGenerator = random instanceof Random;
    expectThat(isGenerator, "expected draw to be given a generator, as in draw(random), got none");
    return [...random.pick(sentences)];
  };
}

const FIFTY = Array.from({ length: 50 }, (_, i) => ["The", `old${i % 5}`, `dog${i % 10}`, `${i}`]);
const ALIKE = [["The", "in", "side"], ["The", "ins", "ide"], ["the", "in", "side"], [
  "side",
  "in",
  "The",
]];

/** 1.1b: different sentences from a seed. */
export default exercise<Answer>({
  name: "generateCorpus",
  reference,
  returns: [["text"]],
  cases: {
    "40 of 50 sentences, seed 1": () => [drawOf(FIFTY), { count: 40, seed: 1 }],
    "the same, seed 2": () => [drawOf(FIFTY), { count: 40, seed: 2 }],
    "all 50, seed 3": () => [drawOf(FIFTY), { count: 50, seed: 3 }],
    "sentences that are nearly alike": () => [drawOf(ALIKE), { count: 4, seed: 1 }],
    "one sentence": () => [drawOf(FIFTY), { count: 1, seed: 4 }],
    "no sentence": () => [drawOf(FIFTY), { count: 0, seed: 4 }],
  },
  drawn: (random, i) => [drawOf(FIFTY.slice(0, 9)), { count: random.integer(10), seed: i }],
  read: (sentences) => sentences.map(textOf).toSorted(), // any order will do
  mistakes: {
    "repeats stay in: a Set of lists keeps two lists with the same words, so compare their texts": [
      (draw, { count, seed }) => {
        const random = new Random(seed);
        return Array.from({ length: count }, () => draw(random));
      },
      (draw, { count, seed }) => {
        const random = new Random(seed), sentences = new Set<string[]>();
        while (sentences.size < count) sentences.add(draw(random));
        return [...sentences];
      },
    ],
    "repeats are thrown away after the last draw: draw until there are enough": (
      draw,
      { count, seed },
    ) => {
      const random = new Random(seed);
      return [
        ...new Map(Array.from({ length: count }, () => draw(random)).map((w) => [textOf(w), w])),
      ].map(([, words]) => words);
    },
    "a new Random inside the loop starts over each time: make it once, before the loop": (
      draw,
      { count, seed },
    ) => collect(() => draw(new Random(seed)), count),
    "each draw has a seed of its own, so the corpora of two seeds overlap: one generator for all": (
      draw,
      { count, seed },
    ) => {
      let tries = 0;
      return collect(() => draw(new Random(seed + tries++)), count);
    },
    "one sentence too many: compare how many you have, before the draw, with `<`": [
      (draw, { count, seed }) => reference(draw, { count: count + 1, seed }),
      (draw, { count, seed }) => reference(draw, { count: Math.max(1, count), seed }),
    ],
    "one sentence is missing: compare how many you have, before the draw, with `<`": (
      draw,
      { count, seed },
    ) => reference(draw, { count: count - 1, seed }),
    "the seed is not used: new Random(seed)": [
      (draw, { count }) => reference(draw, { count, seed: 1 }),
      (draw, { count }) => reference(draw, { count, seed: 0 }),
      (draw, { count }) => reference(draw, { count, seed: 42 }),
    ],
    "Math.random() has no seed: draw with new Random(seed)": (draw, { count }) =>
      reference(draw, { count, seed: Math.floor(2 ** 30 * Math.random()) }),
    "the count is written as a number: use `count`": [
      (draw, { seed }) => reference(draw, { count: 40, seed }),
      (draw, { seed }) => reference(draw, { count: 10_000, seed }),
    ],
    "different sentences count as the same: compare all their words, with a blank between two": [
      keyed((words) => words.join("")),
      keyed((words) => textOf(words).toLowerCase()),
      keyed((words) => words[2] ?? ""),
      keyed((words) => words.toSorted().join(" ")),
    ],
    "a sentence is a list of words here, not their text": (draw, options) =>
      reference(draw, options).map(textOf),
  },
  styles: {
    "a set of texts": (draw, { count, seed }) => {
      const random = new Random(seed), seen = new Set<string>(), sentences: string[][] = [];
      while (sentences.length < count) {
        const words = draw(random), size = seen.size;
        if (seen.add(JSON.stringify(words)).size > size) sentences.push(words);
      }
      return sentences;
    },
    "searched through": (draw, { count, seed }) => {
      const random = new Random(seed), sentences: string[][] = [];
      for (; sentences.length < count;) {
        const words = draw(random);
        const isNew = !sentences.some((other) => String(other) === String(words));
        if (isNew) sentences.unshift(words);
      }
      return sentences;
    },
  },
});
