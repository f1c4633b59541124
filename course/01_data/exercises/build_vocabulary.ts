import { SPECIAL_TOKENS } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { Sentences } from "../cases.ts";

type Answer = (sentences: Sentences) => readonly string[];

/** The special tokens, then words in some order. */
const listed =
  (words: (sentences: Sentences) => Iterable<string>): WrongAnswer<Answer> => (sentences) => [
    ...SPECIAL_TOKENS,
    ...words(sentences),
  ];

const wordsOf = (sentences: Sentences) => [...new Set(sentences.flat())].sort();
const without = (missing: string): WrongAnswer<Answer> => (sentences) =>
  [...SPECIAL_TOKENS, ...wordsOf(sentences)].filter((token) => token !== missing);

/** 1.2a: the token of each id, the special ones first. */
export default exercise<Answer>({
  name: "buildVocabulary",
  reference: (sentences) => [...SPECIAL_TOKENS, ...wordsOf(sentences)],
  returns: "texts",
  cases: {
    "two sentences": () => [[["The", "old", "dog", "runs"], ["The", "angry", "dog", "barks"]]],
    "words with capitals": () => [[["zoo", "Zoo", "ant", "The", "the", "Bee"], ["ant", "bee"]]],
    "words with accents and numbers": () => [[["über", "zoo", "10", "9", "a-b", "ab", "ab"]]],
    "no sentences": () => [[]],
    "an empty sentence": () => [[[], ["one"]]],
  },
  drawn: (random) => [
    Array.from(
      { length: random.integer(5) },
      () =>
        Array.from(
          { length: 1 + random.integer(4) },
          () => random.pick(["The", "dog", "Dog", "runs", "é"]),
        ),
    ),
  ],
  mistakes: {
    "the special tokens are missing: <pad> <bos> <eos> <unk> come first": wordsOf,
    "<unk> is missing: a word never seen would have no id": without("<unk>"),
    "<pad> is missing: nothing could fill up short sentences": without("<pad>"),
    "<bos> or <eos> is missing": [without("<bos>"), without("<eos>")],
    "the special tokens come first: <pad> has id 0": (sentences) => [
      ...wordsOf(sentences),
      ...SPECIAL_TOKENS,
    ],
    "the special tokens come first, in the order <pad> <bos> <eos> <unk>": [
      (sentences) => ["<bos>", "<pad>", "<eos>", "<unk>", ...wordsOf(sentences)],
      (sentences) => ["<pad>", "<unk>", "<bos>", "<eos>", ...wordsOf(sentences)],
      (sentences) => ["<pad>", "<eos>", "<bos>", "<unk>", ...wordsOf(sentences)],
    ],
    "the special tokens are sorted in among the words: put them in front afterwards": (
      sentences,
    ) => [...new Set([...SPECIAL_TOKENS, ...sentences.flat()])].sort(),
    "a word stands twice: each word has one id, so pass through a Set": listed((sentences) =>
      sentences.flat().sort()
    ),
    "only the first sentence is read: go through all of them": listed((sentences) =>
      wordsOf(sentences.slice(0, 1))
    ),
    "the words are in order of appearance, so another corpus order gives other ids: sort them":
      listed((sentences) => new Set(sentences.flat())),
    "the words are sorted from the end: sort() alone": listed((sentences) =>
      wordsOf(sentences).toReversed()
    ),
    "The and the are two words: keep the capital": listed((sentences) =>
      wordsOf(sentences.map((words) => words.map((word) => word.toLowerCase())))
    ),
    "localeCompare follows the machine's language: sort() alone is the same everywhere": listed((
      sentences,
    ) => [...new Set(sentences.flat())].sort((a, b) => a.localeCompare(b))),
    "capitals are sorted in among small letters: sort() alone is the same everywhere": [
      listed((sentences) =>
        [...new Set(sentences.flat())].sort((a, b) => a.toLowerCase() < b.toLowerCase() ? -1 : 1)
      ),
      listed((sentences) =>
        [...new Set(sentences.flat())].sort((a, b) =>
          Number(a.toLowerCase() > b.toLowerCase()) - Number(a.toLowerCase() < b.toLowerCase())
        )
      ),
    ],
    "spread the Set into a list: [...set]": (sentences) =>
      new Set([...SPECIAL_TOKENS, ...wordsOf(sentences)]),
  },
  styles: {
    "word by word": (sentences) => {
      const words: string[] = [];
      for (const sentence of sentences) {
        for (const word of sentence) if (!words.includes(word)) words.push(word);
      }
      words.sort((a, b) => a < b ? -1 : 1);
      return ["<pad>", "<bos>", "<eos>", "<unk>"].concat(words);
    },
    "a Set of all": (sentences) =>
      Array.from(new Set(SPECIAL_TOKENS).union(new Set(sentences.flat().toSorted()))),
  },
});
