/**
 * From text to ids and back: the interface, one id per word, and Hugging Face's `tokenizer.json`.
 *
 * Rank 1: may import `core`; no TensorFlow.
 *
 * @example
 * ```ts
 * import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tokenizer = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);
 * assertEquals(tokenizer.decode(tokenizer.encode("The dog")), "The dog");
 * ```
 *
 * @module
 */
export { checkTokenizer, type DecodeOptions, type Tokenizer } from "./tokenizer.ts";
export {
  loadTokenizer,
  saveTokenizer,
  tokenizerFromJson,
  tokenizerToJson,
} from "./tokenizer_json.ts";
export { tokenizerConfig } from "./tokenizer_config.ts";
export { createWordLevelTokenizer } from "./word_level.ts";
