import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (pValues: readonly number[]) => number[];

/** Corrects in order of size, and puts the results back to where their p-values stood. */
function corrected(
  factor: (rank: number, count: number) => number,
  { isMonotone = true, most = 1 } = {},
): Answer {
  return (pValues) => {
    const order = pValues.map((p, place) => ({ p, place })).toSorted((a, b) => a.p - b.p);
    const adjusted = pValues.map(() => 0);
    let largest = 0;
    for (const [rank, { p, place }] of order.entries()) {
      const value = Math.min(most, factor(rank, pValues.length) * p);
      largest = isMonotone ? Math.max(largest, value) : value;
      adjusted[place] = largest;
    }
    return adjusted;
  };
}

const reference = corrected((rank, count) => count - rank);
const wrong = (answer: Answer): WrongAnswer<Answer> => answer;

/** 5.1c: p-values corrected for their number by Holm's method. */
export default exercise<Answer>({
  name: "adjustByHolm",
  reference,
  returns: "numbers",
  cases: {
    "0.01, 0.04 and 0.03": () => [[0.01, 0.04, 0.03]],
    "0.2, 0.001, 0.5 and 0.02": () => [[0.2, 0.001, 0.5, 0.02]],
    "one p-value alone": () => [[0.03]],
    "two that are alike": () => [[0.02, 0.02, 0.5]],
    "large ones, which stay at most 1": () => [[0.6, 0.9, 0.7]],
    "a p-value of 0": () => [[0.04, 0, 0.03]],
    "none": () => [[]],
  },
  drawn: (random, i) => [Array.from({ length: i + 1 }, () => random.uniform() ** 2)],
  mistakes: {
    "all are multiplied by their number: that is Bonferroni's correction, which finds less": wrong(
      corrected((_, count) => count),
    ),
    "none may fall below the one before it in order of size": wrong(
      corrected((rank, count) => count - rank, { isMonotone: false }),
    ),
    "a probability is at most 1": wrong(
      corrected((rank, count) => count - rank, { most: Infinity }),
    ),
    "off by one: the smallest of n is multiplied by n, the largest by 1": [
      wrong(corrected((rank, count) => count - rank - 1)),
      wrong(corrected((rank, count) => count - rank + 1)),
    ],
    "the largest is multiplied by n here: the smallest is": wrong(corrected((rank) => rank + 1)),
    "these are sorted: put each back to where its p-value stood": (pValues) =>
      reference(pValues).toSorted((a, b) => a - b),
    "they are corrected in the order given: go by size": (pValues) => {
      let largest = 0;
      return pValues.map((p, i) =>
        largest = Math.max(largest, Math.min(1, (pValues.length - i) * p))
      );
    },
    "sort() without a comparison sorts numbers as texts; and it changes the list that was given": (
      pValues,
    ) => {
      const sorted = (pValues as number[]).sort();
      return sorted.map((p, i) => Math.min(1, (sorted.length - i) * p));
    },
    "nothing is corrected": (pValues) => [...pValues],
  },
  styles: {
    "the place of each value in the sorted list": (pValues) => {
      const sorted = [...pValues].sort((a, b) => a - b);
      let most = 0;
      const adjusted = sorted.map((p, i) =>
        most = Math.max(most, Math.min(1, p * (sorted.length - i)))
      );
      return pValues.map((p) => adjusted[sorted.indexOf(p)] ?? NaN);
    },
    "for each the largest of those not above it": (pValues) =>
      pValues.map((p) => {
        const below = pValues.filter((other) => other <= p).toSorted((a, b) => a - b);
        return Math.min(
          1,
          Math.max(...below.map((other, rank) => (pValues.length - rank) * other)),
        );
      }),
    "an index array": (pValues) => {
      const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
      const result = new Array<number>(pValues.length).fill(0);
      order.forEach((place, rank) => {
        const before = rank === 0 ? 0 : result[order[rank - 1] ?? 0] ?? 0;
        result[place] = Math.max(
          before,
          Math.min(1, (pValues[place] ?? 0) * (order.length - rank)),
        );
      });
      return result;
    },
  },
});
