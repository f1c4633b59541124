import { parseJson, plain, quote, readText, writeFileAtomically } from "lib/core/mod.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { createWordLevelTokenizer } from "./word_level.ts";

/**
 * Writes a word-level tokenizer as Hugging Face's `tokenizer.json`: the Python and JavaScript
 * packages `tokenizers` read it and give the same ids.
 *
 * JavaScript's `@huggingface/tokenizers` also needs `{ unk_token: "<unk>" }` as its second
 * argument, the content of `tokenizer_config.json`; without it, that package gives unknown words no
 * id.
 *
 * @param tokenizer A tokenizer that gives each token, if the token is the whole text, that token's
 *   id.
 * @returns The file's content.
 * @throws {TypeError} If the tokenizer is not word level, because the file could not describe it.
 *
 * @example
 * ```ts
 * import { createWordLevelTokenizer, tokenizerFromJson, tokenizerToJson } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const words = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);
 * const read = tokenizerFromJson(tokenizerToJson(words));
 * assertEquals(read.encode("The dog"), words.encode("The dog"));
 * ```
 *
 * Source: Hugging Face, "Tokenizers", https://huggingface.co/docs/tokenizers
 */
export function tokenizerToJson(tokenizer: Tokenizer): string {
  const vocabulary = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.tokenOf(id));
  const { bosId, eosId } = tokenizer;
  for (const [id, token] of vocabulary.entries()) {
    const ids = tokenizer.encode(token);
    if (ids.length !== 3 || ids[0] !== bosId || ids[1] !== id || ids[2] !== eosId) {
      throw new TypeError(
        `Cannot save a tokenizer: expected a word-level one, that is [${[bosId, id, eosId]}] ` +
          `for ${JSON.stringify(token)}, got [${ids}]`,
      );
    }
  }
  return `${JSON.stringify(documentOf(createWordLevelTokenizer(vocabulary)), null, 2)}\n`;
}

/**
 * Reads what {@linkcode tokenizerToJson} wrote, and refuses every file that would give other ids.
 *
 * @param text The content of a `tokenizer.json`.
 * @returns The tokenizer.
 * @throws {SyntaxError} If the text is not JSON.
 * @throws {TypeError} If it describes another kind of tokenizer: the message names the field.
 * @throws {RangeError} If the vocabulary lacks a special token, or a token contains white space.
 *
 * @example
 * ```ts
 * import { tokenizerFromJson } from "lib/tokenizer/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => tokenizerFromJson('{ "model": { "type": "BPE" } }'), TypeError, "WordLevel");
 * ```
 */
export function tokenizerFromJson(text: string): Tokenizer {
  const root = readDocument(text);
  const type = at(root, ["model", "type"]);
  if (type !== "WordLevel") throw unexpected("model.type", "WordLevel", type);
  const tokenizer = createWordLevelTokenizer(readVocabulary(at(root, ["model", "vocab"])));
  const expected = documentOf(tokenizer);
  for (const path of DECISIVE_FIELDS) checkSame(at(root, path), at(expected, path), path.join("."));
  return tokenizer;
}

/**
 * Writes a tokenizer to a file with {@linkcode tokenizerToJson}: the whole file or nothing.
 *
 * @param path The file; its folder must exist.
 * @param tokenizer A word-level tokenizer.
 * @throws {TypeError} If the tokenizer is not word level.
 * @throws {Error} If the file cannot be written.
 *
 * @example
 * ```ts
 * import { createWordLevelTokenizer, loadTokenizer, saveTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/tokenizer.json`;
 * saveTokenizer(path, createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "dog"]));
 * assertEquals(loadTokenizer(path).idOf("dog"), 4);
 * ```
 */
export function saveTokenizer(path: string, tokenizer: Tokenizer): void {
  writeFileAtomically(path, tokenizerToJson(tokenizer));
}

/**
 * Reads a tokenizer from a file with {@linkcode tokenizerFromJson}.
 *
 * @param path The file.
 * @returns The tokenizer.
 * @throws {SyntaxError} If the file does not hold JSON.
 * @throws {TypeError} If it holds another kind of tokenizer.
 * @throws {RangeError} If its vocabulary lacks a special token.
 * @throws {Deno.errors.NotFound} If there is no such file.
 *
 * @example
 * ```ts
 * import { loadTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/tokenizer.json`;
 * Deno.writeTextFileSync(path, "not JSON");
 * assertThrows(() => loadTokenizer(path), SyntaxError, "Cannot load a tokenizer");
 * ```
 */
export function loadTokenizer(path: string): Tokenizer {
  return tokenizerFromJson(readText(path));
}

/** The fields that decide which ids a text gets, and which text ids give. */
const DECISIVE_FIELDS = [
  ["truncation"],
  ["padding"],
  ["added_tokens"],
  ["normalizer"],
  ["pre_tokenizer"],
  ["post_processor", "type"],
  ["post_processor", "single"],
  ["post_processor", "special_tokens"],
  ["decoder"],
  ["model", "unk_token"],
];

/** The content of `tokenizer.json`, with the same fields as Hugging Face's own writer. */
function documentOf({ size, padId, bosId, eosId, unkId, tokenOf }: Tokenizer) {
  const [bos, eos] = [tokenOf(bosId), tokenOf(eosId)];
  const special = (token: string) => ({ SpecialToken: { id: token, type_id: 0 } });
  const sequence = (id: "A" | "B", type: number) => ({ Sequence: { id, type_id: type } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [padId, bosId, eosId, unkId].sort((a, b) => a - b).map((id) => ({
      id,
      content: tokenOf(id),
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special(bos), sequence("A", 0), special(eos)],
      pair: [special(bos), sequence("A", 0), special(eos), sequence("B", 1), special(eos)],
      special_tokens: {
        [bos]: { id: bos, ids: [bosId], tokens: [bos] },
        [eos]: { id: eos, ids: [eosId], tokens: [eos] },
      },
    },
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(Array.from({ length: size }, (_, id) => [tokenOf(id), id])),
      unk_token: tokenOf(unkId),
    },
  };
}

function readDocument(text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot load a tokenizer: expected JSON, got ${reason}`, { cause });
  }
}

function readVocabulary(vocab: unknown): string[] {
  if (!isRecord(vocab)) throw unexpected("model.vocab", "an object of ids by token", vocab);
  const entries = Object.entries(vocab), tokens: string[] = [];
  for (const [token, id] of entries) {
    const isFree = typeof id === "number" && Number.isInteger(id) && id >= 0 &&
      id < entries.length && tokens[id] === undefined;
    if (!isFree) {
      throw unexpected(
        `model.vocab[${quote(token)}]`,
        `an id of its own below ${entries.length}`,
        id,
      );
    }
    tokens[id] = token;
  }
  return tokens;
}

function checkSame(actual: unknown, expected: unknown, path: string): void {
  if (!isRecord(expected) || !isRecord(actual)) {
    if (actual !== expected) throw unexpected(path, expected, actual);
    return;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    checkSame(actual[key], expected[key], `${path}.${key}`);
  }
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => isRecord(inner) ? inner[key] : undefined, value);
}

/** Objects and arrays: both are looked up by key. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function unexpected(field: string, expected: unknown, got: unknown): TypeError {
  const rule = typeof expected === "string" ? expected : JSON.stringify(expected) ?? "absent";
  return new TypeError(
    `Cannot load a tokenizer: expected ${plain(field)} to be ${rule}, got ${quote(got)}`,
  );
}
