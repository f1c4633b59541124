import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { bigramModel, type BigramOptions } from "../bigram_model.ts";
import { sum } from "../cases.ts";

type Probability = (id: number, next: number) => number;
type Answer = (examples: readonly Int32Array[], options: BigramOptions) => Probability;
type Pair = readonly [id: number, next: number];

const pairsOf = (ids: Int32Array): Pair[] =>
  [...ids.slice(1)].map((next, t) => [ids[t] ?? NaN, next]);

const areEqual = ([a, b]: Pair, [c, d]: Pair) => a === c && b === d;

/** A model from pairs of ids, by the number of a pair and of its first id. */
const counting = (
  { pairs = (examples) => examples.flatMap(pairsOf), isSame = areEqual, p }: {
    readonly isSame?: (pair: Pair, other: Pair) => boolean;
    readonly pairs?: (examples: readonly Int32Array[]) => readonly Pair[];
    readonly p: (
      pair: number,
      of: {
        readonly id: number;
        readonly next: number;
        readonly all: number;
        readonly options: BigramOptions;
      },
    ) => number;
  },
): WrongAnswer<Answer> =>
(examples, options) => {
  const all = pairs(examples);
  return (id: number, next: number) => {
    const count = (is: (pair: Pair) => boolean) => all.filter(is).length;
    return p(count((pair) => isSame(pair, [id, next])), {
      id: count(([a]) => a === id),
      next: count(([, b]) => b === next),
      all: all.length,
      options,
    });
  };
};
const smoothed: Parameters<typeof counting>[0]["p"] = (pair, { id, options: { V, alpha } }) =>
  (pair + alpha) / (id + alpha * V);

const examplesOf = () => [
  Int32Array.of(1, 4, 5, 2),
  Int32Array.of(1, 4, 6, 2),
  Int32Array.of(1, 4, 5, 5, 2),
];

/** 1.6d: how likely an id comes after another, by counting. */
export default exercise<Answer>({
  name: "bigramModel",
  reference: bigramModel,
  returns: "function",
  cases: {
    "3 sentences, V = 7, alpha 1": () => [examplesOf(), { V: 7, alpha: 1 }],
    "the same, alpha 0.05": () => [examplesOf(), { V: 7, alpha: 0.05 }],
    "the same, V = 9": () => [examplesOf(), { V: 9, alpha: 1 }],
    "one sentence without words": () => [[Int32Array.of(1, 2)], { V: 4, alpha: 0.5 }],
    "the same sentence 300 times": () => [
      Array.from({ length: 300 }, () => Int32Array.of(1, 3, 2)),
      { V: 4, alpha: 0.5 },
    ],
    "no sentences": () => [[], { V: 3, alpha: 2 }],
    "ids of one and of two digits": () => [
      [Int32Array.of(1, 12, 2), Int32Array.of(11, 2, 12)],
      { V: 13, alpha: 1 },
    ],
    "ids 0 and V - 1": () => [[Int32Array.of(0, 3, 0, 3)], { V: 4, alpha: 0.5 }],
  },
  drawn: (random) => {
    const V = 3 + random.integer(3), ids = () => random.integer(V);
    const examples = Array.from(
      { length: 1 + random.integer(4) },
      () => Int32Array.from({ length: 2 + random.integer(4) }, ids),
    );
    return [examples, { V, alpha: random.pick([0.1, 1, 2]) }];
  },
  /** Row by row, the probabilities of what comes next. */
  read: (probability, [, { V }]) =>
    Array.from(
      { length: V },
      (_, id) => Array.from({ length: V }, (_, next) => probability(id, next)),
    ),
  mistakes: {
    "the probabilities after one id do not add up to 1: divide by total + alpha · V": [
      counting({ p: (pair, { id, options: { alpha } }) => (pair + alpha) / id }),
      counting({ p: (pair, { id, options: { alpha } }) => (pair + alpha) / (id + alpha) }),
      counting({ p: (pair, { id, options: { V, alpha } }) => (pair + alpha) / (id + V) }),
    ],
    "a pair that never came has probability 0, so its loss is infinite: add alpha to each count": [
      counting({ p: (pair, { id }) => pair / id }),
      counting({ p: (pair, { id }) => id === 0 ? 0 : pair / id }),
    ],
    "alpha is added only where the count is 0: add it to each count": counting({
      p: (pair, { id, options: { V, alpha } }) => (pair || alpha) / (id + alpha * V),
    }),
    "alpha is written as a number: use the option": counting({
      p: (pair, { id, options: { V } }) => (pair + 1) / (id + V),
    }),
    "V is written as a number: use the option": [
      counting({ p: (pair, { id, options: { alpha } }) => (pair + alpha) / (id + alpha * 1000) }),
      counting({ p: (pair, { id, options: { alpha } }) => (pair + alpha) / (id + alpha * 7) }),
    ],
    "id and next have changed places: this is how likely `id` is after `next`": (...args) => {
      const probability = bigramModel(...args);
      return (id: number, next: number) => probability(next, id);
    },
    "divided by how often `next` comes: divide by how often `id` comes": counting({
      p: (pair, { next, options: { V, alpha } }) => (pair + alpha) / (next + alpha * V),
    }),
    "divided by all pairs: divide by those that begin with `id`": counting({
      p: (pair, { all, options: { V, alpha } }) => (pair + alpha) / (all + alpha * V),
    }),
    "what `id` is makes no difference: these are the frequencies of single tokens": counting({
      p: (_, { next, all, options: { V, alpha } }) => (next + alpha) / (all + alpha * V),
    }),
    "pairs run over the end of a sentence: after <eos> comes nothing": counting({
      pairs: (examples) => pairsOf(Int32Array.from(examples.flatMap((ids) => [...ids]))),
      p: smoothed,
    }),
    "<eos> is never counted as next: the pairs of n ids are n - 1": counting({
      pairs: (examples) => examples.flatMap((ids) => pairsOf(ids.slice(0, -1))),
      p: smoothed,
    }),
    "<bos> is never counted as first: the pairs of n ids are n - 1": counting({
      pairs: (examples) => examples.flatMap((ids) => pairsOf(ids.slice(1))),
      p: smoothed,
    }),
    "the total counts each id wherever it stands: count it where something follows": (
      examples,
      { V, alpha },
    ) =>
    (id: number, next: number) => {
      const pair = examples.flatMap(pairsOf).filter(([a, b]) => a === id && b === next).length;
      const total = examples.flatMap((ids) => [...ids]).filter((one) => one === id).length;
      return (pair + alpha) / (total + alpha * V);
    },
    "each pair counts once: count how often it comes": counting({
      pairs: (examples) =>
        [...new Set(examples.flatMap(pairsOf).map(String))].map((text) => {
          const [id = NaN, next = NaN] = text.split(",").map(Number);
          return [id, next];
        }),
      p: smoothed,
    }),
    "1 and 12 make the same text as 11 and 2: put a blank between two ids": counting({
      p: smoothed,
      isSame: ([a, b], [c, d]) => `${a}${b}` === `${c}${d}`,
    }),
    "only the first sentence is counted": (examples, options) =>
      bigramModel(examples.slice(0, 1), options),
    "this is the loss: return the probability": (...args) => {
      const probability = bigramModel(...args);
      return (id: number, next: number) => -Math.log(probability(id, next));
    },
    "these are counts: divide by the total": counting({
      p: (pair, { options: { alpha } }) => pair + alpha,
    }),
  },
  styles: {
    "a Map of Maps": (examples, { V, alpha }) => {
      const rows = new Map<number, Map<number, number>>();
      for (const ids of examples) {
        ids.subarray(1).forEach((next, t) => {
          const id = ids[t] ?? NaN, row = rows.get(id) ?? new Map<number, number>();
          rows.set(id, row.set(next, (row.get(next) ?? 0) + 1));
        });
      }
      return (id, next) => {
        const row = rows.get(id) ?? new Map<number, number>(), total = sum([...row.values()]);
        return ((row.get(next) ?? 0) + alpha) / (total + alpha * V);
      };
    },
    "counts that begin at alpha": (examples, { V, alpha }) => {
      const rows = Array.from({ length: V }, () => Float64Array.from({ length: V }, () => alpha));
      for (const ids of examples) {
        for (let t = 1; t < ids.length; t++) {
          const row = rows[ids[t - 1] ?? 0], next = ids[t] ?? 0;
          if (row !== undefined) row[next] = (row[next] ?? 0) + 1;
        }
      }
      const shares = rows.map((row) => row.map((count) => count / sum([...row])));
      return (id, next) => shares[id]?.[next] ?? NaN;
    },
  },
});
