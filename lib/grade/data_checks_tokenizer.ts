import { expectList, gives, isSame, kindOf } from "./_data_cases.ts";
import { check, expectEqual, expectThat } from "./check.ts";

const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"];

/** The special tokens elsewhere than in the notebook: ids written as numbers in the code show. */
const MOVED = ["The", "cat", "<unk>", "dog", "<eos>", "runs", "<pad>", "<bos>"];
const USUAL = [...SPECIAL, "The", "cat", "dog", "runs"];

/**
 * Checks exercise 1.2a, listing the tokens of a corpus: the special ones, then the words, sorted.
 *
 * @param buildVocabulary The student's function: from sentences to the token of each id.
 * @throws {CheckError} If a token is missing, stands twice, or has another place.
 *
 * @example
 * ```ts
 * import { checkBuildVocabulary } from "lib/grade/mod.ts";
 *
 * await checkBuildVocabulary((sentences) => [
 *   ...["<pad>", "<bos>", "<eos>", "<unk>"],
 *   ...[...new Set(sentences.flat())].sort(),
 * ]);
 * ```
 */
export async function checkBuildVocabulary(
  buildVocabulary: (sentences: readonly (readonly string[])[]) => readonly string[],
): Promise<void> {
  await check("buildVocabulary", () => {
    const sentences = [["The", "old", "dog", "runs"], ["The", "angry", "dog", "barks"]];
    const words = ["The", "angry", "barks", "dog", "old", "runs"];
    const vocabulary: unknown = buildVocabulary(sentences);
    expectList(vocabulary, "the vocabulary", [
      { when: vocabulary instanceof Set, says: "spread the set into a list: [...set]" },
    ]);
    expectEqual(vocabulary, [...SPECIAL, ...words], {
      what: "the vocabulary",
      mistakes: vocabularyMistakes(vocabulary, { words, sentences }),
    });
  });
}

function vocabularyMistakes(
  got: ArrayLike<unknown>,
  { words, sentences }: {
    readonly words: readonly string[];
    readonly sentences: readonly (readonly string[])[];
  },
) {
  const tokens = Array.from(got, String), first = [...new Set(sentences.flat())];
  const isDouble = new Set(tokens).size < tokens.length;
  const missing = SPECIAL.filter((token) => !tokens.includes(token));
  return [
    { when: isDouble, says: "a word stands twice: each word has one id, so pass through a Set" },
    {
      when: missing.length === 1 && missing[0] === "<unk>",
      says: "<unk> is missing: a word never seen would have no id",
    },
    { when: missing.length > 0, says: `the special tokens are missing: ${missing.join(" ")}` },
    { when: tokens.includes("the"), says: "The and the are two words: keep the capital" },
    gives(got, [...words, ...SPECIAL], "the special tokens come first: <pad> has id 0"),
    gives(
      got,
      [...SPECIAL, ...first],
      "the words are in order of appearance, so another corpus order gives other ids: sort them",
    ),
    gives(
      got,
      [...SPECIAL, ...words.toSorted((a, b) => a.localeCompare(b, "en"))],
      "localeCompare follows the machine's language: sort() alone is the same everywhere",
    ),
    {
      when: SPECIAL.some((token, id) => tokens[id] !== token),
      says: "the special tokens come first, in the order <pad> <bos> <eos> <unk>",
    },
  ];
}

/**
 * Checks exercise 1.2b, from text to ids.
 *
 * @param encode The student's function: from a text and the id of each token to int32 ids.
 * @throws {CheckError} If words, `<bos>`, `<eos>` or unknown words get other ids.
 *
 * @example
 * ```ts
 * import { checkEncode } from "lib/grade/mod.ts";
 *
 * await checkEncode((text, idOf) => {
 *   const unknown = idOf.get("<unk>") ?? 0;
 *   const tokens = ["<bos>", ...text.split(" "), "<eos>"];
 *   return Int32Array.from(tokens, (token) => idOf.get(token) ?? unknown);
 * });
 * ```
 */
export async function checkEncode(
  encode: (text: string, idOf: ReadonlyMap<string, number>) => Int32Array,
): Promise<void> {
  await check("encode", () => {
    expectIds(encode, "The dog runs", [1, 4, 6, 7, 2]);
    expectIds(encode, "The blue dog", [1, 4, 3, 6, 2]);
    const moved = encode("The blue dog", indexOf(MOVED));
    expectEqual(moved, [7, 0, 2, 3, 4], {
      what: "the ids where the special tokens are not 0 to 3",
      mistakes: [{ when: true, says: 'ids are written as numbers: ask idOf.get("<bos>")' }],
    });
  });
}

function expectIds(
  encode: (text: string, idOf: ReadonlyMap<string, number>) => Int32Array,
  text: string,
  expected: readonly number[],
): void {
  const ids: unknown = encode(text, indexOf(USUAL)), inner = expected.slice(1, -1);
  expectList(ids, `encode("${text}")`);
  expectEqual(ids, expected, {
    what: `encode("${text}")`,
    mistakes: [
      gives(ids, inner, "<bos> at the front and <eos> at the end are missing"),
      gives(ids, [...inner, 2], "<bos> is missing at the front"),
      gives(ids, [1, ...inner], "<eos> is missing at the end"),
      gives(ids, [2, ...inner, 1], "<bos> and <eos> have changed places"),
      {
        when: () => isSame(Array.from(ids, Number).map((id) => id || 3), expected),
        says: "an unknown word must become <unk>: undefined turns into 0 in an Int32Array, and 0 " +
          "is <pad>",
      },
      gives(
        ids,
        expected.filter((id) => id !== 3),
        "an unknown word is left out: it must become <unk>, or the sentence changes its meaning",
      ),
      { when: ids.length > 10, says: "the text is cut into letters: split it at blanks" },
      {
        when: ids[1] === 3 && expected[1] === 4,
        says: "The is not found: are the words turned to lower case?",
      },
    ],
  });
  expectThat(ids instanceof Int32Array, `expected encode to give an Int32Array, got a plain list`, [
    { when: true, says: "wrap it: Int32Array.from(...); tensors of ids are int32" },
  ]);
}

function indexOf(vocabulary: readonly string[]): Map<string, number> {
  return new Map(vocabulary.map((token, id) => [token, id]));
}

/**
 * Checks exercise 1.2c, from ids back to text.
 *
 * @param decode The student's function: from ids and the vocabulary to the text without special tokens.
 * @throws {CheckError} If words are wrong, special tokens stay, or an id too large passes.
 *
 * @example
 * ```ts
 * import { checkDecode } from "lib/grade/mod.ts";
 *
 * await checkDecode((ids, vocabulary) => {
 *   const tokens = Array.from(ids, (id) => {
 *     const token = vocabulary[id];
 *     if (token === undefined) throw new RangeError(`no token has id ${id}`);
 *     return token;
 *   });
 *   return tokens.filter((token) => !/^<.*>$/.test(token)).join(" ");
 * });
 * ```
 */
export async function checkDecode(
  decode: (ids: ArrayLike<number>, vocabulary: readonly string[]) => string,
): Promise<void> {
  await check("decode", () => {
    expectText(decode(Int32Array.of(1, 4, 6, 7, 2, 0, 0), USUAL), "The dog runs");
    const moved = decode(Int32Array.of(7, 0, 3, 5, 4, 6), MOVED);
    expectEqual(moved, "The dog runs", {
      what: "the text where the special tokens are not 0 to 3",
      mistakes: [{ when: true, says: "ids are written as numbers: look at the token, not the id" }],
    });
    expectThat(throwsRangeError(() => decode([1, 4, 99, 2], USUAL)), REFUSAL, [
      { when: true, says: "a model with a larger vocabulary would go unnoticed: throw" },
    ]);
  });
}

const REFUSAL = "expected a RangeError for id 99 in a vocabulary of 8, got none";

function expectText(text: unknown, expected: string): void {
  const isText = typeof text === "string";
  expectThat(isText, `expected a text, got ${kindOf(text)}`, [
    { when: text === undefined, says: "the function returns nothing: is a return missing?" },
    { when: Array.isArray(text), says: 'join the words: .join(" ")' },
  ]);
  expectEqual(text, expected, {
    what: "the text of <bos> The dog runs <eos> <pad> <pad>",
    mistakes: [
      {
        when: /^[\d ,]+$/.test(text),
        says: "map of an Int32Array gives an Int32Array again: take Array.from(ids, ...)",
      },
      { when: text.includes("<pad>"), says: "special tokens stay in the text: leave them out" },
      {
        when: /<\w+>/.test(text),
        says: "some special tokens stay in the text: leave out all four",
      },
      { when: text.includes(","), says: 'words are joined by commas: .join(" ")' },
      { when: text === expected.replaceAll(" ", ""), says: 'words run together: .join(" ")' },
      {
        when: text.split(" ").length < 3,
        says: "a word is lost: only the special tokens are left out",
      },
      { when: text.trim() !== text, says: "blanks at an end: filter first, join afterwards" },
    ],
  });
}

function throwsRangeError(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch (error) {
    return error instanceof RangeError;
  }
}
