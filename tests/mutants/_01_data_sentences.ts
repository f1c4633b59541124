import { Random } from "lib/core/mod.ts";
import { checkDrawSentence, checkGenerateCorpus, checkSplitCorpus } from "lib/grade/mod.ts";
import { exercise } from "./_exercise.ts";

const textOf = (words: readonly string[]) => words.join(" ");
const unseeded = <T>(items: Iterable<T>) => [...items].sort(() => Math.random() - 0.5);
const pickBy = <T>(items: readonly T[], place: number) => items[place] as T; // may be past the end

const drawSentence = exercise("drawSentence", checkDrawSentence, [
  [
    "draws without a seed",
    (
      lexicon,
    ) => ["The", ...slots(lexicon).map((words) => pickBy(words, Math.floor(Math.random() * 20)))],
    /Math\.random\(\) has no seed/,
  ],
  [
    "a generator of its own",
    (lexicon) => ["The", ...slots(lexicon).map((words) => new Random(3).pick(words))],
    /a new Random inside the function starts over/,
  ],
  [
    "one draw for all slots",
    (lexicon, random) => {
      const place = random.integer(20);
      return ["The", ...slots(lexicon).map((words) => pickBy(words, place))];
    },
    /one draw serves several slots/,
  ],
  [
    "the last word never comes",
    (lexicon, random) => [
      "The",
      ...slots(lexicon).map((words) => pickBy(words, random.integer(words.length - 1))),
    ],
    /leaves out an end of the list/,
  ],
  [
    "an index past the end",
    (lexicon, random) => [
      "The",
      ...slots(lexicon).map((words) => pickBy(words, random.integer(words.length + 1))),
    ],
    /an index runs past the end/,
  ],
  [
    "Math.round",
    (lexicon, random) => [
      "The",
      ...slots(lexicon).map((words) =>
        pickBy(words, Math.round(random.uniform() * (words.length - 1)))
      ),
    ],
    /Math\.round gives the two ends half a chance/,
  ],
  [
    "slots in another order",
    ({ adjectives, nouns, verbs, adverbs }, random) => [
      "The",
      ...[nouns, adjectives, verbs, adverbs].map((words) => random.pick(words)),
    ],
    /slots are in another order/,
  ],
  [
    "no The",
    (lexicon, random) => slots(lexicon).map((words) => random.pick(words)),
    /The is missing at the front/,
  ],
  [
    "a text instead of words",
    ((lexicon: Parameters<typeof slots>[0], random: Random) =>
      textOf(["The", ...slots(lexicon).map((words) => random.pick(words))])) as never, // no list
    /give the list of words, not their text/,
  ],
  ["nothing returned", (() => {}) as never, /is a return missing/], // no list either
]);

function slots({ adjectives, nouns, verbs, adverbs }: {
  readonly adjectives: readonly string[];
  readonly nouns: readonly string[];
  readonly verbs: readonly string[];
  readonly adverbs: readonly string[];
}): (readonly string[])[] {
  return [adjectives, nouns, verbs, adverbs];
}

const generateCorpus = exercise("generateCorpus", checkGenerateCorpus, [
  [
    "repeats stay in",
    (draw, { count, seed }) => {
      const random = new Random(seed);
      return Array.from({ length: count }, () => draw(random));
    },
    /repeats stay in/,
  ],
  [
    "a set of lists",
    (draw, { count, seed }) => {
      const random = new Random(seed), sentences = new Set<string[]>();
      while (sentences.size < count) sentences.add(draw(random));
      return [...sentences];
    },
    /a Set of lists keeps both/,
  ],
  [
    "repeats thrown away at the end",
    (draw, { count, seed }) => {
      const random = new Random(seed);
      const texts = Array.from({ length: count }, () => textOf(draw(random)));
      return [...new Set(texts)].map((text) => text.split(" "));
    },
    /draw until there are enough/,
  ],
  [
    "a generator made anew in the loop",
    (draw, { count, seed }) => corpusBy(() => draw(new Random(seed)), count),
    /a new Random inside the loop/,
  ],
  [
    "one sentence too many",
    (draw, { count, seed }) => corpusBy(boundDraw(draw, seed), count + 1),
    /off by one/,
  ],
  [
    "the seed is not used",
    (draw, { count }) => corpusBy(boundDraw(draw, 1), count),
    /the seed is not used/,
  ],
  [
    "unseeded",
    (draw, { count }) => corpusBy(boundDraw(draw, Math.floor(2 ** 30 * Math.random())), count),
    /something else than the seed decides/,
  ],
]);

function boundDraw(draw: (random: Random) => string[], seed: number): () => string[] {
  const random = new Random(seed);
  return () => draw(random);
}

function corpusBy(draw: () => string[], count: number): string[][] {
  const sentences = new Map<string, string[]>();
  while (sentences.size < count) {
    const words = draw();
    sentences.set(textOf(words), words);
  }
  return [...sentences.values()];
}

type Halves = { train: string[][]; validation: string[][] };

/** Cuts a list of sentences in two, with the last part held out. */
function cut(sentences: readonly (readonly string[])[], share: number, overlap = 0): Halves {
  const border = sentences.length - Math.round(share * sentences.length);
  const copy = sentences.map((words) => [...words]);
  return { train: copy.slice(0, border + overlap), validation: copy.slice(border) };
}

/** The right split, but for the sentences held out. */
function holdOut(
  sentences: readonly (readonly string[])[],
  chosen: (texts: string[]) => readonly string[],
): Halves {
  const held = new Set(chosen([...new Set(sentences.map(textOf))]));
  const side = (isHeld: boolean) =>
    sentences.filter((words) => held.has(textOf(words)) === isHeld).map((words) => [...words]);
  return { train: side(false), validation: side(true) };
}

const splitCorpus = exercise("splitCorpus", checkSplitCorpus, [
  [
    "split after duplication",
    (sentences, { validationShare, seed }) =>
      cut(new Random(seed).shuffle(sentences), validationShare),
    /split is by place, after duplication/,
  ],
  [
    "copies removed within each side, so duplicates leak",
    (sentences, { validationShare, seed }) => {
      const { train, validation } = cut(new Random(seed).shuffle(sentences), validationShare);
      return { train: holdOut(train, () => []).train, validation };
    },
    /split is by place, after duplication/,
  ],
  [
    "copies thrown away",
    (sentences, { validationShare, seed }) => {
      const different = [...new Map(sentences.map((words) => [textOf(words), words])).values()];
      return cut(new Random(seed).shuffle(different), validationShare);
    },
    /copies are thrown away/,
  ],
  [
    "shuffling that loses an example",
    (sentences, { validationShare, seed }) =>
      cut(new Random(seed).shuffle(sentences).slice(0, -1), validationShare),
    /on neither side/,
  ],
  [
    "one sentence on both sides",
    (sentences, { validationShare, seed }) =>
      cut(new Random(seed).shuffle(sentences), validationShare, 1),
    /stands on both sides/,
  ],
  [
    "sides swapped",
    (sentences, { validationShare, seed }) => {
      const { train, validation } = cut(new Random(seed).shuffle(sentences), validationShare);
      return { train: validation, validation: train };
    },
    /the sides are swapped/,
  ],
  [
    "cut without shuffling",
    (sentences, { validationShare }) => cut(sentences, validationShare),
    /cut without shuffling/,
  ],
  [
    "sorted instead of shuffled",
    (sentences, { validationShare }) =>
      holdOut(sentences, (texts) => texts.slice(0, Math.round(validationShare * texts.length))),
    /cut without shuffling/,
  ],
  [
    "unseeded shuffle",
    (sentences, { validationShare }) =>
      holdOut(
        sentences,
        (texts) => unseeded(texts).slice(0, Math.round(validationShare * texts.length)),
      ),
    /an unseeded shuffle/,
  ],
  [
    "the seed is not used",
    (sentences, { validationShare }) =>
      holdOut(
        sentences,
        (texts) =>
          new Random(1).shuffle(texts).slice(0, Math.round(validationShare * texts.length)),
      ),
    /the seed is not used/,
  ],
  [
    "the share written as a number",
    (sentences, { seed }) =>
      holdOut(
        sentences,
        (texts) => new Random(seed).shuffle(texts).slice(0, Math.round(0.1 * texts.length)),
      ),
    /share is written as a number/,
  ],
  [
    "the input sorted in place",
    (sentences, { validationShare }) =>
      cut((sentences as string[][]).sort().reverse(), validationShare), // the types forbid it
    /the input is changed/,
  ],
]);

/** The exercises of sections 1.1 and 1.3. */
export const SENTENCE_EXERCISES = [drawSentence, generateCorpus, splitCorpus];
