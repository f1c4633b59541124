/** A perplexity and the figures that are taken for it. */
export interface PerplexityReport {
  /** The perplexity: e to the mean loss of all targets. */
  readonly perplexity: number;
  /** The mean of the perplexities of single targets: one hopeless target decides all. */
  readonly meanOverTargets: number;
  /** The mean of the perplexities of sentences or batches: too high, by Jensen's inequality. */
  readonly meanOverSentences: number;
  /** e to the mean of the sentences' mean losses: a target in a short sentence counts for more. */
  readonly ofSentenceMeans: number;
  /** e to the mean with pads counted as targets of loss 0: too low, and lower the more is padded. */
  readonly withPads: number;
}

/**
 * Computes a perplexity, and beside it what comes of four usual mistakes.
 *
 * Perplexity is e to a mean of losses. The mean of perplexities is something else and always at least
 * as large; a mean of means gives the targets other weights.
 *
 * @param losses The losses of each sentence's targets, in nats; or of each batch's.
 * @returns The right figure and the four wrong ones.
 * @throws {RangeError} If there is no sentence, or one without targets.
 *
 * @example
 * ```ts
 * import { comparePerplexities } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // A sentence of one target that is certain, and one of three targets of two tokens each.
 * const report = comparePerplexities([[0], [Math.LN2, Math.LN2, Math.LN2]]);
 * assertAlmostEquals(report.perplexity, 2 ** 0.75);
 * assertAlmostEquals(report.meanOverTargets, 1.75);
 * assertAlmostEquals(report.meanOverSentences, 1.5);
 * assertAlmostEquals(report.ofSentenceMeans, 2 ** 0.5);
 * assertAlmostEquals(report.withPads, 2 ** 0.5);
 * ```
 */
export function comparePerplexities(losses: readonly ArrayLike<number>[]): PerplexityReport {
  const sentences = losses.map((sentence) => Array.from(sentence));
  const empty = sentences.findIndex(({ length }) => length === 0);
  if (sentences.length === 0 || empty !== -1) {
    throw new RangeError(
      "Cannot compute a perplexity: expected sentences with targets, got none" +
        (empty === -1 ? "" : ` in sentence ${empty}`),
    );
  }
  const all = sentences.flat(), means = sentences.map(average);
  const longest = sentences.reduce((most, { length }) => Math.max(most, length), 0);
  return {
    perplexity: Math.exp(average(all)),
    meanOverTargets: average(all.map(Math.exp)),
    meanOverSentences: average(means.map(Math.exp)),
    ofSentenceMeans: Math.exp(average(means)),
    withPads: Math.exp(sum(all) / (sentences.length * longest)),
  };
}

function average(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
