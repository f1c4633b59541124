import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { Rank } from "../parts.ts";

type Answer = (rows: number, rank: Rank) => number[];

const all = (rows: number) => Array.from({ length: rows }, (_, row) => row);
const reference: Answer = (rows, { rank, ranks }) =>
  all(rows).filter((row) => row % ranks === rank);

const asked: readonly (readonly [rows: number, rank: number, ranks: number])[] = [
  [8, 0, 2],
  [8, 1, 2],
  [7, 0, 2],
  [7, 1, 2],
  [10, 0, 4],
  [10, 1, 4],
  [10, 2, 4],
  [10, 3, 4],
  [5, 0, 1],
  [2, 2, 3],
  [0, 0, 2],
];

/** Blocks of rows in place of every ranks-th row. */
const blocks =
  (size: (rows: number, ranks: number) => number): WrongAnswer<Answer> => (rows, { rank, ranks }) =>
    all(rows).slice(rank * size(rows, ranks), (rank + 1) * size(rows, ranks));

/** 6.3a: the rows of a batch that a rank computes. */
export default exercise<Answer>({
  name: "rowsOfRank",
  reference,
  returns: "numbers",
  cases: Object.fromEntries(
    asked.map(([rows, rank, ranks]) => [
      `${rows} rows, rank ${rank} of ${ranks}`,
      () => [rows, { rank, ranks }],
    ]),
  ),
  drawn: (random) => {
    const ranks = 1 + random.integer(5);
    return [random.integer(20), { rank: random.integer(ranks), ranks }];
  },
  mistakes: {
    "this cuts the batch into blocks: deal the rows out like cards, one to each rank in turn": [
      blocks((rows, ranks) => Math.ceil(rows / ranks)),
      (rows, { rank, ranks }) =>
        all(rows).slice(Math.floor(rank * rows / ranks), Math.floor((rank + 1) * rows / ranks)),
      (rows, { rank, ranks }) => {
        const size = Math.floor(rows / ranks);
        return all(rows).slice(rank * size, rank === ranks - 1 ? rows : (rank + 1) * size);
      },
    ],
    "rows are lost where they do not come out even: every row belongs to a rank": [
      blocks((rows, ranks) => Math.floor(rows / ranks)),
      (rows, { rank, ranks }) =>
        Array.from({ length: Math.floor(rows / ranks) }, (_, i) => rank + i * ranks),
    ],
    "rows come up that the batch does not have: stop before `rows`": (rows, { rank, ranks }) =>
      Array.from({ length: Math.ceil(rows / ranks) }, (_, i) => rank + i * ranks),
    "row `rows` does not exist: the last one is rows − 1": (rows, { rank, ranks }) =>
      all(rows + 1).filter((row) => row % ranks === rank),
    "every rank gets all rows: its own are those with row % ranks === rank": (rows) => all(rows),
    "every rank gets the rows of rank 0": (rows, { ranks }) =>
      all(rows).filter((row) => row % ranks === 0),
    "ranks count from 0": (rows, { rank, ranks }) =>
      all(rows).filter((row) => row % ranks === (rank + 1) % ranks),
    "the number of ranks is written as a number: use `ranks`": (rows, { rank }) =>
      all(rows).filter((row) => row % 2 === rank % 2),
    "row % ranks is compared, row / ranks is another thing": (rows, { rank, ranks }) =>
      all(rows).filter((row) => Math.floor(row / ranks) === rank),
    "rank and ranks are swapped": (rows, { rank, ranks }) =>
      rank === 0 ? [] : all(rows).filter((row) => row % rank === ranks % rank),
    "asked for are the rows, not how many they are": (rows, rank) => reference(rows, rank).length,
    "rows from `rank` on, each of them: go on by `ranks`": (rows, { rank }) =>
      all(rows).slice(rank),
  },
  styles: {
    "a loop in steps": (rows, { rank, ranks }) => {
      const own: number[] = [];
      for (let row = rank; row < rows; row += ranks) own.push(row);
      return own;
    },
    "by their number": (rows, { rank, ranks }) => {
      const count = Math.max(0, Math.ceil((rows - rank) / ranks));
      return [...Array(count).keys()].map((i) => i * ranks + rank);
    },
  },
});
