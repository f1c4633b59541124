import { exercise, limitedList, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (difficulty: readonly number[], share: number) => number[];

const ranked = (difficulty: readonly number[]) =>
  [...difficulty.keys()].sort((a, b) => (difficulty[a] ?? 0) - (difficulty[b] ?? 0));

const sizeOf = (share: number, all: number) => Math.max(1, Math.round(share * all));

const reference: Answer = (difficulty, share) =>
  ranked(difficulty).slice(0, sizeOf(share, difficulty.length));

/** The right pool with another order or size. */
const altered = (
  { order = ranked, size = sizeOf }: {
    readonly order?: (difficulty: readonly number[]) => number[];
    readonly size?: (share: number, all: number) => number;
  },
): WrongAnswer<Answer> =>
(difficulty, share) => order(difficulty).slice(0, size(share, difficulty.length));

const list = (...numbers: number[]) => limitedList(numbers, 100_000, "a difficulty");

/** 6.1b: the examples that take part. */
export default exercise<Answer>({
  name: "poolOf",
  reference,
  returns: "numbers",
  cases: {
    "six examples, half of them": () => [list(9, 4, 7, 5, 12, 6), 0.5],
    "examples as difficult as each other": () => [list(5, 4, 5, 4, 5, 4), 0.5],
    "ten examples, a share of 0.25 (2.5 are 3)": () => [list(3, 1, 2, 9, 8, 7, 4, 5, 6, 0), 0.25],
    "ten examples, a share of 0.12": () => [list(3, 1, 2, 9, 8, 7, 4, 5, 6, 0), 0.12],
    "five examples, a share of 0.01": () => [list(5, 4, 3, 2, 1), 0.01],
    "all of them": () => [list(30, 4, 100, 25), 1],
    "difficulties that are no whole numbers": () => [list(0.5, -1, 0.25, 10, 9), 0.6],
    "one example": () => [list(7), 0.2],
  },
  drawn: (random) => {
    const size = 1 + random.integer(12);
    return [list(...Array.from({ length: size }, () => random.integer(9))), random.uniform()];
  },
  mistakes: {
    "these are difficulties: the pool holds the examples' indices": (difficulty, share) =>
      reference(difficulty, share).map((index) => difficulty[index]),
    "the hardest come first here: sort from easy to hard": altered({
      order: (difficulty) => ranked(difficulty).toReversed(),
    }),
    "sort() without a comparison sorts by text: 12 comes before 4": altered({
      order: (difficulty) =>
        [...difficulty.keys()].sort((a, b) =>
          String(difficulty[a]) < String(difficulty[b]) ? -1 : 1
        ),
    }),
    "the indices themselves are sorted: compare difficulty[a] with difficulty[b]": altered({
      order: (difficulty) => [...difficulty.keys()],
    }),
    "the size is cut off, not rounded: 2.5 are 3, by Math.round": altered({
      size: (share, all) => Math.max(1, Math.floor(share * all)),
    }),
    "the size is rounded up: take Math.round": altered({
      size: (share, all) => Math.max(1, Math.ceil(share * all)),
    }),
    "a small share gives an empty pool: at least one example takes part": altered({
      size: (share, all) => Math.round(share * all),
    }),
    "the share is of the examples, not of the difficulties": (difficulty, share) => {
      const sorted = ranked(difficulty), most = Math.max(...difficulty);
      const pool = sorted.filter((index) => (difficulty[index] ?? 0) <= share * most);
      return pool.length > 0 ? pool : sorted.slice(0, 1);
    },
    "examples as difficult as each other keep their order: do not turn it around": altered({
      order: (difficulty) =>
        [...difficulty.keys()].toReversed().sort((a, b) =>
          (difficulty[a] ?? 0) - (difficulty[b] ?? 0)
        ),
    }),
    "the pool is in the data set's order: easiest first is asked for": (difficulty, share) =>
      reference(difficulty, share).sort((a, b) => a - b),
    "indexOf finds the first example of that difficulty again and again": (difficulty, share) =>
      [...difficulty].sort((a, b) => a - b).slice(0, sizeOf(share, difficulty.length)).map((one) =>
        difficulty.indexOf(one)
      ),
    "that is all of them: cut the list after the share": altered({ size: (_, all) => all }),
    "the pool is one example short, or one too long: slice(0, size)": [
      altered({ size: (share, all) => sizeOf(share, all) + 1 }),
      (difficulty, share) => ranked(difficulty).slice(1, sizeOf(share, difficulty.length)),
      altered({ size: (share, all) => Math.max(1, sizeOf(share, all) - 1) }),
    ],
  },
  styles: {
    "pairs that are sorted": (difficulty, share) => {
      const pairs = difficulty.map((value, index) => ({ value, index }));
      pairs.sort((a, b) => a.value - b.value || a.index - b.index);
      pairs.length = Math.max(1, Math.round(share * pairs.length));
      return pairs.map(({ index }) => index);
    },
    "the easiest again and again": (difficulty, share) => {
      const left = new Map([...difficulty].map((value, index) => [index, value]));
      const pool: number[] = [], size = Math.round(share * difficulty.length) || 1;
      while (pool.length < size) {
        const [first = 0] = [...left.keys()];
        const best = [...left.keys()].reduce(
          (a, b) => (left.get(b) ?? 0) < (left.get(a) ?? 0) ? b : a,
          first,
        );
        left.delete(best);
        pool.push(best);
      }
      return pool;
    },
  },
});
