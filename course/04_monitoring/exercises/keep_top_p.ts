import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (probabilities: readonly number[], p: number) => number[];

/** Sums of decimal fractions miss their true value by a few units in the last place. */
const ROUNDING = 1e-9;

const ranked = (q: readonly number[]) =>
  [...q.keys()].sort((a, b) => (q[b] ?? 0) - (q[a] ?? 0) || a - b);
const normalized = (kept: readonly number[]) => {
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => value / sum);
};

/** Walks from the likeliest on, and keeps as long as a rule says so. */
const walking = (
  stays: (before: number, after: number, p: number) => boolean,
  order: (q: readonly number[]) => number[] = ranked,
): WrongAnswer<Answer> =>
(q, p) => {
  const kept = new Set<number>();
  let sum = 0;
  for (const id of order(q)) {
    const after = sum + (q[id] ?? 0);
    if (!stays(sum, after, p)) break;
    kept.add(id);
    sum = after;
  }
  return normalized(q.map((value, id) => kept.has(id) ? value : 0));
};
const reference = walking((before, _after, p) => before < p - ROUNDING) as Answer; // gives numbers

/** 4.3c: the fewest likeliest tokens that reach a probability p together. */
export default exercise<Answer>({
  name: "keepTopP",
  reference,
  returns: "numbers",
  cases: {
    "0.1, 0.4, 0.2 and 0.3 with p 0.6": () => [[0.1, 0.4, 0.2, 0.3], 0.6],
    "p below the likeliest": () => [[0.1, 0.4, 0.2, 0.3], 0.2],
    "the sum is exactly p": () => [[0.125, 0.5, 0.25, 0.125], 0.75],
    "p 1": () => [[0.1, 0.4, 0.2, 0.3], 1],
    "equal ones": () => [[0.25, 0.25, 0.25, 0.25], 0.5],
    "one token": () => [[1], 0.5],
    "p near 0": () => [[0.3, 0.7], 0.001],
    "0.7 and 0.1, which rounding leaves a little below p 0.8": () => [[0.1, 0.7, 0.1, 0.1], 0.8],
    "a p that the likeliest misses by 0.0004": () => [[0.4996, 0.3004, 0.2], 0.5],
    "a p that the likeliest misses by a millionth": () => [[0.5, 0.25, 0.25], 0.500001],
  },
  drawn: (random, i) => {
    const counts = Array.from({ length: i + 1 }, () => 1 + random.integer(6));
    return [normalized(counts), 0.05 + 0.9 * random.uniform()];
  },
  mistakes: {
    "the token that reaches p is dropped: it belongs to those that are kept": walking((
      _before,
      after,
      p,
    ) => after <= p + ROUNDING),
    "the likeliest always stays, even if it alone is above p": walking((before, after, p) =>
      before === 0 ? after <= p + ROUNDING : before < p - ROUNDING
    ),
    "one token too many where the sum is exactly p: then p is reached": walking((
      before,
      _after,
      p,
    ) => before <= p + ROUNDING),
    "a sum of 0.7 and 0.1 is 0.7999999999999999: what is within 1e-9 of p has reached it": walking((
      before,
      _after,
      p,
    ) => before < p),
    "these do not add up to 1: divide what is kept by its sum": (q, p) => {
      const kept = reference(q, p);
      return q.map((value, id) => kept[id] === 0 ? 0 : value);
    },
    "they are walked in the order of their ids: begin with the likeliest": walking(
      (before, _after, p) => before < p - ROUNDING,
      (q) => [...q.keys()],
    ),
    "the least likely come first": walking(
      (before, _after, p) => before < p - ROUNDING,
      (q) => ranked(q).toReversed(),
    ),
    "that keeps each token whose own probability is at least p: p is for their sum": (q, p) => {
      const best = Math.max(...q);
      return normalized(q.map((value) => value >= p || value === best ? value : 0));
    },
    "the tokens are in another order now: each keeps its place": (q, p) =>
      reference(q, p).toSorted((a, b) => b - a),
    "p is written in": (q) => reference(q, 0.9),
    "nothing is cut": (q) => [...q],
    "only the likeliest stays": (q) => reference(q, 1e-6),
  },
  styles: {
    "by cumulative sums": (q, p) => {
      const order = ranked(q), sums: number[] = [];
      order.forEach((id, i) => sums.push((sums[i - 1] ?? 0) + (q[id] ?? 0)));
      const last = sums.findIndex((sum) => sum >= p - 1e-9);
      const kept = order.slice(0, last < 0 ? undefined : last + 1);
      const total = kept.reduce((sum, id) => sum + (q[id] ?? 0), 0);
      return q.map((value, id) => kept.includes(id) ? value / total : 0);
    },
    "by what is ahead of each": (q, p) => {
      const isKept = q.map((value, id) => {
        const ahead = q.filter((other, j) => other > value || other === value && j < id);
        return ahead.reduce((sum, other) => sum + other, 0) < p - 1e-9;
      });
      const total = q.reduce((sum, value, id) => sum + (isKept[id] ? value : 0), 0);
      return q.map((value, id) => isKept[id] ? value / total : 0);
    },
  },
});
