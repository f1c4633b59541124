import { exercise, limitedList, type WrongAnswer } from "lib/grade/mod.ts";
import type { RankGradient } from "../parts.ts";

type Answer = (parts: readonly RankGradient[]) => number[];

const totalOf = (parts: readonly RankGradient[]) =>
  parts.reduce((sum, { targets }) => sum + targets, 0);

/** A sum over the parts, each with a weight. */
const weighted =
  (weightOf: (part: RankGradient, parts: readonly RankGradient[]) => number): WrongAnswer<Answer> =>
  (parts) =>
    (parts[0]?.gradient ?? []).map((_, i) =>
      parts.reduce((sum, part) => sum + (part.gradient[i] ?? 0) * weightOf(part, parts), 0)
    );

const reference: Answer = (parts) => {
  const total = totalOf(parts), [first] = parts;
  return (first?.gradient ?? []).map((_, i) =>
    parts.reduce((sum, { gradient, targets }) => sum + (gradient[i] ?? 0) * targets / total, 0)
  );
};

const parts = (...given: readonly (readonly [gradient: readonly number[], targets: number])[]) =>
  limitedList(
    given.map(([gradient, targets]): RankGradient => ({ gradient, targets })),
    10_000,
    "a part",
  );

/** 6.3b: one gradient from those of all ranks. */
export default exercise<Answer>({
  name: "meanGradient",
  reference,
  returns: "numbers",
  cases: {
    "two ranks with as many targets": () => [parts([[1, 2], 10], [[3, 6], 10])],
    "two ranks with 300 and 100 targets": () => [parts([[1, -2, 0], 300], [[5, 2, 1], 100])],
    "three ranks": () => [parts([[1], 1], [[10], 2], [[100], 5])],
    "a rank without a target": () => [parts([[1, 2], 12], [[0, 0], 0])],
    "one rank": () => [parts([[0.5, -0.5], 7])],
    "four ranks, the last one with fewer": () => [
      parts([[4, 0], 50], [[8, 4], 50], [[0, 2], 50], [[1, 1], 13]),
    ],
  },
  drawn: (random) => {
    const size = 1 + random.integer(4);
    return [
      parts(...Array.from({ length: 1 + random.integer(4) }, () =>
        [
          Array.from({ length: size }, () => random.normal()),
          1 + random.integer(60),
        ] as const)),
    ];
  },
  mistakes: {
    "a mean of means: a rank with more targets counts more": weighted((_, all) => 1 / all.length),
    "that is a sum: divide by the targets of all ranks": [
      weighted(({ targets }) => targets),
      weighted(() => 1),
    ],
    "the sum is divided by the number of ranks: divide it by the targets of all": weighted((
      { targets },
      all,
    ) => targets / all.length),
    "the weights are turned around: more targets count more": weighted((
      { targets },
      all,
    ) => targets === 0 ? 0 : totalOf(all) / targets / all.length),
    "divided by the targets of each rank: multiply by them, and divide by those of all": weighted((
      { targets },
    ) => targets === 0 ? 0 : 1 / targets),
    "that is the gradient of one rank": [
      (all) => [...all[0]?.gradient ?? []],
      (all) => [...all.at(-1)?.gradient ?? []],
    ],
    "divided by the targets of one rank: those of all ranks together": [
      weighted(({ targets }, all) => targets / (all[0]?.targets ?? 1)),
      (all) => weighted(({ targets }) => targets / (all.at(-1)?.targets || 1))(all),
    ],
    "a rank is left out": [
      (all) => reference(all.length > 1 ? all.slice(0, -1) : all),
      (all) => reference(all.length > 1 ? all.slice(1) : all),
      (all) => reference(all.slice(0, 2)),
    ],
    "asked for is a number for each place of the gradient, not one for all": (all) =>
      reference(all).reduce((sum, one) => sum + one, 0),
    "the weight is squared: each gradient is a mean already, multiply once": weighted((
      { targets },
      all,
    ) => (targets / totalOf(all)) ** 2),
  },
  styles: {
    "sums, then one division": (all) => {
      let total = 0;
      const sums: number[] = [];
      for (const { gradient, targets } of all) {
        total += targets;
        gradient.forEach((one, i) => sums[i] = (sums[i] ?? 0) + one * targets);
      }
      return sums.map((sum) => sum / total);
    },
    "a running mean": (all) => {
      let seen = 0, mean: number[] = [];
      for (const { gradient, targets } of all) {
        seen += targets;
        const weight = seen === 0 ? 0 : targets / seen;
        mean = gradient.map((one, i) => (mean[i] ?? 0) * (1 - weight) + one * weight);
      }
      return mean;
    },
  },
});
