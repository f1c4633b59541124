import type { Grammar } from "./grammar.ts";

/** The best possible predictor: the grammar's own probabilities, by a model's ids. */
export interface Oracle {
  /**
   * The probability of each id after a prefix of ids that begins with `<bos>`: float64 [V].
   *
   * @throws {RangeError} If no sentence begins like this; the message names the position.
   */
  next(prefixIds: ArrayLike<number>): Float64Array;
  /**
   * The loss of each target of a sentence `<bos> ... <eos>`, in nats: float64 [T], T = ids − 1.
   *
   * @throws {RangeError} If this is no sentence; the message names the position.
   */
  losses(ids: ArrayLike<number>): Float64Array;
}

/**
 * Makes the oracle of a grammar: the exact distribution of the next token.
 *
 * Measured on the same targets, the difference of a model's loss and the oracle's is the gap: the part of
 * the loss that learning can still remove.
 * A gap below zero by more than the sampling error means a bug.
 *
 * @param grammar The grammar.
 * @param vocabulary The token of each id, where the ids are not the grammar's own.
 * @returns The oracle.
 * @throws {RangeError} If a token of the grammar has no id.
 *
 * @example
 * ```ts
 * import { createGrammar, createOracle } from "lib/data/mod.ts";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const oracle = createOracle(createGrammar("plain"));
 * const [bos, the] = [1, 4];
 * assertEquals(oracle.next([bos])[the], 1);
 * assertAlmostEquals(oracle.next([bos, the]).reduce((sum, p) => sum + p, 0), 1);
 * ```
 */
export function createOracle(
  grammar: Grammar,
  vocabulary: readonly string[] = grammar.vocabulary,
): Oracle {
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const missing = grammar.vocabulary.find((token) => !idOf.has(token));
  if (missing !== undefined) {
    throw new RangeError(
      `Cannot make an oracle: expected an id for each of the grammar's tokens, got none for ` +
        JSON.stringify(missing),
    );
  }
  return Object.freeze({
    next(prefixIds: ArrayLike<number>): Float64Array {
      const probabilities = new Float64Array(vocabulary.length);
      for (const [token, p] of grammar.nextToken(wordsAfterBos(prefixIds, vocabulary))) {
        probabilities[idOf.get(token) ?? -1] = p;
      }
      return probabilities;
    },
    losses(ids: ArrayLike<number>): Float64Array {
      const words = wordsAfterBos(ids, vocabulary);
      if (words.at(-1) !== "<eos>") {
        throw new RangeError(
          `Cannot score a sentence: expected <eos> at id ${ids.length - 1}, ` +
            `got ${JSON.stringify(words.at(-1) ?? "<bos>")}`,
        );
      }
      const targets = grammar.targets(words.slice(0, -1));
      return Float64Array.from(targets, ({ probability }) => -Math.log(probability));
    },
  });
}

function wordsAfterBos(ids: ArrayLike<number>, vocabulary: readonly string[]): string[] {
  const tokens = Array.from(ids, (id, position) => {
    const token = vocabulary[id];
    if (token === undefined) {
      throw new RangeError(
        `Cannot ask the oracle: expected ids below ${vocabulary.length}, got ${id} at id ${position}`,
      );
    }
    return token;
  });
  if (tokens[0] !== "<bos>") {
    throw new RangeError(
      `Cannot ask the oracle: expected <bos> at id 0, got ${
        JSON.stringify(tokens[0] ?? "nothing")
      }`,
    );
  }
  return tokens.slice(1);
}
