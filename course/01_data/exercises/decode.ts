import { SPECIAL_TOKENS } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Tokens = readonly string[];
type Answer = (ids: ArrayLike<number>, vocabulary: Tokens) => string;

const USUAL = ["<pad>", "<bos>", "<eos>", "<unk>", "The", "cat", "dog", "runs"];
const MOVED = ["The", "cat", "<unk>", "dog", "<eos>", "runs", "<pad>", "<bos>"];

const tokensOf: (...args: Parameters<Answer>) => string[] = (ids, vocabulary) =>
  Array.from(ids, (id) => {
    const token = vocabulary[id];
    if (token === undefined) throw new RangeError(`no token ${id}`);
    return token;
  });
const isWord = (token: string) => !SPECIAL_TOKENS.includes(token);

/** The text of tokens chosen in another way. */
const joined =
  (choose: (tokens: string[]) => readonly string[], by = " "): WrongAnswer<Answer> =>
  (ids, vocabulary) => choose(tokensOf(ids, vocabulary)).join(by);

/** The right text where each id has a token; what others do elsewhere. */
const elsewhere = (
  other: (id: number, vocabulary: Tokens) => string | undefined,
): WrongAnswer<Answer> =>
(ids, vocabulary) =>
  Array.from(ids, (id) => vocabulary[id] ?? other(id, vocabulary))
    .filter((token) => token === undefined || isWord(token)).join(" ");

function fail(error: Error): never {
  throw error;
}

/** 1.2c: from ids back to text. */
export default exercise<Answer>({
  name: "decode",
  reference: (ids, vocabulary) => tokensOf(ids, vocabulary).filter(isWord).join(" "),
  returns: "text",
  cases: {
    "<bos> The dog runs <eos> <pad> <pad>": () => [Int32Array.of(1, 4, 6, 7, 2, 0, 0), [...USUAL]],
    "the same where the special tokens are not 0 to 3": () => [
      Int32Array.of(7, 0, 3, 5, 4, 6),
      [...MOVED],
    ],
    "the first and the last id": () => [[7, 0], [...USUAL]],
    "<unk> between words": () => [[1, 4, 3, 6, 2], [...USUAL]],
    "words alone": () => [[4, 6, 7], [...USUAL]],
    "a list that holds only special tokens": () => [[1, 2, 0, 3], [...USUAL]],
    "no ids": () => [[], [...USUAL]],
    "id 99 in a vocabulary of 8": () => [[1, 4, 99, 2], [...USUAL]],
    "id 8 in a vocabulary of 8": () => [[1, 4, 8, 2], [...USUAL]],
    "id -1": () => [[1, -1, 2], [...USUAL]],
    "labels, with -100 at pads": () => [Int32Array.of(4, 6, 2, -100), [...USUAL]],
  },
  drawn: (random) => {
    const vocabulary = random.shuffle(USUAL);
    return [Int32Array.from({ length: random.integer(7) }, () => random.integer(8)), vocabulary];
  },
  mistakes: {
    "special tokens stay in the text: leave them out": joined((tokens) => tokens),
    "some special tokens stay in the text: leave out all four": [
      joined((tokens) => tokens.filter((token) => token !== "<pad>")),
      joined((tokens) => tokens.filter((token) => !["<pad>", "<bos>", "<eos>"].includes(token))),
      joined((tokens) => tokens.filter((token) => !["<bos>", "<eos>"].includes(token))),
    ],
    "ids go by their place: look at the token itself, <bos> and <eos> need not be there": [
      joined((tokens) => tokens.slice(1).filter((token) => token !== "<pad>").slice(0, -1)),
      joined((tokens) => tokens.slice(1, -1).filter(isWord)),
    ],
    "ids are written as numbers: look at the token, not the id": [
      (ids, vocabulary) => tokensOf(Array.from(ids).filter((id) => id > 3), vocabulary).join(" "),
      (ids, vocabulary) =>
        tokensOf(Array.from(ids).filter((id) => id < 0 || id > 3), vocabulary).join(" "),
    ],
    "map of an Int32Array gives an Int32Array again, and words become 0: Array.from(ids, ...)": (
      ids,
      vocabulary,
    ) => (ids as Int32Array).map((id) => vocabulary[id] as never).join(" "),
    'words are joined by commas: .join(" ")': joined((tokens) => tokens.filter(isWord), ","),
    'words run together: .join(" ")': joined((tokens) => tokens.filter(isWord), ""),
    "there are blanks at an end, or two in a row: filter first, join afterwards": [
      joined((tokens) => tokens.map((token) => isWord(token) ? token : "")),
      (ids, vocabulary) => tokensOf(ids, vocabulary).join(" ").replaceAll(/<\w+>/g, "").trim(),
      (ids, vocabulary) =>
        tokensOf(ids, vocabulary).filter(isWord).map((token) => `${token} `).join(""),
    ],
    "a word is lost: only the special tokens are left out": [
      joined((tokens) => tokens.filter(isWord).slice(1)),
      joined((tokens) => tokens.filter(isWord).slice(0, -1)),
    ],
    "an id without a token passes: a model with a larger vocabulary would go unnoticed, so throw": [
      elsewhere(() => ""),
      elsewhere(() => undefined),
      elsewhere(() => "<unk>"),
      (ids, vocabulary) => Array.from(ids, (id) => vocabulary[id] ?? "").filter(isWord).join(" "),
    ],
    "negative ids pass, such as the label -100: throw": elsewhere((id, vocabulary) =>
      id >= vocabulary.length ? fail(new RangeError("too large")) : undefined
    ),
    "an id equal to the vocabulary's length passes: the last id is one below": elsewhere((
      id,
      vocabulary,
    ) => id > vocabulary.length || id < 0 ? fail(new RangeError("too large")) : undefined),
    'join the words: .join(" ")': (ids, vocabulary) => tokensOf(ids, vocabulary).filter(isWord),
  },
  styles: {
    "a loop": (ids, vocabulary) => {
      let text = "";
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i] ?? NaN, token = vocabulary[id];
        if (!(id in vocabulary) || token === undefined) throw new RangeError("no such id");
        if (/^<(pad|bos|eos|unk)>$/.test(token)) continue;
        text += text === "" ? token : ` ${token}`;
      }
      return text;
    },
    "checked first": (ids, vocabulary) => {
      const list = [...Array.from(ids)];
      if (list.some((id) => id < 0 || id >= vocabulary.length)) throw new RangeError("no such id");
      return list.map((id) => vocabulary[id] ?? "").filter((token) => token[0] !== "<").join(" ");
    },
  },
});
