import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Ids = ReadonlyMap<string, number>;
type Answer = (text: string, idOf: Ids) => Int32Array;

const USUAL = ["<pad>", "<bos>", "<eos>", "<unk>", "The", "cat", "dog", "runs"];
/** The special tokens elsewhere than in the notebook: ids written as numbers in the code show. */
const MOVED = ["The", "cat", "<unk>", "dog", "<eos>", "runs", "<pad>", "<bos>"];
const indexOf = (tokens: readonly string[]): Ids => new Map(tokens.map((token, id) => [token, id]));

/** The ids of tokens chosen in another way. */
const tokens =
  (cut: (text: string, idOf: Ids) => readonly string[]): WrongAnswer<Answer> => (text, idOf) =>
    Int32Array.from(cut(text, idOf), (token) => idOf.get(token) ?? idOf.get("<unk>") ?? NaN);

const framed = (text: string) => ["<bos>", ...text.split(" "), "<eos>"];
const reference: Answer = (text, idOf) => {
  const unknown = idOf.get("<unk>") ?? NaN;
  return Int32Array.from(framed(text), (token) => idOf.get(token) ?? unknown);
};

/** 1.2b: from text to ids. */
export default exercise<Answer>({
  name: "encode",
  reference,
  returns: "Int32Array",
  cases: {
    '"The dog runs"': () => ["The dog runs", indexOf(USUAL)],
    '"The blue dog", blue never seen': () => ["The blue dog", indexOf(USUAL)],
    "the same where the special tokens are not 0 to 3": () => ["The blue dog", indexOf(MOVED)],
    "one word": () => ["cat", indexOf(USUAL)],
    '"the Dog Runs", none of them seen': () => ["the Dog Runs", indexOf(USUAL)],
    "ten words": () => ["The dog runs The cat The cat runs The dog", indexOf(USUAL)],
  },
  drawn: (random) => [
    Array.from({ length: 1 + random.integer(4) }, () => random.pick([...USUAL.slice(4), "new"]))
      .join(" "),
    indexOf(random.integer(2) === 0 ? USUAL : random.shuffle(USUAL)),
  ],
  mistakes: {
    "<bos> at the front and <eos> at the end are missing": tokens((text) => text.split(" ")),
    "<bos> is missing at the front": tokens((text) => [...text.split(" "), "<eos>"]),
    "<eos> is missing at the end": tokens((text) => ["<bos>", ...text.split(" ")]),
    "<bos> and <eos> have changed places": tokens((text) => [
      "<eos>",
      ...text.split(" "),
      "<bos>",
    ]),
    "an unknown word must become <unk>: undefined turns into 0 in an Int32Array, and 0 is <pad>": (
      text,
      idOf,
    ) => Int32Array.from(framed(text), (token) => idOf.get(token) as number),
    "an unknown word must become <unk>, not <pad>": (text, idOf) =>
      Int32Array.from(framed(text), (token) => idOf.get(token) ?? idOf.get("<pad>") ?? NaN),
    "an unknown word is left out: it must become <unk>, or the sentence changes its meaning":
      tokens((text, idOf) => framed(text).filter((token) => idOf.has(token))),
    "an unknown word is no error: it becomes <unk>": (text, idOf) =>
      Int32Array.from(framed(text), (token) => {
        const id = idOf.get(token);
        if (id === undefined) throw new RangeError(`no id for ${token}`);
        return id;
      }),
    "`||` takes id 0 for missing: write `??`": (text, idOf) =>
      Int32Array.from(framed(text), (token) => idOf.get(token) || (idOf.get("<unk>") ?? NaN)),
    'ids are written as numbers: ask idOf.get("<bos>"), for <eos> and <unk> too': [
      (text, idOf) => Int32Array.of(1, ...text.split(" ").map((word) => idOf.get(word) ?? 3), 2),
      (text, idOf) => Int32Array.from(framed(text), (token) => idOf.get(token) ?? 3),
      (text, idOf) => Int32Array.of(1, ...reference(text, idOf).slice(1, -1), 2),
    ],
    "the text is cut into letters: split it at blanks": tokens((text) => [
      "<bos>",
      ...text,
      "<eos>",
    ]),
    "the text is not cut: split it at blanks": tokens((text) => ["<bos>", text, "<eos>"]),
    "the words are turned to lower case, so The is not found": tokens((text) =>
      framed(text.toLowerCase())
    ),
    "a list of numbers is no Int32Array: wrap it, Int32Array.from(...)": (text, idOf) =>
      Array.from(reference(text, idOf)),
    "ids are int32: Int32Array.from(...)": [
      (text, idOf) => Float32Array.from(reference(text, idOf)),
      (text, idOf) => Uint16Array.from(reference(text, idOf)),
    ],
    "these are tokens: look up the id of each": (text) => framed(text),
  },
  styles: {
    "one string": (text, idOf) =>
      new Int32Array(
        `<bos> ${text} <eos>`.split(" ").map((token) =>
          idOf.has(token) ? idOf.get(token) ?? 0 : idOf.get("<unk>") ?? 0
        ),
      ),
    "a loop": (text, idOf) => {
      const words = text.trim().split(/\s+/), ids = new Int32Array(words.length + 2);
      ids[0] = idOf.get("<bos>") ?? -1;
      for (const [i, word] of words.entries()) {
        ids[i + 1] = idOf.get(word) ?? idOf.get("<unk>") ?? -1;
      }
      ids[words.length + 1] = idOf.get("<eos>") ?? -1;
      return ids;
    },
  },
});
