import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (probabilities: readonly number[], k: number) => number[];

/** Ids from the likeliest to the least likely; of equal ones the lower id first. */
const ranked = (p: readonly number[]) =>
  [...p.keys()].sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0) || a - b);

const normalized = (kept: readonly number[]) => {
  const sum = kept.reduce((a, b) => a + b, 0);
  return kept.map((value) => value / sum);
};
const keeping =
  (ids: (p: readonly number[], k: number) => number[]): WrongAnswer<Answer> => (p, k) => {
    const kept = new Set(ids(p, k));
    return normalized(p.map((value, id) => kept.has(id) ? value : 0));
  };

/** 4.3b: only the K likeliest tokens stay. */
export default exercise<Answer>({
  name: "keepTopK",
  reference: (p, k) => {
    const kept = new Set(ranked(p).slice(0, k));
    return normalized(p.map((value, id) => kept.has(id) ? value : 0));
  },
  returns: "numbers",
  cases: {
    "0.1, 0.4, 0.2 and 0.3 with k 2": () => [[0.1, 0.4, 0.2, 0.3], 2],
    "k 1": () => [[0.1, 0.4, 0.2, 0.3], 1],
    "all of them": () => [[0.1, 0.4, 0.2, 0.3], 4],
    "more than there are": () => [[0.5, 0.25, 0.25], 10],
    "equal ones, k 1": () => [[0.25, 0.25, 0.25, 0.25], 1],
    "equal ones at the edge, k 2": () => [[0.2, 0.2, 0.4, 0.2], 2],
    "one token": () => [[1], 1],
    "12 tokens, k 3": () => [[1, 9, 10, 2, 8, 3, 11, 4, 5, 7, 6, 12].map((n) => n / 78), 3],
  },
  drawn: (random, i) => [
    normalized(Array.from({ length: i + 1 }, () => 1 + random.integer(6))),
    1 + random.integer(i + 2),
  ],
  mistakes: {
    "these do not add up to 1: divide what is kept by its sum": (p, k) => {
      const kept = new Set(ranked(p).slice(0, k));
      return p.map((value, id) => kept.has(id) ? value : 0);
    },
    "the least likely are kept": keeping((p, k) => ranked(p).toReversed().slice(0, k)),
    "the first k ids are kept: go by probability": keeping((p, k) => [...p.keys()].slice(0, k)),
    "one too many": keeping((p, k) => ranked(p).slice(0, k + 1)),
    "one too few": keeping((p, k) => ranked(p).slice(0, Math.max(1, k - 1))),
    "equal ones at the edge stay too: exactly k tokens, of equal ones the lower ids": keeping(
      (p, k) => {
        const edge = p[ranked(p)[Math.min(k, p.length) - 1] ?? 0] ?? 0;
        return [...p.keys()].filter((id) => (p[id] ?? 0) >= edge);
      },
    ),
    "of equal ones the higher ids are kept: take the lower": keeping((p, k) =>
      [...p.keys()].sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0) || b - a).slice(0, k)
    ),
    "the tokens are in another order now: each keeps its place": (p, k) =>
      normalized(ranked(p).map((id, rank) => rank < k ? p[id] ?? 0 : 0)),
    "the cut ones are gone: they stay in the list, with probability 0": (p, k) => {
      const kept = new Set(ranked(p).slice(0, k));
      return normalized(p.filter((_, id) => kept.has(id)));
    },
    "all kept tokens are equally likely here": (p, k) => {
      const kept = new Set(ranked(p).slice(0, k));
      return p.map((_, id) => kept.has(id) ? 1 / kept.size : 0);
    },
    "k is written in": keeping((p) => ranked(p).slice(0, 2)),
    "nothing is cut": (p) => [...p],
  },
  styles: {
    "by repeated search": (p, k) => {
      const left = [...p], kept = p.map(() => 0);
      for (let i = 0; i < Math.min(k, p.length); i++) {
        const best = left.indexOf(Math.max(...left));
        [kept[best], left[best]] = [p[best] ?? 0, -1];
      }
      const sum = kept.reduce((total, value) => total + value, 0);
      return kept.map((value) => value / sum);
    },
    "by counting who is ahead": (p, k) => {
      const isKept = p.map((value, id) =>
        p.filter((other, j) => other > value || other === value && j < id).length < k
      );
      const sum = p.reduce((total, value, id) => isKept[id] ? total + value : total, 0);
      return p.map((value, id) => isKept[id] ? value / sum : 0);
    },
  },
});
