import { exercise } from "lib/grade/mod.ts";

type Results = ReadonlyMap<number, number>;
type Answer = (arm: Results, baseline: Results) => number[];

const reference: Answer = (arm, baseline) => {
  if (arm.size !== baseline.size) throw new RangeError("other seeds");
  return [...arm].map(([seed, result]) => {
    const other = baseline.get(seed);
    if (other === undefined) throw new RangeError(`no seed ${seed}`);
    return result - other;
  });
};

/** 5.1b: the difference of two ways to train, seed by seed. */
export default exercise<Answer>({
  name: "pairedDifferences",
  reference,
  returns: "numbers",
  cases: {
    "seeds 1 to 3 in one order": () => [
      new Map([[1, 3.5], [2, 3.8], [3, 3.6]]),
      new Map([[1, 3], [2, 3.9], [3, 3.2]]),
    ],
    "the same seeds in another order": () => [
      new Map([[7, 1], [3, 2], [5, 4]]),
      new Map([[3, 10], [5, 20], [7, 40]]),
    ],
    "a baseline of 0": () => [new Map([[1, 5]]), new Map([[1, 0]])],
    "a result of 0, and a seed 0": () => [new Map([[0, 0], [2, 3]]), new Map([[2, 1], [0, 4]])],
    "runs that diverged": () => [
      new Map([[1, Infinity], [2, 2], [3, 5]]),
      new Map([[1, 3], [2, NaN], [3, 4]]),
    ],
    "a seed that the baseline does not have": () => [
      new Map([[1, 1], [2, 2]]),
      new Map([[1, 1], [3, 3]]),
    ],
    "other seeds with the same sum": () => [
      new Map([[1, 1], [4, 2]]),
      new Map([[2, 1], [3, 3]]),
    ],
    "a baseline with one seed more": () => [new Map([[1, 1]]), new Map([[1, 1], [2, 2]])],
  },
  drawn: (random, i) => {
    const seeds = random.shuffle(Array.from({ length: i + 1 }, (_, seed) => seed));
    const results = () => new Map(random.shuffle(seeds).map((seed) => [seed, random.uniform()]));
    return [results(), results()];
  },
  mistakes: {
    "results are matched by their place: match them by their seed": (arm, baseline) => {
      const others = [...baseline.values()];
      if (arm.size !== baseline.size || [...arm.keys()].some((seed) => !baseline.has(seed))) {
        throw new RangeError("other seeds");
      }
      return [...arm.values()].map((result, i) => result - (others[i] ?? NaN));
    },
    "the sign is turned: arm minus baseline, so that a lower loss is a negative difference": (
      arm,
      baseline,
    ) => reference(arm, baseline).map((difference) => -difference),
    "a seed without a partner must be refused, or its result is compared with nothing": [
      (arm, baseline) => [...arm].map(([seed, result]) => result - (baseline.get(seed) ?? 0)),
      (arm, baseline) => [...arm].map(([seed, result]) => result - (baseline.get(seed) ?? NaN)),
      (arm, baseline) =>
        [...arm].flatMap(([seed, result]) => {
          const other = baseline.get(seed);
          return other === undefined ? [] : [result - other];
        }),
    ],
    "the baseline has a seed that the arm has not: that must be refused too": (arm, baseline) =>
      [...arm].map(([seed, result]) => {
        const other = baseline.get(seed);
        if (other === undefined) throw new RangeError(`no seed ${seed}`);
        return result - other;
      }),
    "0 is a result too: `||` and a test for truth take it for missing": (arm, baseline) => {
      if (arm.size !== baseline.size) throw new RangeError("other seeds");
      return [...arm].map(([seed, result]) => {
        const other = baseline.get(seed);
        if (!other) throw new RangeError(`no seed ${seed}`);
        return result - other;
      });
    },
    "a seed whose run diverged is there: its result is NaN or infinite, and so is the difference": [
      (arm, baseline) => reference(arm, baseline).filter(Number.isFinite),
      (arm, baseline) => reference(arm, baseline).filter((difference) => !Number.isNaN(difference)),
      (arm, baseline) => reference(arm, baseline).map((x) => Number.isFinite(x) ? x : 0),
    ],
    "these are absolute differences: the direction is what counts": (arm, baseline) =>
      reference(arm, baseline).map(Math.abs),
    "that is the difference of the means: one number per seed": (arm, baseline) => {
      const all = reference(arm, baseline);
      return [all.reduce((a, b) => a + b, 0) / all.length];
    },
    "these are quotients: the difference is arm minus baseline": (arm, baseline) => {
      reference(arm, baseline);
      return [...arm].map(([seed, result]) => result / (baseline.get(seed) ?? NaN));
    },
    "throw a RangeError: that is what says which kind of error it is": (arm, baseline) => {
      try {
        return reference(arm, baseline);
      } catch {
        throw new Error("other seeds");
      }
    },
  },
  styles: {
    "a plain loop": (arm, baseline) => {
      const differences: number[] = [];
      for (const [seed, result] of arm) {
        if (!baseline.has(seed)) throw new RangeError("missing");
        differences.push(result - Number(baseline.get(seed)));
      }
      if (differences.length < baseline.size) throw new RangeError("missing");
      return differences;
    },
    "the seeds first": (arm, baseline) => {
      const seeds = [...new Set([...arm.keys(), ...baseline.keys()])];
      const of = (results: Results, seed: number) => {
        const result = results.get(seed);
        if (result === undefined) throw new RangeError(`seed ${seed} is missing`);
        return result;
      };
      return seeds.map((seed) => of(arm, seed) - of(baseline, seed));
    },
  },
});
