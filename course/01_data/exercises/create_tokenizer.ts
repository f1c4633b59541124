import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { createWordLevelTokenizer, type Tokenizer } from "lib/tokenizer/mod.ts";

type Tokens = readonly string[];
type Answer = (vocabulary: Tokens) => Tokenizer;

/** The right tokenizer with some members replaced. */
const altered = (
  change: (tokenizer: Tokenizer, vocabulary: Tokens) => object,
): WrongAnswer<Answer> =>
(vocabulary) => {
  const tokenizer = createWordLevelTokenizer(vocabulary);
  return { ...tokenizer, ...change(tokenizer, vocabulary) };
};

/** What it gives, or the name of the error that it throws. */
function attempt(act: () => unknown): unknown {
  try {
    return act() ?? "nothing";
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

const usual = (...words: string[]) => ["<pad>", "<bos>", "<eos>", "<unk>", ...words];

/** 1.2d: whatever has the members of `Tokenizer` can train with the library. */
export default exercise<Answer>({
  name: "createTokenizer",
  reference: createWordLevelTokenizer,
  returns: {
    size: "number",
    padId: "number",
    bosId: "number",
    eosId: "number",
    unkId: "number",
    encode: "function",
    decode: "function",
    tokenOf: "function",
    idOf: "function",
  },
  cases: {
    "a vocabulary of 8": () => [usual("The", "dog", "cat", "runs")],
    "a vocabulary of 5": () => [usual("runs")],
    "the special tokens alone": () => [usual()],
  },
  read: ({ encode, decode, tokenOf, idOf, ...numbers }, [vocabulary]) => {
    const ids = [...vocabulary.keys()], { size, padId, bosId, eosId, unkId } = numbers;
    return {
      ...{ size, padId, bosId, eosId, unkId },
      encode: ["runs", "The dog runs", "dog blue dog"].map((text) => encode(text)),
      typed: encode("runs") instanceof Int32Array,
      "decode of all ids": attempt(() => decode(ids)),
      "decode of all ids backwards": attempt(() => decode([0, ...ids.toReversed()])),
      "decode with keepSpecial true": attempt(() => decode(ids, { keepSpecial: true })),
      "decode of 1, 3, 2 with keepSpecial true": attempt(() =>
        decode([1, 3, 2], { keepSpecial: true })
      ),
      "decode with keepSpecial false": attempt(() =>
        decode(Int32Array.from(ids), { keepSpecial: false })
      ),
      tokenOf: ids.map(tokenOf),
      idOf: [...vocabulary, "blue", "run", "runs ", "the", ""].map((token) =>
        idOf(token) ?? "nothing"
      ),
      "tokenOf(size)": attempt(() => tokenOf(ids.length)),
      "tokenOf(-1)": attempt(() => tokenOf(-1)),
      "decode of an id without a token": attempt(() => decode([1, ids.length])),
      "decode of an id without a token, with keepSpecial true": attempt(() =>
        decode([1, ids.length], { keepSpecial: true })
      ),
    };
  },
  mistakes: {
    "keepSpecial is not used: where it is true, special tokens stay": [
      altered(({ decode }) => ({ decode: (ids: ArrayLike<number>) => decode(ids) })),
      altered(({ decode }) => ({
        decode: (ids: ArrayLike<number>) => decode(ids, { keepSpecial: true }),
      })),
    ],
    "keepSpecial works the wrong way round: true keeps the special tokens": altered((
      { decode },
    ) => ({
      decode: (ids: ArrayLike<number>, { keepSpecial = false } = {}) =>
        decode(ids, { keepSpecial: !keepSpecial }),
    })),
    "decode fails without options, which may be left out: (ids, { keepSpecial = false } = {}) => ...":
      altered(({ decode }) => ({
        decode: (ids: ArrayLike<number>, { keepSpecial }: { keepSpecial: boolean }) =>
          decode(ids, { keepSpecial }),
      })),
    "tokenOf gives undefined for an id without a token: throw a RangeError": altered((
      _,
      vocabulary,
    ) => ({ tokenOf: (id: number) => vocabulary[id] })),
    "tokenOf hides an id without a token: throw a RangeError": altered((_, vocabulary) => ({
      tokenOf: (id: number) => vocabulary[id] ?? "<unk>",
    })),
    "with keepSpecial an id without a token passes: throw a RangeError there too": altered((
      { decode },
      vocabulary,
    ) => ({
      decode: (ids: ArrayLike<number>, { keepSpecial = false } = {}) =>
        keepSpecial ? Array.from(ids, (id) => vocabulary[id]).join(" ") : decode(ids),
    })),
    "idOf gives a token that is not in the vocabulary an id: it gives undefined there": altered((
      { idOf, unkId },
    ) => ({ idOf: (token: string) => idOf(token) ?? unkId })),
    "idOf gives -1 for a token that is not in the vocabulary: it gives undefined there": altered((
      _,
      vocabulary,
    ) => ({ idOf: (token: string) => vocabulary.indexOf(token) })),
    "the size counts words only: V counts the special tokens too": altered(({ size }) => ({
      size: size - 4,
    })),
    "the size is written as a number: it is the vocabulary's length": altered(() => ({
      size: 1000,
    })),
    "two special ids have changed places: <pad> <bos> <eos> <unk> are 0, 1, 2, 3": [
      altered(() => ({ bosId: 2, eosId: 1 })),
      altered(() => ({ padId: 3, unkId: 0 })),
      altered(() => ({ padId: 1, bosId: 0 })),
    ],
    "the words come from another vocabulary: use the argument": (vocabulary) =>
      createWordLevelTokenizer(usual("The", "dog", ...vocabulary.slice(6))),
  },
  styles: {
    "a class": (vocabulary) => {
      class Words implements Tokenizer {
        readonly size = vocabulary.length;
        readonly padId = vocabulary.indexOf("<pad>");
        readonly bosId = vocabulary.indexOf("<bos>");
        readonly eosId = vocabulary.indexOf("<eos>");
        readonly unkId = vocabulary.indexOf("<unk>");
        encode = (text: string) =>
          Int32Array.of(
            this.bosId,
            ...text.split(" ").map((word) => this.idOf(word) ?? this.unkId),
            this.eosId,
          );
        decode = (ids: ArrayLike<number>, { keepSpecial = false } = {}) =>
          Array.from(ids, this.tokenOf).filter((token) => keepSpecial || !/^<.*>$/.test(token))
            .join(" ");
        tokenOf = (id: number) => {
          if (!(id in vocabulary)) throw new RangeError(`no token ${id}`);
          return vocabulary[id] ?? "";
        };
        idOf = (token: string) => {
          const id = vocabulary.indexOf(token);
          return id < 0 ? undefined : id;
        };
      }
      return new Words();
    },
    "around a list": (vocabulary) => {
      const words = vocabulary.slice(4),
        all = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", ...words]);
      return { ...all, idOf: (token) => all.idOf(token) };
    },
  },
});
