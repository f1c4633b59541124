import { createDataset, type Dataset, type Encoder } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { type Sentences, textOf } from "../cases.ts";

type Answer = (sentences: Sentences, encoder: Encoder) => Dataset;

/** How often each `encode` was called; a member would count as a change of the argument. */
const CALLS = new WeakMap<Encoder["encode"], number>();

/** Ids that tell the very text: its letters, between two marks. */
function countingEncoder(): Encoder {
  const encode: Encoder["encode"] = (text) => {
    CALLS.set(encode, (CALLS.get(encode) ?? 0) + 1);
    return Int32Array.of(1, ...Array.from(text, (letter) => letter.codePointAt(0) ?? 0), 2);
  };
  return { encode };
}

/** The right data set with some members replaced. */
const altered = (
  change: (dataset: Dataset, sentences: Sentences, encoder: Encoder) => object,
): WrongAnswer<Answer> =>
(sentences, encoder) => {
  const dataset = createDataset(sentences, encoder);
  const { size, lengths, at } = dataset;
  return { size, lengths, at, ...change(dataset, sentences, encoder) };
};
/** Reads where there is an example; what others do elsewhere. */
const elsewhere = (other: (dataset: Dataset, index: number) => unknown) =>
  altered((dataset) => ({
    at: (i: number) => i in dataset.lengths ? dataset.at(i) : other(dataset, i),
  }));

/** The error's name, or what came in its place. */
function attempt(act: () => unknown): unknown {
  try {
    return act() === undefined ? "nothing" : "an example";
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}
function fail(error: Error): never {
  throw error;
}

/** 1.5a: examples by number, encoded once. */
export default exercise<Answer>({
  name: "createDataset",
  reference: createDataset,
  returns: { size: "number", lengths: "numbers", at: "function" },
  cases: {
    "3 sentences": () => [
      [["The", "dog", "runs"], ["The", "old", "cat"], ["go"]],
      countingEncoder(),
    ],
    "one sentence": () => [[["a", "b", "c", "d"]], countingEncoder()],
    "two alike and one more": () => [[["a"], ["a"], ["b", "a"]], countingEncoder()],
  },
  read: (dataset, [sentences, { encode }]) => {
    const before = CALLS.get(encode), { size, lengths } = dataset, n = sentences.length;
    const read = () => sentences.map((_, index) => dataset.at(index));
    const examples = [read(), read()][1]; // twice: the second time nothing is encoded
    return {
      ...{ size, lengths, examples },
      typed: examples?.every((ids) => ids instanceof Int32Array),
      encoded: [before, CALLS.get(encode)].map((calls) => calls === n ? "once each" : calls),
      ...Object.fromEntries(
        [n, n + 7, -1, 0.5].map((i) => [`at(${i})`, attempt(() => dataset.at(i))]),
      ),
    };
  },
  mistakes: {
    "each reading encodes anew, so every epoch pays for it: encode once, when the set is made":
      altered((_, sentences, encoder) => ({
        at: (index: number) => {
          const words = sentences[index];
          if (words === undefined) throw new RangeError("no example");
          return encoder.encode(textOf(words));
        },
      })),
    "the encoder runs once for `lengths` and once more for the examples: keep what it gave":
      altered((_, sentences, encoder) => ({
        lengths: sentences.map((words) => encoder.encode(textOf(words)).length),
      })),
    "an index without an example passes: throw a RangeError": [
      elsewhere(() => undefined),
      elsewhere((dataset, index) =>
        index >= dataset.size ? fail(new RangeError("too large")) : undefined
      ),
    ],
    "a negative index counts from the end (`at` of a list does): throw a RangeError": [
      elsewhere((dataset, index) =>
        index === -1 ? dataset.at(dataset.size - 1) : fail(new RangeError("no example"))
      ),
      altered((dataset) => ({
        at: (index: number) =>
          dataset.lengths.map((_, i) => dataset.at(i)).at(index) ?? fail(new RangeError("none")),
      })),
    ],
    "the error should be a RangeError: throw new RangeError(...)": [
      elsewhere(() => fail(new Error("no example"))),
      elsewhere(() => fail(new TypeError("no example"))),
    ],
    "lengths are the numbers of ids, <bos> and <eos> among them": [
      altered((_, sentences) => ({ lengths: sentences.map((words) => words.length) })),
      altered((_, sentences) => ({ lengths: sentences.map((words) => words.length + 2) })),
      altered(({ lengths }) => ({ lengths: lengths.map((length) => length - 1) })),
      altered(({ lengths }) => ({ lengths: lengths.map((length) => length - 2) })),
    ],
    "the size is the number of examples": [
      altered(({ size }) => ({ size: size - 1 })),
      altered(({ lengths }) => ({ size: lengths.reduce((a, b) => a + b, 0) })),
    ],
    'the words of a sentence are joined by a blank: words.join(" ")': [
      (sentences, encoder) => createDataset(sentences.map((words) => [words.join("")]), encoder),
      (sentences, encoder) => createDataset(sentences.map((words) => [String(words)]), encoder),
    ],
    "the examples are in another order: number i is sentence i": altered((dataset) => ({
      at: (index: number) => dataset.at(dataset.size - 1 - index),
    })),
    "size is a number here, not a function": altered(({ size }) => ({ size: () => size })),
    "examples are Int32Arrays, as the encoder gives them": altered((dataset) => ({
      at: (index: number) => [...dataset.at(index)],
    })),
  },
  styles: {
    "a class": (sentences, encoder) => {
      class Sentences implements Dataset {
        readonly #examples = sentences.map((words) => encoder.encode(words.join(" ")));
        get size() {
          return this.#examples.length;
        }
        readonly lengths = this.#examples.map((ids) => ids.length);
        at(index: number) {
          if (!(index in this.#examples)) throw new RangeError(`no example ${index}`);
          return this.#examples[index] ?? new Int32Array();
        }
      }
      return new Sentences();
    },
    "a Map": (sentences, encoder) => {
      const examples = new Map<number, Int32Array>();
      for (const words of sentences) examples.set(examples.size, encoder.encode(textOf(words)));
      const lengths = Array.from(examples.values(), (ids) => ids.length);
      const at = (index: number) => {
        const ids = examples.get(index);
        if (!ids) throw new RangeError(`expected an index below ${examples.size}`);
        return ids.slice();
      };
      return { at, lengths, size: sentences.length };
    },
  },
});
