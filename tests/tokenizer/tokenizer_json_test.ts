import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import {
  assertEquals,
  assertFalse,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createGrammar, generateCorpus, LEVELS } from "lib/data/mod.ts";
import {
  createWordLevelTokenizer,
  loadTokenizer,
  saveTokenizer,
  type Tokenizer,
  tokenizerFromJson,
  tokenizerToJson,
} from "lib/tokenizer/mod.ts";

const VOCABULARY = ["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog", "7", "__proto__"];
const WORDS = createWordLevelTokenizer(VOCABULARY);

function huggingFace(tokenizer: Tokenizer): HuggingFaceTokenizer {
  return new HuggingFaceTokenizer(JSON.parse(tokenizerToJson(tokenizer)), { unk_token: "<unk>" });
}

Deno.test("tokenizerToJson() is read by Hugging Face's package to the same ids on every sentence", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level);
    const own = createWordLevelTokenizer(grammar.vocabulary), theirs = huggingFace(own);
    for (const words of generateCorpus(grammar, { seed: 1 })) {
      const text = words.join(" "), ids = [...own.encode(text)];
      assertEquals(theirs.encode(text).ids, ids);
      assertEquals(theirs.decode(ids, { skip_special_tokens: true }), own.decode(ids));
    }
  }
});

Deno.test("tokenizerToJson() is read to the same ids on unknown words, blanks, special tokens", () => {
  const theirs = huggingFace(WORDS);
  for (
    const text of [
      "The cat",
      "xyz",
      "the Dog, the dog.",
      "  The \t dog\n",
      "",
      "The <pad> dog",
      "The<eos>dog <unk>",
      "<bos> The <unk><unk>",
      "7 __proto__ constructor",
      "Größe 犬 🐕",
    ]
  ) {
    assertEquals(theirs.encode(text).ids, [...WORDS.encode(text)], text);
  }
});

Deno.test("saveTokenizer() and loadTokenizer() give an equal tokenizer, and equal bytes again", () => {
  const path = `${Deno.makeTempDirSync()}/tokenizer.json`;
  const tokenizers = [
    WORDS,
    createWordLevelTokenizer([...VOCABULARY].reverse()),
    createWordLevelTokenizer(createGrammar("variable").vocabulary),
  ];
  for (const tokenizer of tokenizers) {
    saveTokenizer(path, tokenizer);
    const { size, padId, bosId, eosId, unkId, tokenOf } = loadTokenizer(path);
    assertEquals(
      [size, padId, bosId, eosId, unkId],
      [tokenizer.size, tokenizer.padId, tokenizer.bosId, tokenizer.eosId, tokenizer.unkId],
    );
    for (let id = 0; id < size; id++) assertEquals(tokenOf(id), tokenizer.tokenOf(id));
    assertEquals(tokenizerToJson(loadTokenizer(path)), Deno.readTextFileSync(path));
  }
});

Deno.test("tokenizerToJson() refuses a tokenizer that is not word level", () => {
  const letters: Tokenizer = {
    ...WORDS,
    encode: (text) => Int32Array.of(1, ...[...text].map(() => 3), 2),
  };
  assertThrows(
    () => tokenizerToJson(letters),
    TypeError,
    'Cannot save a tokenizer: expected a word-level one, that is [1,0,2] for "<pad>", ' +
      "got [1,3,3,3,3,3,2]",
  );
});

/** The saved tokenizer with one field replaced. */
function changed(path: readonly string[], value: unknown): string {
  const root = JSON.parse(tokenizerToJson(WORDS));
  const last = path.at(-1) ?? "";
  path.slice(0, -1).reduce((inner, key) => inner[key], root)[last] = value;
  return JSON.stringify(root);
}

Deno.test("tokenizerFromJson() names the field that would give other ids", () => {
  const refuse = (path: string[], value: unknown, text: string) => {
    const error = assertThrows(() => tokenizerFromJson(changed(path, value)), TypeError, text);
    assertMatch(error.message, /^Cannot load a tokenizer: expected \S+ to be .+, got ./);
  };
  refuse(["model", "type"], "BPE", 'model.type to be WordLevel, got "BPE"');
  refuse(["model", "unk_token"], "dog", 'model.unk_token to be <unk>, got "dog"');
  refuse(["model", "vocab"], ["a"], 'model.vocab["0"] to be an id of its own below 1, got "a"');
  refuse(["model", "vocab"], 5, "model.vocab to be an object of ids by token, got 5");
  refuse(["model", "vocab", "dog"], 4, 'model.vocab["dog"] to be an id of its own below 8, got 4');
  refuse(["model", "vocab", "dog"], 8, 'model.vocab["dog"] to be an id of its own below 8, got 8');
  refuse(["model", "vocab", "dog"], 1.5, "an id of its own below 8, got 1.5");
  refuse(["pre_tokenizer", "type"], "Whitespace", "pre_tokenizer.type to be WhitespaceSplit, got");
  refuse(["pre_tokenizer"], null, 'pre_tokenizer to be {"type":"WhitespaceSplit"}, got null');
  refuse(["normalizer"], { type: "Lowercase" }, 'normalizer to be null, got {"type":"Lowercase"}');
  refuse(["truncation"], { max_length: 4 }, "truncation to be null");
  refuse(["decoder"], { type: "Fuse" }, "decoder to be null");
  refuse(["post_processor", "single"], [], "post_processor.single.0 to be ");
  refuse(["post_processor", "special_tokens", "<bos>", "ids"], [2], "<bos>.ids.0 to be 1, got 2");
  refuse(["added_tokens", "0", "lstrip"], true, "added_tokens.0.lstrip to be false, got true");
  refuse(["added_tokens", "4"], { id: 5 }, 'added_tokens.4 to be absent, got {"id":5}');
});

Deno.test("tokenizerFromJson() takes what does not change the ids of a text", () => {
  for (const text of [changed(["version"], "2.0"), changed(["post_processor", "pair"], [])]) {
    assertEquals(tokenizerFromJson(text).encode("The dog"), WORDS.encode("The dog"));
  }
});

Deno.test("tokenizerFromJson() refuses what is no JSON, no object, and lacks a special token", () => {
  for (const text of ["", "{", "tokenizer", '{"model":']) {
    assertThrows(
      () => tokenizerFromJson(text),
      SyntaxError,
      "Cannot load a tokenizer: expected JSON, got ",
    );
  }
  for (const text of ["null", "5", "[]", "{}", '{"model":null}']) {
    assertThrows(
      () => tokenizerFromJson(text),
      TypeError,
      "Cannot load a tokenizer: expected model.type to be WordLevel, got nothing",
    );
  }
  assertThrows(
    () => tokenizerFromJson('{"model":{"type":"WordLevel","vocab":{"dog":0}}}'),
    RangeError,
    "expected a vocabulary with <pad> <bos> <eos> <unk>, got none with <pad>",
  );
});

Deno.test("loadTokenizer() says which file is missing", () => {
  const path = `${Deno.makeTempDirSync()}/tokenizer.json`;
  const error = assertThrows(() => loadTokenizer(path), Deno.errors.NotFound);
  assertStringIncludes(error.message, path);
});

Deno.test("loadTokenizer() passes over a byte order mark, and so does tokenizerFromJson()", () => {
  const path = `${Deno.makeTempDirSync()}/tokenizer.json`, text = `\uFEFF${tokenizerToJson(WORDS)}`;
  Deno.writeTextFileSync(path, text);
  for (const tokenizer of [loadTokenizer(path), tokenizerFromJson(text)]) {
    assertEquals(tokenizer.encode("The dog"), WORDS.encode("The dog"));
  }
});

Deno.test("tokenizerFromJson() refuses half a surrogate pair, and a key twice", () => {
  const text = tokenizerToJson(WORDS);
  assertThrows(
    () => tokenizerFromJson(text.replace('"dog":', '"\\ud800":')),
    RangeError,
    'expected tokens in Unicode without blanks, none twice, got "\\ud800"',
  );
  assertThrows(
    () => tokenizerFromJson(text.replace('"dog":', '"dog":4,"dog":')),
    SyntaxError,
    'Cannot load a tokenizer: expected JSON, got the key "dog" twice in one object',
  );
});

Deno.test("tokenizerFromJson() repeats little of a hostile file, and nothing that a terminal obeys", () => {
  const hostile = `\u001b[31m${"x".repeat(400_000)}`;
  for (
    const [path, value] of [[["model", "type"], hostile], [
      ["added_tokens", "0", hostile],
      1,
    ]] as const
  ) {
    const { message } = assertThrows(() => tokenizerFromJson(changed(path, value)), TypeError);
    assertLess(message.length, 400);
    assertFalse(message.includes("\u001b"));
  }
});
