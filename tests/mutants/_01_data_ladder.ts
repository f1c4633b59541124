import { createGrammar, type Lexicon, type LossLadder, lossLadder } from "lib/data/mod.ts";
import { checkEntropy, checkPerplexity, checkPlainLadder } from "lib/grade/mod.ts";
import { exercise } from "./_exercise.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const weighed = (log: (p: number) => number) => (probabilities: readonly number[]) =>
  sum(probabilities.filter((p) => p > 0).map((p) => -p * log(p)));

const entropy = exercise("entropy", checkEntropy, [
  ["log2", weighed(Math.log2), /log2 gives bits/],
  ["log10", weighed(Math.log10), /log10 is no nats/],
  ["sign", weighed((p) => -Math.log(p)), /the sign is missing/],
  [
    "a mean instead of a sum",
    (probabilities) => weighed(Math.log)(probabilities) / probabilities.length,
    /divides by the number of outcomes/,
  ],
  [
    "no weights",
    (probabilities) => sum(probabilities.map((p) => -Math.log(p))),
    /weight p is missing/,
  ],
  [
    "a plain mean",
    (probabilities) => mean(probabilities.map((p) => -Math.log(p))),
    /a plain mean of -ln p/,
  ],
  [
    "0 ln 0",
    (probabilities) => sum(probabilities.map((p) => -p * Math.log(p))),
    /0 \* ln 0 is NaN/,
  ],
]);

const sizesOf = (lexicon: Lexicon) => Object.values(lexicon).map((words) => words.length);
const sentenceOf = (lexicon: Lexicon) => sum(sizesOf(lexicon).map(Math.log));

/** The entropy over `tokens` targets, `once` of which are always the same. */
function unigramOver(lexicon: Lexicon, once: number, tokens: number): number {
  const shares = [
    ...Array<number>(once).fill(1 / tokens),
    ...sizesOf(lexicon).flatMap((size) => Array<number>(size).fill(1 / size / tokens)),
  ];
  return weighed(Math.log)(shares);
}

/** The right ladder with some rungs replaced. */
function altered(change: (lexicon: Lexicon, ladder: LossLadder) => Partial<LossLadder>) {
  return (lexicon: Lexicon): LossLadder => {
    const ladder = lossLadder(createGrammar("plain", lexicon));
    return { ...ladder, ...change(lexicon, ladder) };
  };
}

const plainLadder = exercise("plainLadder", checkPlainLadder, [
  [
    "uniform with log2",
    altered((_, { uniform }) => ({ uniform: uniform / Math.LN2 })),
    /log2 gives bits/,
  ],
  [
    "unigram with log2",
    altered((_, { unigram }) => ({ unigram: unigram / Math.LN2 })),
    /log2 gives bits/,
  ],
  ["floor with log2", altered((_, { floor }) => ({ floor: floor / Math.LN2 })), /log2 gives bits/],
  [
    "uniform without special tokens",
    altered((lexicon) => ({ uniform: Math.log(sum(sizesOf(lexicon)) + 1) })),
    /all V tokens count/,
  ],
  [
    "unigram including <bos>",
    altered((lexicon) => ({ unigram: unigramOver(lexicon, 3, 7) })),
    /<bos> is counted/,
  ],
  [
    "unigram without <eos>",
    altered((lexicon) => ({ unigram: unigramOver(lexicon, 1, 5) })),
    /<eos> is not counted/,
  ],
  [
    "unigram is the floor",
    altered((_, { floor }) => ({ unigram: floor })),
    /guess which slot it is/,
  ],
  ["unigram is uniform", altered((_, { uniform }) => ({ unigram: uniform })), /far more frequent/],
  [
    "floor of a sentence",
    altered((lexicon) => ({ floor: sentenceOf(lexicon) })),
    /divide by its 6/,
  ],
  ["floor over 5", altered((lexicon) => ({ floor: sentenceOf(lexicon) / 5 })), /divided by 5/],
  ["floor over 7", altered((lexicon) => ({ floor: sentenceOf(lexicon) / 7 })), /divided by 7/],
  ["floor over 4", altered((lexicon) => ({ floor: sentenceOf(lexicon) / 4 })), /divided by 4/],
]);

const perplexity = exercise("perplexity", checkPerplexity, [
  ["2 to the loss", (losses) => 2 ** mean(losses), /2 to the loss is for bits/],
  ["mean of perplexities", (losses) => mean(losses.map(Math.exp)), /the mean of perplexities/],
  ["e to the sum", (losses) => Math.exp(sum(losses)), /e to the sum/],
  ["the loss itself", (losses) => mean(losses), /this is the mean loss/],
  ["sign turned", (losses) => Math.exp(-mean(losses)), /the sign is turned/],
]);

/** The exercises of section 1.6. */
export const LADDER_EXERCISES = [entropy, plainLadder, perplexity];
