import { assertEquals, assertThrows } from "@std/assert";
import { createGrammar, generateCorpus, LEVELS } from "lib/data/mod.ts";
import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";

const VOCABULARY = ["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog", "runs"];

Deno.test("createWordLevelTokenizer() gives back every corpus sentence, without <unk>", () => {
  for (const level of LEVELS) {
    const grammar = createGrammar(level);
    const tokenizer = createWordLevelTokenizer(grammar.vocabulary);
    for (const words of generateCorpus(grammar, { seed: 1 })) {
      const ids = tokenizer.encode(words.join(" "));
      assertEquals(ids.length, words.length + 2);
      assertEquals([ids[0], ids.at(-1)], [1, 2]);
      assertEquals(ids.includes(3), false);
      assertEquals(tokenizer.decode(ids), words.join(" "));
    }
  }
});

Deno.test("createWordLevelTokenizer() takes the vocabulary's order for ids, special tokens included", () => {
  const tokenizer = createWordLevelTokenizer(["dog", "<unk>", "<eos>", "<bos>", "<pad>"]);
  const { size, padId, bosId, eosId, unkId } = tokenizer;
  assertEquals([size, padId, bosId, eosId, unkId], [5, 4, 3, 2, 1]);
  assertEquals(tokenizer.encode("dog cat"), Int32Array.of(3, 0, 1, 2));
  assertEquals([tokenizer.tokenOf(0), tokenizer.idOf("dog"), tokenizer.idOf("cat")], [
    "dog",
    0,
    undefined,
  ]);
});

Deno.test("Tokenizer.encode() cuts at any blanks, knows no other form of a word", () => {
  const tokenizer = createWordLevelTokenizer(VOCABULARY);
  assertEquals(tokenizer.encode("  The\tdog\n runs "), Int32Array.of(1, 4, 5, 6, 2));
  assertEquals(tokenizer.encode(""), Int32Array.of(1, 2));
  assertEquals(tokenizer.encode("the Dog runs."), Int32Array.of(1, 3, 3, 3, 2));
  assertEquals(tokenizer.encode("constructor __proto__"), Int32Array.of(1, 3, 3, 2));
});

Deno.test("Tokenizer.encode() makes special tokens of their names, glued to words or not", () => {
  const tokenizer = createWordLevelTokenizer(VOCABULARY);
  assertEquals(tokenizer.encode("The <pad> dog"), Int32Array.of(1, 4, 0, 5, 2));
  assertEquals(tokenizer.encode("The<eos>dog<unk>"), Int32Array.of(1, 4, 2, 5, 3, 2));
});

Deno.test("Tokenizer.decode() leaves special tokens out, or keeps them", () => {
  const tokenizer = createWordLevelTokenizer(VOCABULARY), ids = [1, 4, 3, 5, 2, 0, 0];
  assertEquals(tokenizer.decode(ids), "The dog");
  assertEquals(
    tokenizer.decode(Int32Array.from(ids), { keepSpecial: true }),
    "<bos> The <unk> dog <eos> <pad> <pad>",
  );
  assertEquals(tokenizer.decode([]), "");
});

Deno.test("Tokenizer.decode() and Tokenizer.tokenOf() refuse ids out of range", () => {
  const tokenizer = createWordLevelTokenizer(VOCABULARY);
  for (const id of [7, -1, 4.5]) {
    const text = `Cannot decode: expected ids below 7, got ${id}`;
    assertThrows(() => tokenizer.decode([4, id]), RangeError, text);
    assertThrows(() => tokenizer.tokenOf(id), RangeError, text);
  }
});

Deno.test("createWordLevelTokenizer() refuses blanks, doubles, and a missing special token", () => {
  for (const token of ["a b", "", "dog", "\uD800", "a\uDFFFb"]) {
    assertThrows(
      () => createWordLevelTokenizer([...VOCABULARY, token]),
      RangeError,
      "Cannot make a tokenizer: expected tokens in Unicode without blanks, none twice, got " +
        `${JSON.stringify(token)} at id 7`,
    );
  }
  for (const token of VOCABULARY.slice(0, 4)) {
    assertThrows(
      () => createWordLevelTokenizer(VOCABULARY.filter((other) => other !== token)),
      RangeError,
      "Cannot make a tokenizer: expected a vocabulary with <pad> <bos> <eos> <unk>, got none with " +
        token,
    );
  }
});

Deno.test("createWordLevelTokenizer() encodes and decodes a text of 200,000 words", () => {
  const tokenizer = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "dog"]);
  const text = new Array<string>(200_000).fill("dog").join(" "), ids = tokenizer.encode(text);
  assertEquals([ids.length, ids[0], ids[1], ids.at(-1)], [200_002, 1, 4, 2]);
  assertEquals(tokenizer.decode(ids), text);
});
