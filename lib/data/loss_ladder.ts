import { marginal, meanTargets, occurrences } from "./_expectation.ts";
import type { Grammar } from "./grammar.ts";

/** Losses to compare a model's loss with, in nats per target, each below the one before. */
export interface LossLadder {
  /** ln V: every token equally likely. What an untrained model gets. */
  readonly uniform: number;
  /** The entropy of the tokens' frequencies: what a model gets that ignores its input. */
  readonly unigram: number;
  /** {@linkcode Grammar.entropy}: what a model gets that knows the language. */
  readonly floor: number;
}

/**
 * Computes a grammar's loss ladder, exactly: uniform ln V, unigram −Σ f(w) ln f(w), floor.
 *
 * @param grammar The grammar; f(w) is its share of targets that are w, `<eos>` among them.
 * @returns Three losses in nats per target.
 *
 * @example
 * ```ts
 * import { createGrammar, lossLadder } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { uniform, unigram, floor } = lossLadder(createGrammar("plain"));
 * assertEquals([uniform, unigram, floor].map((loss) => loss.toFixed(3)), ["6.908", "5.469", "3.678"]);
 * ```
 */
export function lossLadder(grammar: Grammar): LossLadder {
  const unigram = [...tokenFrequencies(grammar).values()]
    .reduce((sum, share) => share === 0 ? sum : sum - share * Math.log(share), 0);
  return { uniform: Math.log(grammar.vocabulary.length), unigram, floor: grammar.entropy };
}

/**
 * Computes the frequency of each token among the targets of all sentences of a grammar.
 *
 * @param grammar The grammar.
 * @returns Shares that add up to 1; tokens that are no target, such as `<bos>`, are absent.
 *
 * @example
 * ```ts
 * import { tokenFrequencies } from "lib/data/loss_ladder.ts";
 * import { createGrammar } from "lib/data/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(tokenFrequencies(createGrammar("plain")).get("The") ?? NaN, 1 / 6);
 * ```
 */
export function tokenFrequencies(grammar: Grammar): Map<string, number> {
  const shares = new Map<string, number>(), targets = meanTargets(grammar.pattern);
  for (const { slot, probability } of occurrences(grammar.pattern)) {
    for (const [token, share] of marginal(slot)) {
      shares.set(token, (shares.get(token) ?? 0) + share * probability / targets);
    }
  }
  return shares;
}
