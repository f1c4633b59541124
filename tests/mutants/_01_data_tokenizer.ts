import { SPECIAL_TOKENS } from "lib/data/mod.ts";
import { checkBuildVocabulary, checkDecode, checkEncode } from "lib/grade/mod.ts";
import { exercise } from "./_exercise.ts";

const textOf = (words: readonly string[]) => words.join(" ");

const buildVocabulary = exercise("buildVocabulary", checkBuildVocabulary, [
  [
    "no special tokens",
    (sentences) => [...new Set(sentences.flat())].sort(),
    /special tokens are missing/,
  ],
  [
    "no <unk>",
    (sentences) => ["<pad>", "<bos>", "<eos>", ...[...new Set(sentences.flat())].sort()],
    /<unk> is missing/,
  ],
  [
    "words twice",
    (sentences) => [...SPECIAL_TOKENS, ...sentences.flat().sort()],
    /a word stands twice/,
  ],
  [
    "special tokens last",
    (sentences) => [...[...new Set(sentences.flat())].sort(), ...SPECIAL_TOKENS],
    /special tokens come first/,
  ],
  [
    "order of appearance",
    (sentences) => [...SPECIAL_TOKENS, ...new Set(sentences.flat())],
    /order of appearance/,
  ],
  [
    "lower case",
    (sentences) => [
      ...SPECIAL_TOKENS,
      ...[...new Set(sentences.flat().map((word) => word.toLowerCase()))].sort(),
    ],
    /keep the capital/,
  ],
  [
    "localeCompare",
    (sentences) => [
      ...SPECIAL_TOKENS,
      ...[...new Set(sentences.flat())].sort((a, b) => a.localeCompare(b, "en")),
    ],
    /localeCompare follows the machine's language/,
  ],
  [
    "<bos> and <pad> swapped",
    (sentences) => ["<bos>", "<pad>", "<eos>", "<unk>", ...[...new Set(sentences.flat())].sort()],
    /in the order <pad> <bos> <eos> <unk>/,
  ],
]);

type Ids = ReadonlyMap<string, number>;
const idsOf = (tokens: readonly string[], idOf: Ids) =>
  Int32Array.from(tokens, (token) => idOf.get(token) ?? idOf.get("<unk>") ?? NaN);

const encode = exercise("encode", checkEncode, [
  [
    "unk id missing",
    (text, idOf) =>
      Int32Array.from(["<bos>", ...text.split(" "), "<eos>"], (token) => idOf.get(token) as number),
    /undefined turns into 0/,
  ],
  [
    "unknown words left out",
    (text, idOf) =>
      idsOf(["<bos>", ...text.split(" ").filter((word) => idOf.has(word)), "<eos>"], idOf),
    /an unknown word is left out/,
  ],
  ["no <bos>, no <eos>", (text, idOf) => idsOf(text.split(" "), idOf), /at the end are missing/],
  ["no <bos>", (text, idOf) => idsOf([...text.split(" "), "<eos>"], idOf), /<bos> is missing/],
  ["no <eos>", (text, idOf) => idsOf(["<bos>", ...text.split(" ")], idOf), /<eos> is missing/],
  [
    "<bos> and <eos> swapped",
    (text, idOf) => idsOf(["<eos>", ...text.split(" "), "<bos>"], idOf),
    /changed places/,
  ],
  [
    "letters",
    (text, idOf) => idsOf(["<bos>", ...text.split(""), "<eos>"], idOf),
    /cut into letters/,
  ],
  [
    "lower case",
    (text, idOf) => idsOf(["<bos>", ...text.toLowerCase().split(" "), "<eos>"], idOf),
    /turned to lower case/,
  ],
  [
    "special ids written as numbers",
    (text, idOf) => Int32Array.of(1, ...text.split(" ").map((word) => idOf.get(word) ?? 3), 2),
    /ids are written as numbers/,
  ],
  [
    "a plain list",
    ((text: string, idOf: Ids) =>
      Array.from(idsOf(["<bos>", ...text.split(" "), "<eos>"], idOf))) as never, // no Int32Array
    /wrap it: Int32Array/,
  ],
]);

const tokensOf = (ids: ArrayLike<number>, vocabulary: readonly string[]) =>
  Array.from(ids, (id) => {
    const token = vocabulary[id];
    if (token === undefined) throw new RangeError(`no token ${id}`);
    return token;
  });
const isWord = (token: string) => !SPECIAL_TOKENS.includes(token);

const decode = exercise("decode", checkDecode, [
  ["keeps specials", (ids, vocabulary) => textOf(tokensOf(ids, vocabulary)), /special tokens stay/],
  [
    "keeps <bos> and <eos>",
    (ids, vocabulary) => textOf(tokensOf(ids, vocabulary).filter((token) => token !== "<pad>")),
    /some special tokens stay/,
  ],
  [
    "map of an Int32Array",
    (ids, vocabulary) => (ids as Int32Array).map((id) => vocabulary[id] as never).join(" "),
    /map of an Int32Array gives an Int32Array/,
  ],
  [
    "commas",
    (ids, vocabulary) => String(tokensOf(ids, vocabulary).filter(isWord)),
    /joined by commas/,
  ],
  [
    "no blanks",
    (ids, vocabulary) => tokensOf(ids, vocabulary).filter(isWord).join(""),
    /words run together/,
  ],
  [
    "blanks left over",
    (ids, vocabulary) =>
      textOf(tokensOf(ids, vocabulary).map((token) => isWord(token) ? token : "")),
    /blanks at an end/,
  ],
  [
    "first word lost",
    (ids, vocabulary) => textOf(tokensOf(ids, vocabulary).filter(isWord).slice(1)),
    /a word is lost/,
  ],
  [
    "special ids written as numbers",
    (ids, vocabulary) => textOf(tokensOf(Array.from(ids).filter((id) => id > 3), vocabulary)),
    /ids are written as numbers/,
  ],
  [
    "an id too large passes",
    (ids, vocabulary) => textOf(Array.from(ids, (id) => vocabulary[id] ?? "").filter(isWord)),
    /a larger vocabulary would go unnoticed/,
  ],
  [
    "a list instead of a text",
    ((ids: ArrayLike<number>, vocabulary: readonly string[]) =>
      tokensOf(ids, vocabulary).filter(isWord)) as never, // no text
    /join the words/,
  ],
]);

/** The exercises of section 1.2. */
export const TOKENIZER_EXERCISES = [buildVocabulary, encode, decode];
