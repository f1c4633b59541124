import { quote } from "lib/core/mod.ts";
import type { DecodeOptions, Tokenizer } from "./tokenizer.ts";

/** The special tokens: for pads, begin, end, unknown words. */
const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"] as const;

/** Cuts text at white space and around special tokens; the parentheses keep the special tokens. */
const BORDER = /(<pad>|<bos>|<eos>|<unk>)|\p{White_Space}+/u;

/**
 * Makes a tokenizer with one id per word: text is cut at white space, and an unknown word becomes
 * `<unk>`.
 *
 * A special token that is written out in a text, as in `a <pad> b` or `a<pad>b`, becomes its id, as
 * in Hugging Face's tokenizers. If a text comes from strangers, remove such words before encoding
 * it.
 *
 * @param vocabulary The token of each id; it must contain `<pad>`, `<bos>`, `<eos>` and `<unk>`, at
 *   any place.
 * @returns The tokenizer. `decode` joins words with single spaces, so `decode(encode(text))` is
 *   `text` if all its words are known and separated by single spaces; it throws a `RangeError` for
 *   ids that are not below `size`.
 * @throws {RangeError} If a token is empty, contains white space or occurs twice, or a special one
 *   is missing.
 *
 * @example
 * ```ts
 * import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokenizer = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);
 * assertEquals([...tokenizer.encode("The blue dog")], [1, 4, 3, 5, 2]);
 * assertEquals(tokenizer.decode([1, 4, 5, 2]), "The dog");
 * assertEquals(tokenizer.decode([1, 4, 5, 2], { keepSpecial: true }), "<bos> The dog <eos>");
 * ```
 */
export function createWordLevelTokenizer(vocabulary: readonly string[]): Tokenizer {
  const tokens = Object.freeze([...vocabulary]), ids = indexTokens(tokens);
  const [padId, bosId, eosId, unkId] = SPECIAL.map((token) => specialId(ids, token));
  if (padId === undefined || bosId === undefined || eosId === undefined || unkId === undefined) {
    throw new TypeError("Cannot make a tokenizer: expected four special tokens");
  }
  const special = new Set([padId, bosId, eosId, unkId]);
  const tokenOf = (id: number) => {
    const token = tokens[id];
    if (token === undefined) {
      throw new RangeError(`Cannot decode: expected ids below ${tokens.length}, got ${id}`);
    }
    return token;
  };
  return Object.freeze({
    size: tokens.length,
    padId,
    bosId,
    eosId,
    unkId,
    encode(text: string): Int32Array {
      const words = text.split(BORDER).filter(Boolean); // drops empty ends and unmatched groups
      return Int32Array.from([bosId, ...words.map((word) => ids.get(word) ?? unkId), eosId]);
    },
    decode(from: ArrayLike<number>, { keepSpecial = false }: DecodeOptions = {}): string {
      const kept = Array.from(from).filter((id) => keepSpecial || !special.has(id));
      return kept.map(tokenOf).join(" ");
    },
    tokenOf,
    idOf: (token: string) => ids.get(token),
  });
}

function indexTokens(tokens: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    // Half of a surrogate pair is not valid text: Python, for example, cannot read a file with it.
    if (!/^\P{White_Space}+$/u.test(token) || !token.isWellFormed() || ids.has(token)) {
      throw new RangeError(
        `Cannot make a tokenizer: expected tokens in Unicode without blanks, none twice, ` +
          `got ${quote(token)} at id ${id}`,
      );
    }
    ids.set(token, id);
  }
  return ids;
}

function specialId(ids: ReadonlyMap<string, number>, token: string): number {
  const id = ids.get(token);
  if (id === undefined) {
    throw new RangeError(
      `Cannot make a tokenizer: expected a vocabulary with ${
        SPECIAL.join(" ")
      }, got none with ${token}`,
    );
  }
  return id;
}
