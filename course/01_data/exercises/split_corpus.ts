import { Random } from "lib/core/mod.ts";
import type { Split } from "lib/data/mod.ts";
import { exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { countOf, type Sentences, sum, textOf, unevenness } from "../cases.ts";

interface Options {
  readonly validationShare: number;
  readonly seed: number;
}
type Answer = (sentences: Sentences, options: Options) => Split;

const differentOf = (sentences: Sentences) => [...new Set(sentences.map(textOf))];

/** Puts the sentences with some texts on the side of validation. */
function holdOut(sentences: Sentences, chosen: Iterable<string>): Split {
  const held = new Set(chosen);
  const side = (isHeld: boolean) =>
    sentences.filter((words) => held.has(textOf(words)) === isHeld).map((words) => [...words]);
  return { train: side(false), validation: side(true) };
}

/** Holds out the first of the different texts, in some order. */
const drawn = (
  { order = (texts, seed) => new Random(seed).shuffle(texts), size }: {
    readonly order?: (texts: string[], seed: number, sentences: Sentences) => string[];
    readonly size?: (different: number, share: number, all: number) => number;
  },
): WrongAnswer<Answer> =>
(sentences, { validationShare: share, seed }) => {
  const texts = differentOf(sentences), n = texts.length;
  const count = size?.(n, share, sentences.length) ?? Math.round(share * n);
  return holdOut(sentences, order(texts, seed, sentences).slice(0, count));
};

/** Cuts the sentences themselves in two, copies and all. */
const cutAt =
  (overlap: number, order: (sentences: Sentences, seed: number) => Sentences) =>
  (sentences: Sentences, { validationShare, seed }: Options): Split => {
    const mixed = order(sentences, seed).map((words) => [...words]);
    const border = mixed.length - Math.round(validationShare * mixed.length);
    return { train: mixed.slice(0, border + overlap), validation: mixed.slice(border) };
  };
const shuffled = (sentences: Sentences, seed: number) => new Random(seed).shuffle(sentences);
const reference = drawn({}) as Answer; // with nothing replaced it is right

const numbered = (size: number, copies = (_: number) => 1) =>
  Array.from(
    { length: size },
    (_, i) => Array.from({ length: copies(i) }, () => [`b${i % 7}`, `a${i}`]),
  )
    .flat();

/** Which of 12 sentences, every other one four times over, are held out by a seed. */
function heldBy(answer: Answer, seed: number): string[] {
  const sentences = numbered(12, (i) => i % 2 === 0 ? 1 : 4);
  const held = new Set(differentOf(answer(sentences, { validationShare: 0.25, seed }).validation));
  return TWELVE.filter((text) => held.has(text));
}
const TWELVE = differentOf(numbered(12));

/** 1.3a: two sides that share no sentence. */
export default exercise<Answer>({
  name: "splitCorpus",
  reference,
  returns: { train: [["text"]], validation: [["text"]] },
  cases: {
    "100 different sentences, share 0.1": () => [numbered(100), { validationShare: 0.1, seed: 1 }],
    "the same, share 0.25": () => [numbered(100), { validationShare: 0.25, seed: 2 }],
    "60 sentences, each twice": () => [numbered(60, () => 2), { validationShare: 0.1, seed: 1 }],
    "30 sentences, some with copies": () => [
      numbered(30, (i) => 1 + i % 4),
      { validationShare: 0.2, seed: 5 },
    ],
    "sentences whose letters run together alike": () => [
      [["in", "side"], ["ins", "ide"], ["in", "side"], ["i", "nside"], ["insi", "de"]],
      { validationShare: 0.5, seed: 2 },
    ],
    "25 sentences, share 0.1": () => [numbered(25), { validationShare: 0.1, seed: 1 }],
    "24 sentences, share 0.1": () => [numbered(24), { validationShare: 0.1, seed: 1 }],
    "9 sentences, share 0": () => [numbered(9), { validationShare: 0, seed: 1 }],
    "9 sentences, share 1": () => [numbered(9, () => 2), { validationShare: 1, seed: 1 }],
  },
  /** How many different sentences are on each side, and what must be 0. */
  read: ({ train, validation }, [sentences]) => {
    const known = new Set(train.map(textOf)), given = sentences.map(textOf);
    const got = [...train, ...validation].map(textOf), all = [...new Set([...given, ...got])];
    const [before, after] = [countOf(given, all), countOf(got, all)];
    const excess = after.map((count, i) => count - (before[i] ?? 0));
    return {
      "the sentences on both sides": differentOf(validation).filter((text) => known.has(text))
        .length,
      "the different sentences held out": differentOf(validation).length,
      "the different sentences to train on": known.size,
      "the sentences that are lost": sum(excess.map((count) => Math.max(0, -count))),
      "the sentences that are added": sum(excess.map((count) => Math.max(0, count))),
    };
  },
  properties: {
    "sentences that are no neighbours": (answer) => {
      const isBlock = (texts: string[]) =>
        [TWELVE, TWELVE.toSorted()].some((all) =>
          textOf(all).includes(textOf(all.filter((text) => texts.includes(text))))
        );
      const blocks = [1, 2, 3].filter((seed) => isBlock(heldBy(answer, seed))).length;
      expectThat(blocks < 3, "expected sentences drawn from everywhere, got neighbours");
    },
    "each different sentence held out as often": (answer) => {
      const held = Array.from({ length: 300 }, (_, seed) => heldBy(answer, seed)).flat();
      const got = unevenness(countOf(held, TWELVE));
      const rule = "expected each different sentence to be held out by 1 seed of 4";
      expectThat(got === undefined, `${rule}, got ${got}`);
    },
    "sentences from everywhere": (answer) => {
      const choices = Array.from({ length: 200 }, (_, seed) => textOf(heldBy(answer, seed)));
      const different = new Set(choices).size;
      const rule = "expected the seeds to hold out any 3 of 12 sentences together";
      expectThat(different > 80, `${rule}, got ${different} choices from 200 seeds`);
    },
  },
  mistakes: {
    "a split by place: copies of one sentence land on both sides. Draw among the different ones": [
      cutAt(0, shuffled),
      cutAt(0, (sentences, seed) => shuffled(sentences, seed).reverse()), // the first of a Set of lists
      (sentences, options) => {
        const { train, validation } = cutAt(0, shuffled)(sentences, options);
        const once = (side: Sentences) => [...new Map(side.map((w) => [textOf(w), w])).values()];
        return { train: once(train), validation: once(validation) };
      },
    ],
    "copies are thrown away: all of them go to the side of their sentence": (sentences, options) =>
      cutAt(0, shuffled)([...new Map(sentences.map((w) => [textOf(w), w])).values()], options),
    "a sentence is on neither side: one slice must begin where the other ends": [
      cutAt(0, (sentences, seed) => shuffled(sentences, seed).slice(0, -1)),
      cutAt(-1, shuffled),
    ],
    "a sentence is on both sides: one slice must begin where the other ends": cutAt(1, shuffled),
    "the sides are swapped: validation is the small one": [reference, cutAt(0, shuffled)].map(
      (split) => (...args: Parameters<Answer>) => {
        const { train, validation } = split(...args);
        return { train: validation, validation: train };
      },
    ),
    "cut without a shuffle: a sorted corpus would hold out one end of it": [
      drawn({ order: (texts) => texts }),
      drawn({ order: (texts) => texts.toReversed() }),
      drawn({ order: (texts) => texts.sort() }),
      cutAt(0, (sentences) => sentences),
    ],
    "one block of neighbours is held out: shuffle": drawn({
      order: (texts, seed) => {
        const start = new Random(seed).integer(texts.length);
        return [...texts.slice(start), ...texts.slice(0, start)];
      },
    }),
    "a sentence with many copies is likelier to be held out: shuffle the different ones": drawn({
      order: (_, seed, sentences) => differentOf(shuffled(sentences, seed)),
    }),
    "the seed is not used: new Random(seed)": [
      drawn({ order: (texts) => new Random(1).shuffle(texts) }),
      drawn({ order: (texts) => new Random(42).shuffle(texts) }),
    ],
    "an unseeded shuffle: all draws come from new Random(seed)": drawn({
      order: (texts) => texts.sort(() => Math.random() - 0.5),
    }),
    "the share is written as a number: use validationShare": drawn({
      size: (different) => Math.round(0.1 * different),
    }),
    "the size is rounded down: Math.round": drawn({ size: (n, share) => Math.floor(share * n) }),
    "the size is rounded up: Math.round": drawn({ size: (n, share) => Math.ceil(share * n) }),
    "the size is off by one: Math.round(validationShare * n)": [
      drawn({ size: (n, share) => Math.round(share * n) + 1 }),
      drawn({ size: (n, share) => Math.max(0, Math.round(share * n) - 1) }),
    ],
    "the share is taken of all sentences: take it of the different ones": drawn({
      size: (_, share, all) => Math.round(share * all),
    }),
    "the input is changed: sort() and shuffling in place work on what is given; take a copy": [
      (sentences, options) =>
        reference(sentences.map((words) => (words as string[]).sort()), options), // readonly
      cutAt(0, (sentences) => (sentences as string[][]).sort().reverse()),
    ],
    "return { train, validation }, a record with these names": [
      (sentences, options) => Object.values(reference(sentences, options)),
      (sentences, options) => {
        const { train, validation } = reference(sentences, options);
        return { train, val: validation };
      },
    ],
    "sentences come in and go out as lists of words": (sentences, options) => {
      const { train, validation } = reference(sentences, options);
      return { train: train.map(textOf), validation: validation.map(textOf) };
    },
  },
  styles: {
    "sides for the different ones first": (sentences, { validationShare, seed }) => {
      const sides = { train: [] as string[][], validation: [] as string[][] };
      const order = new Random(seed).shuffle(new Set(sentences.map((words) => words.join("|"))));
      const rank = new Map(order.map((key, i) => [key, i]));
      for (const words of sentences) {
        const isHeld =
          (rank.get(words.join("|")) ?? 0) < Math.round(validationShare * order.length);
        sides[isHeld ? "validation" : "train"].push([...words]);
      }
      return sides;
    },
    "the last ones of a shuffled list": (sentences, { validationShare, seed }) => {
      const copies = Map.groupBy(sentences, (words) => JSON.stringify(words));
      const groups = new Random(seed + 7).shuffle(copies.values());
      const border = groups.length - Math.round(validationShare * groups.length);
      const side = (part: Sentences[]) => part.flat().map((words) => [...words]);
      return { validation: side(groups.slice(border)), train: side(groups.slice(0, border)) };
    },
  },
});
