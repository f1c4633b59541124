import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { Rank } from "../parts.ts";

type Answer = (round: number, rank: Rank) => number;

const modulo = (value: number, ranks: number) => ((value % ranks) + ranks) % ranks;
const reference: Answer = (round, { rank, ranks }) => modulo(rank - round, ranks);

/** Another number, of the same ring. */
const altered =
  (of: (round: number, rank: number, ranks: number) => number): WrongAnswer<Answer> =>
  (round, { rank, ranks }) => modulo(of(round, rank, ranks), ranks);

/** All rounds of all ranks, as a table. */
const table = (ranks: number) => (answer: Answer) =>
  Array.from(
    { length: 2 * (ranks - 1) },
    (_, round) => Array.from({ length: ranks }, (_, rank) => answer(round, { rank, ranks })),
  );

/** What each rank holds at the end, if its pieces go around as the answer says. */
const ring = (ranks: number) => (answer: Answer) => {
  const held = Array.from(
    { length: ranks },
    (_, rank) => Array.from({ length: ranks }, (_, chunk) => 10 ** rank * (1 + chunk)),
  );
  for (let round = 0; round < 2 * (ranks - 1); round++) {
    const sent = held.map((chunks, rank) => {
      const chunk = answer(round, { rank, ranks });
      return { chunk, value: chunks[chunk] ?? NaN };
    });
    for (const [rank, { chunk, value }] of sent.entries()) {
      const to = held[(rank + 1) % ranks];
      if (to === undefined) continue;
      to[chunk] = round < ranks - 1 ? (to[chunk] ?? NaN) + value : value;
    }
  }
  return held;
};

/** 6.3c: which piece a rank sends in a round of the ring. */
export default exercise<Answer>({
  name: "ringChunk",
  reference,
  returns: "number",
  cases: {
    "round 0, rank 2 of 4": () => [0, { rank: 2, ranks: 4 }],
    "round 1, rank 0 of 4": () => [1, { rank: 0, ranks: 4 }],
    "round 5, rank 0 of 4": () => [5, { rank: 0, ranks: 4 }],
    "round 1, rank 0 of 2": () => [1, { rank: 0, ranks: 2 }],
    "round 3, rank 3 of 4": () => [3, { rank: 3, ranks: 4 }],
    "round 9, rank 1 of 6": () => [9, { rank: 1, ranks: 6 }],
  },
  drawn: (random) => {
    const ranks = 2 + random.integer(6);
    return [random.integer(2 * (ranks - 1)), { rank: random.integer(ranks), ranks }];
  },
  probes: {
    "all rounds of 3 ranks": table(3),
    "all rounds of 5 ranks": table(5),
    "what 4 ranks hold at the end": ring(4),
  },
  mistakes: {
    "% keeps the sign: −1 % 4 is −1; add the number of ranks until it is not negative": [
      (round, { rank, ranks }) => (rank - round) % ranks,
      (round, { rank, ranks }) => (rank - round + ranks) % ranks,
    ],
    "the sign is lost here: of −1, the piece before piece 0, comes the last one": (
      round,
      { rank, ranks },
    ) => Math.abs(rank - round) % ranks,
    "nothing wraps around: there are only pieces 0 to ranks − 1": (round, { rank }) => rank - round,
    "the pieces go the wrong way around: what came last round is the piece of the rank before":
      altered((
        round,
        rank,
      ) => rank + round),
    "every rank sends the same piece: it begins with its own": altered((round) => -round),
    "each rank sends its own piece again and again: in the next round it sends what it just got":
      altered((
        _,
        rank,
      ) => rank),
    "the first piece to be sent is the rank's own: in round 0, piece `rank`": [
      altered((round, rank) => rank - round - 1),
      altered((round, rank) => rank - round + 1),
    ],
    "the number of ranks is written as a number: use `ranks`": (round, { rank }) =>
      modulo(rank - round, 4),
    "the second half goes on as the first one does: no new start": altered((round, rank, ranks) =>
      round < ranks - 1 ? rank - round : rank + 1 - round
    ),
    "the second half begins anew here, with each rank's own piece": altered((round, rank, ranks) =>
      rank - round % (ranks - 1)
    ),
  },
  styles: {
    "counted upwards": (round, { rank, ranks }) => (rank + (ranks - 1) * round) % ranks,
    "step by step": (round, { rank, ranks }) => {
      let chunk = rank;
      for (let i = 0; i < round; i++) chunk = chunk === 0 ? ranks - 1 : chunk - 1;
      return chunk;
    },
  },
});
