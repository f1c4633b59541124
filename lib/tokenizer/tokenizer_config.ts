import type { Tokenizer } from "./tokenizer.ts";

/**
 * Writes what Hugging Face's `AutoTokenizer` needs besides `tokenizer.json`: which tokens are
 * special, and how texts of different lengths are padded.
 *
 * @param tokenizer The tokenizer.
 * @param maxLength The most tokens that the model takes.
 * @returns The content of `tokenizer_config.json`.
 *
 * @example
 * ```ts
 * import { createWordLevelTokenizer, tokenizerConfig } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);
 * assertEquals(JSON.parse(tokenizerConfig(words, 128)).unk_token, "<unk>");
 * ```
 */
export function tokenizerConfig(tokenizer: Tokenizer, maxLength: number): string {
  const { padId, bosId, eosId, unkId, tokenOf } = tokenizer;
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: tokenOf(bosId),
    eos_token: tokenOf(eosId),
    unk_token: tokenOf(unkId),
    pad_token: tokenOf(padId),
    padding_side: "right",
    model_max_length: maxLength,
    clean_up_tokenization_spaces: false,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
