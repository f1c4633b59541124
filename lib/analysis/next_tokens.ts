/** A token that may come next, with its probabilities by the model and by the oracle. */
export interface NextToken {
  /** The token. */
  readonly id: number;
  /** The model's probability. */
  readonly model: number;
  /** The oracle's probability. */
  readonly oracle: number;
}

/** The most likely next tokens, and the probability of all others. */
export interface NextTokens {
  /** The most likely ones by the model, the most likely first. */
  readonly tokens: readonly NextToken[];
  /** The probability of all other tokens together. */
  readonly rest: {
    /** By the model. */
    readonly model: number;
    /** By the oracle. */
    readonly oracle: number;
  };
  /** The model's probability of all tokens that the oracle rules out. */
  readonly impossible: number;
}

/**
 * Compares a model's probabilities of the next token with the oracle's.
 *
 * @param model The model's probability of each token, [V].
 * @param oracle The oracle's probability of each token, [V].
 * @param count How many tokens to name.
 * @returns The model's most likely tokens; of equally likely ones, the one with the lower id first.
 * @throws {TypeError} If the two differ in length.
 *
 * @example
 * ```ts
 * import { compareNextTokens } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const seen = compareNextTokens([0.125, 0.625, 0.25], [0, 0.5, 0.5], 2);
 * assertEquals(seen.tokens.map(({ id }) => id), [1, 2]);
 * assertEquals([seen.rest.model, seen.rest.oracle, seen.impossible], [0.125, 0, 0.125]);
 * ```
 */
export function compareNextTokens(
  model: ArrayLike<number>,
  oracle: ArrayLike<number>,
  count = 10,
): NextTokens {
  if (model.length !== oracle.length) {
    throw new TypeError(
      `Cannot compare next tokens: expected ${model.length} probabilities of the oracle, ` +
        `got ${oracle.length}`,
    );
  }
  const all = Array.from(model, (p, id): NextToken => ({ id, model: p, oracle: oracle[id] ?? NaN }))
    .sort((a, b) => b.model - a.model || a.id - b.id);
  const others = all.slice(count);
  const total = (tokens: readonly NextToken[], whose: "model" | "oracle") =>
    tokens.reduce((sum, token) => sum + token[whose], 0);
  return {
    tokens: all.slice(0, count),
    rest: { model: total(others, "model"), oracle: total(others, "oracle") },
    impossible: total(all.filter((token) => token.oracle === 0), "model"),
  };
}
