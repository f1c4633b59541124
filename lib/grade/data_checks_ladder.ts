import {
  createGrammar,
  type Lexicon,
  loadLexicon,
  type LossLadder,
  lossLadder,
} from "lib/data/mod.ts";
import { SMALL_LEXICON } from "./_data_cases.ts";
import { check, expectClose, type Mistake } from "./check.ts";

/** Results of sums of a thousand terms; mistakes are larger by far. */
const TOLERANCE = 1e-9;

function near(actual: number, wrong: number): boolean {
  return Math.abs(actual - wrong) <= 1e-6 * Math.max(1, Math.abs(wrong));
}

/**
 * Checks exercise 1.6a, the entropy −Σ p ln p in nats.
 *
 * @param entropy The student's function: from probabilities that add up to 1.
 * @throws {CheckError} If the unit, the sign, or the case p = 0 is wrong.
 *
 * @example
 * ```ts
 * import { checkEntropy } from "lib/grade/mod.ts";
 *
 * await checkEntropy((probabilities) =>
 *   probabilities.reduce((sum, p) => p === 0 ? sum : sum - p * Math.log(p), 0)
 * );
 * ```
 */
export async function checkEntropy(
  entropy: (probabilities: readonly number[]) => number,
): Promise<void> {
  await check("entropy", () => {
    const uneven = [0.5, 0.25, 0.25], nats = 1.5 * Math.LN2, got = entropy(uneven);
    expectClose(got, nats, {
      what: "the entropy of [0.5, 0.25, 0.25] in nats",
      tolerance: TOLERANCE,
      mistakes: [
        { when: near(got, 1.5), says: "log2 gives bits: nats are Math.log, the natural logarithm" },
        { when: near(got, nats / Math.LN10), says: "log10 is no nats: take Math.log" },
        { when: near(got, -nats), says: "the sign is missing: ln p is negative, so take -p ln p" },
        {
          when: near(got, nats / 3),
          says: "this divides by the number of outcomes: p is the weight",
        },
        { when: near(got, 5 * Math.LN2), says: "the weight p is missing: sum -p ln p, not -ln p" },
        { when: near(got, 5 * Math.LN2 / 3), says: "a plain mean of -ln p: each weighs p" },
      ],
    });
    const certain = entropy([1, 0]);
    expectClose(certain, 0, {
      what: "the entropy of [1, 0]",
      tolerance: TOLERANCE,
      mistakes: [{ when: Number.isNaN(certain), says: "0 * ln 0 is NaN: what never comes adds 0" }],
    });
  });
}

/**
 * Checks exercise 1.6b, the losses to hold a curve against, computed by hand for `plain`.
 *
 * @param plainLadder The student's function: from the word lists to nats a target.
 * @throws {CheckError} If a rung is off.
 *
 * @example
 * ```ts
 * import { checkPlainLadder } from "lib/grade/mod.ts";
 *
 * await checkPlainLadder(({ adjectives, nouns, verbs, adverbs }) => {
 *   const lists = [adjectives, nouns, verbs, adverbs].map((words) => words.length);
 *   const floor = lists.reduce((sum, size) => sum + Math.log(size), 0) / 6;
 *   const size = lists.reduce((sum, size) => sum + size, 5); // <pad> <bos> <eos> <unk> The
 *   return { uniform: Math.log(size), unigram: floor + Math.log(6), floor };
 * });
 * ```
 */
export async function checkPlainLadder(
  plainLadder: (lexicon: Lexicon) => LossLadder,
): Promise<void> {
  await check("plainLadder", () => {
    for (const lexicon of [loadLexicon(), SMALL_LEXICON]) {
      const expected = lossLadder(createGrammar("plain", lexicon)), got = plainLadder(lexicon);
      const sizes = Object.values(lexicon).map((words) => words.length);
      const mistakes = ladderMistakes(got, expected, sizes);
      for (const rung of ["uniform", "unigram", "floor"] as const) {
        const what = `${rung} of lists of ${sizes.join(", ")} words, in nats a target,`;
        const options = { what, tolerance: TOLERANCE, mistakes: mistakes[rung] };
        expectClose(got?.[rung], expected[rung], options); // a forgotten return gives no ladder
      }
    }
  });
}

function ladderMistakes(
  got: LossLadder,
  expected: LossLadder,
  sizes: readonly number[],
): Record<keyof LossLadder, Mistake[]> {
  const when = (rung: keyof LossLadder, wrong: number, says: string): Mistake => ({
    when: () => near(got[rung], wrong),
    says,
  });
  const bits = (rung: keyof LossLadder) =>
    when(rung, expected[rung] / Math.LN2, "log2 gives bits, here all is in nats: Math.log");
  const words = sizes.reduce((sum, size) => sum + size, 0);
  const sentence = sizes.reduce((sum, size) => sum + Math.log(size), 0);
  return {
    uniform: [
      bits("uniform"),
      ...[0, 1, 2, 4].map((others) => when("uniform", Math.log(words + others), ALL_TOKENS)),
    ],
    unigram: [
      bits("unigram"),
      when("unigram", unigramOver(sizes, 3), "<bos> is counted: it is read, and never predicted"),
      when("unigram", unigramOver(sizes, 1), "<eos> is not counted: it is a target like the words"),
      when("unigram", expected.floor, IS_FLOOR),
      when("unigram", expected.uniform, "this is uniform: The and <eos> are far more frequent"),
    ],
    floor: [
      bits("floor"),
      when("floor", sentence, "this is a whole sentence's entropy: divide by its 6 targets"),
      when("floor", sentence / 5, "divided by 5: <eos> is a target too, so there are 6"),
      when("floor", sentence / 7, "divided by 7: <bos> is no target, so there are 6"),
      when("floor", sentence / 4, "divided by 4: The and <eos> cost nothing, and still count"),
    ],
  };
}

const ALL_TOKENS = "all V tokens count, <pad> <bos> <eos> <unk> and The too";
const IS_FLOOR =
  "this is the floor: whoever knows frequencies only must also guess which slot it is";

/** The entropy of the tokens' frequencies, with `fixed` tokens a sentence that are always the same. */
function unigramOver(sizes: readonly number[], fixed: number): number {
  const tokens = fixed + sizes.length;
  const shares = [
    ...Array<number>(fixed).fill(1 / tokens),
    ...sizes.flatMap((size) => Array<number>(size).fill(1 / size / tokens)),
  ];
  return shares.reduce((sum, share) => sum - share * Math.log(share), 0);
}

/**
 * Checks exercise 1.6c, the perplexity of losses: e to the mean.
 *
 * @param perplexity The student's function: from the losses of targets in nats.
 * @throws {CheckError} If the base or the order of mean and power is wrong.
 *
 * @example
 * ```ts
 * import { checkPerplexity } from "lib/grade/mod.ts";
 *
 * await checkPerplexity((losses) =>
 *   Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length)
 * );
 * ```
 */
export async function checkPerplexity(
  perplexity: (losses: readonly number[]) => number,
): Promise<void> {
  await check("perplexity", () => {
    const losses = [0, Math.log(4), Math.log(16)], mean = Math.log(64) / 3;
    const got = perplexity(losses);
    expectClose(got, 4, {
      what: "the perplexity of losses 0, ln 4, ln 16",
      tolerance: TOLERANCE,
      mistakes: [
        { when: near(got, 2 ** mean), says: "2 to the loss is for bits: losses in nats go with e" },
        { when: near(got, 7), says: "the mean of perplexities: take the mean of the losses first" },
        { when: near(got, 64), says: "e to the sum: take the mean of the losses first" },
        { when: near(got, mean), says: "this is the mean loss: raise e to it, Math.exp" },
        { when: near(got, 1 / 4), says: "the sign is turned: the losses are positive already" },
      ],
    });
  });
}
