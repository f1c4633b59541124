import { assertStrictEquals, assertThrows } from "@std/assert";
import { checkTokenizer, createWordLevelTokenizer, type Tokenizer } from "lib/tokenizer/mod.ts";

const WORDS = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);

/** A student's own: one id a letter, in the manner of an exercise. */
function letters(): Tokenizer {
  const tokens = ["<pad>", "<bos>", "<eos>", "<unk>", ..."abcdefghijklmnopqrstuvwxyz "];
  return {
    size: tokens.length,
    padId: 0,
    bosId: 1,
    eosId: 2,
    unkId: 3,
    encode: (text) => Int32Array.of(1, ...[...text].map((letter) => tokens.indexOf(letter)), 2),
    decode: (ids) => Array.from(ids).filter((id) => id > 3).map((id) => tokens[id]).join(""),
    tokenOf: (id) => tokens[id] ?? "",
    idOf: (token) => tokens.includes(token) ? tokens.indexOf(token) : undefined,
  };
}

Deno.test("checkTokenizer() gives back what honours the interface, of whatever kind", () => {
  const own = letters();
  assertStrictEquals(checkTokenizer(own, ["the dog runs", ""]), own);
  assertStrictEquals(checkTokenizer(WORDS, ["The dog"]), WORDS);
});

Deno.test("checkTokenizer() names the member that is missing or of another kind", () => {
  const refuse = (candidate: unknown, text: string) =>
    assertThrows(
      () => checkTokenizer(candidate, []),
      TypeError,
      `Cannot use a tokenizer: expected ${text}`,
    );
  refuse(null, "an object, got null");
  refuse("words", "an object, got words");
  refuse({ ...WORDS, size: undefined }, "size to be a number, got undefined");
  refuse({ ...WORDS, padId: "0" }, "padId to be a number, got string");
  refuse({ ...WORDS, encode: undefined }, "encode to be a function, got undefined");
  refuse({ ...WORDS, idOf: {} }, "idOf to be a function, got object");
});

Deno.test("checkTokenizer() names ids that are out of range, double, or not each other's inverse", () => {
  const refuse = (changes: Partial<Tokenizer>, text: string) =>
    assertThrows(
      () => checkTokenizer({ ...WORDS, ...changes }, []),
      RangeError,
      `Cannot use a tokenizer: expected ${text}`,
    );
  refuse({ size: 3 }, "a size from 4, got 3");
  refuse({ eosId: 6 }, "eosId to be an id below 6, got 6");
  refuse({ unkId: -1 }, "unkId to be an id below 6, got -1");
  refuse(
    { padId: 2 },
    "four different special ids, got padId 2, bosId 1, eosId 2, unkId 3",
  );
  refuse({ idOf: () => 0 }, "idOf(tokenOf(1)) to be 1, got 0");
});

Deno.test("checkTokenizer() names the text that is not encoded as promised", () => {
  const encodes = (encode: unknown) => ({ ...WORDS, encode });
  const refuse = (candidate: unknown, kind: typeof TypeError | typeof RangeError, text: string) =>
    assertThrows(
      () => checkTokenizer(candidate, ["The dog"]),
      kind,
      `Cannot use a tokenizer: expected ${text}`,
    );
  refuse(
    encodes(() => [1, 4, 5, 2]),
    TypeError,
    'encode("The dog") to be an Int32Array, got object',
  );
  const frame = 'encode("The dog") to begin with bosId 1 and to end with eosId 2, got ';
  refuse(encodes(() => Int32Array.of(4, 5)), RangeError, `${frame}[4,5]`);
  refuse(encodes(() => Int32Array.of(1, 4, 5)), RangeError, `${frame}[1,4,5]`);
  refuse(encodes(() => Int32Array.of()), RangeError, `${frame}[]`);
  refuse(
    encodes(() => Int32Array.of(1, 9, 2)),
    RangeError,
    'encode("The dog") to give ids below 6, got 9',
  );
  refuse(
    encodes(() => Int32Array.of(1, 5, 4, 2)),
    RangeError,
    'decode(encode("The dog")) to be the text, got "dog The"',
  );
});
