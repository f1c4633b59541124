/** A perplexity, and the numbers that are often mistaken for it. */
export interface PerplexityReport {
  /** The perplexity: exp of the mean loss of all targets. */
  readonly perplexity: number;
  /** The mean of the perplexities of single targets: one very bad target dominates it. */
  readonly meanOverTargets: number;
  /** The mean of the perplexities of sentences or batches: too high, by Jensen's inequality. */
  readonly meanOverSentences: number;
  /** exp of the mean of the sentences' mean losses: a target in a short sentence counts more. */
  readonly ofSentenceMeans: number;
  /** exp of the mean with pads counted as targets of loss 0: too low, and lower with more pads. */
  readonly withPads: number;
}

/**
 * Computes a perplexity, and the results of four common mistakes.
 *
 * Perplexity is exp of the mean loss. The mean of perplexities is another number, which is always
 * at least as large; a mean of means weights the targets differently.
 *
 * @param losses The losses of each sentence's targets, in nats; or of each batch's.
 * @returns The right number and the four wrong ones.
 * @throws {RangeError} If there is no sentence, or a sentence without targets.
 *
 * @example
 * ```ts
 * import { comparePerplexities } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // One sentence with one certain target, and one with three targets of probability 1 / 2.
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
