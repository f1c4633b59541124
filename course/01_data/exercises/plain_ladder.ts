import {
  createGrammar,
  type Lexicon,
  loadLexicon,
  type LossLadder,
  lossLadder,
} from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { numberedLexicon, slotsOf, sum } from "../cases.ts";

type Answer = (lexicon: Lexicon) => LossLadder;

const sizesOf = (lexicon: Lexicon) => slotsOf(lexicon).map((words) => words.length);
const sentenceOf = (lexicon: Lexicon) => sum(sizesOf(lexicon).map(Math.log));
const reference: Answer = (lexicon) => {
  const floor = sentenceOf(lexicon) / 6;
  return { uniform: Math.log(5 + sum(sizesOf(lexicon))), unigram: floor + Math.log(6), floor };
};

/** The right ladder with some rungs replaced. */
const altered =
  (change: (lexicon: Lexicon, ladder: LossLadder) => Partial<LossLadder>): WrongAnswer<Answer> =>
  (lexicon) => ({ ...reference(lexicon), ...change(lexicon, reference(lexicon)) });

/** Uniform over the words and some other tokens. */
const uniformOver = (others: number) =>
  altered((lexicon) => ({ uniform: Math.log(others + sum(sizesOf(lexicon))) }));

/** The frequencies of sentences of four words and `fixed` tokens that are always the same. */
const unigramOver = (fixed: number) =>
  altered((lexicon) => {
    const tokens = 4 + fixed;
    return { unigram: Math.log(tokens) + sentenceOf(lexicon) / tokens };
  });

const floorOver = (targets: number) =>
  altered((lexicon) => ({ floor: sentenceOf(lexicon) / targets }));

/** 1.6b: three losses to hold a curve of `plain` against. */
export default exercise<Answer>({
  name: "plainLadder",
  reference: (lexicon) => lossLadder(createGrammar("plain", lexicon)),
  returns: { uniform: "number", unigram: "number", floor: "number" },
  cases: {
    "lists of 250, 250, 250 and 245 words": () => [loadLexicon()],
    "lists of 20, 30, 22 and 40 words": () => [numberedLexicon([20, 30, 22, 40])],
    "lists of 90, 20, 20 and 25 words": () => [numberedLexicon([90, 20, 20, 25])],
  },
  mistakes: {
    "log2 gives bits, here all is in nats: Math.log": [
      altered((_, { uniform }) => ({ uniform: uniform / Math.LN2 })),
      altered((_, { unigram }) => ({ unigram: unigram / Math.LN2 })),
      altered((_, { floor }) => ({ floor: floor / Math.LN2 })),
      (lexicon) => {
        const { uniform, unigram, floor } = reference(lexicon);
        return {
          uniform: uniform / Math.LN2,
          unigram: unigram / Math.LN2,
          floor: floor / Math.LN2,
        };
      },
    ],
    "all V tokens count, <pad> <bos> <eos> <unk> and The too": [0, 1, 2, 3, 4, 6].map(uniformOver),
    "The and <eos> are missing from the sum: each is a sixth of the targets, and adds ln 6 / 6":
      altered((lexicon) => ({ unigram: (sentenceOf(lexicon) + 4 * Math.log(6)) / 6 })),
    "<bos> is counted: it is read, and never predicted": unigramOver(3),
    "<eos> is not counted: it is a target like the words": [unigramOver(1), unigramOver(0)],
    "this is the floor: whoever knows frequencies only must also guess which slot it is": altered((
      _,
      { floor },
    ) => ({ unigram: floor })),
    "this is uniform: The and <eos> are far more frequent than the other tokens": altered((
      _,
      { uniform },
    ) => ({ unigram: uniform })),
    "this is a whole sentence's entropy: divide by its 6 targets": floorOver(1),
    "divided by 5: <eos> is a target too, so there are 6": floorOver(5),
    "divided by 7: <bos> is no target, so there are 6": floorOver(7),
    "divided by 4: The and <eos> cost nothing, and still count": floorOver(4),
    "the sizes of the lists are written as numbers: use their lengths": [
      () => reference(loadLexicon()),
      altered((_, ladder) => ({ ...ladder, floor: reference(loadLexicon()).floor })),
      altered(() => ({ uniform: reference(loadLexicon()).uniform })),
      altered(() => ({ unigram: reference(loadLexicon()).unigram })),
    ],
    "all lists are taken to be as long as the first: use each one's own length": [
      altered(({ adjectives }) => ({ floor: 4 * Math.log(adjectives.length) / 6 })),
      altered(({ adjectives }) => ({ unigram: 4 * Math.log(adjectives.length) / 6 + Math.log(6) })),
      ({ adjectives }) => {
        const all = [adjectives, adjectives, adjectives, adjectives].map((w) => w.length);
        return reference(numberedLexicon(all as [number, number, number, number])); // four of them
      },
    ],
    "the entropy of a slot is ln n, not 1 / n or n": [
      altered((lexicon) => ({ floor: sum(sizesOf(lexicon)) / 6 })),
      altered((lexicon) => ({ uniform: 5 + sum(sizesOf(lexicon)) })),
    ],
    "ln is taken of the sum: add up the entropies of the slots": altered((lexicon) => ({
      floor: Math.log(sum(sizesOf(lexicon))) / 6,
    })),
    "the rungs have changed places: uniform is the highest, floor the lowest": [
      altered((_, { uniform, floor }) => ({ uniform: floor, floor: uniform })),
      altered((_, { uniform, unigram }) => ({ uniform: unigram, unigram: uniform })),
      altered((_, { unigram, floor }) => ({ unigram: floor, floor: unigram })),
    ],
  },
  styles: {
    "token by token": ({ adjectives, nouns, verbs, adverbs }) => {
      const slots = [["The"], adjectives, nouns, verbs, adverbs, ["<eos>"]];
      const shares = slots.flatMap((words) => words.map(() => 1 / words.length / 6));
      return {
        uniform: -Math.log(1 / (shares.length + 3)),
        unigram: shares.reduce((total, p) => total - p * Math.log(p), 0),
        floor: slots.reduce((total, words) => total + Math.log(words.length) / 6, 0),
      };
    },
    "in float32": (lexicon) => {
      const product = slotsOf(lexicon).reduce((total, words) => total * words.length, 1);
      const floor = Math.fround(Math.log(product) / 6);
      const size = Object.values(lexicon).flat().length + 5;
      return { floor, unigram: Math.fround(floor + Math.log(6)), uniform: Math.log(size) };
    },
  },
});
