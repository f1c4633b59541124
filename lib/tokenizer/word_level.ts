import { quote } from "lib/core/mod.ts";
import type { DecodeOptions, Tokenizer } from "./tokenizer.ts";

/** The special tokens: for pads, begin, end, unknown words. */
const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"] as const;

/** Cuts text at blanks and around special tokens; the parentheses keep the latter. */
const BORDER = /(<pad>|<bos>|<eos>|<unk>)|\p{White_Space}+/u;

/**
 * Makes a tokenizer with one id per word: text is cut at blanks, and an unknown word becomes `<unk>`.
 *
 * A special token that is written out in a text, as in `a <pad> b` or `a<pad>b`, becomes its id, as
 * in Hugging Face's tokenizers. Whoever encodes what strangers wrote takes such words out first.
 *
 * @param vocabulary The token of each id; `<pad>`, `<bos>`, `<eos>` and `<unk>` anywhere among them.
 * @returns The tokenizer. `decode` joins words by single blanks, so `decode(encode(text))` is `text`
 * where words are known and stand one blank apart; its ids must be below `size`, else a `RangeError`.
 * @throws {RangeError} If a token is empty, holds a blank or stands twice, or a special one is missing.
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
      const words = text.split(BORDER).filter(Boolean); // no empty ends, no unmatched group
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
    // Half of a surrogate pair is no text: Python, for one, reads no file with it.
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
