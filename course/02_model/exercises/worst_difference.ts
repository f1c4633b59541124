import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { worstDifference } from "../parts.ts";

type Answer = typeof worstDifference;

/** A measure made of all the |a − b|. */
const measure = (of: (differences: number[]) => number): WrongAnswer<Answer> => (a, b) =>
  of(Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN))));

const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);
const both = (a: readonly number[], b: readonly number[]) => (): Parameters<Answer> => [
  Float32Array.from(a),
  Float32Array.from(b),
];

/** As many numbers as two weights of the exercise's model: too many for arguments of a function. */
const MANY = 150_000;

/** 2.7b: how far two lists of numbers are apart. */
export default exercise<Answer>({
  name: "worstDifference",
  reference: worstDifference,
  returns: "number",
  cases: {
    "[1, 3, 3, 4] and [1, 3.5, 2.75, 4]": both([1, 3, 3, 4], [1, 3.5, 2.75, 4]),
    "the same two, swapped": both([1, 3.5, 2.75, 4], [1, 3, 3, 4]),
    "[0.25, -8, 2] and [0, -5, -2]": both([0.25, -8, 2], [0, -5, -2]),
    "equal lists": both([1, -2], [1, -2]),
    "no numbers": both([], []),
    "NaN in the first list": both([1, NaN, 3], [1, 2, 3]),
    "NaN in the second list": both([1, 2, 3], [1, NaN, 3]),
    "NaN at the end": both([1, 2, 3], [9, 2, NaN]),
    "NaN in both": both([NaN, 2], [NaN, 2]),
  },
  drawn: (random) => {
    const length = 1 + random.integer(6), draw = () => 4 * random.normal();
    return both(...[1, 2].map(() => Array.from({ length }, draw)) as [number[], number[]])(); // two lists
  },
  probes: {
    "150,000 numbers of which the last differs": (answer) =>
      answer(new Float32Array(MANY), new Float32Array(MANY).fill(0.5, MANY - 1)),
  },
  mistakes: {
    "differences below 0 count too: take |a − b|, by Math.abs": [
      (a, b) => a.reduce((worst, x, i) => Math.max(worst, x - (b[i] ?? NaN)), 0),
      (a, b) => a.reduce((worst, x, i) => Math.max(worst, (b[i] ?? NaN) - x), 0),
      (a, b) => a.reduce((worst, x, i) => Math.max(worst, x - (b[i] ?? NaN)), -Infinity),
    ],
    "that is the mean: one wrong number among many would hide in it": [
      measure((differences) => sum(differences) / differences.length),
      measure((differences) => sum(differences) / Math.max(1, differences.length)),
    ],
    "that is the sum: take the largest": measure(sum),
    "that is the smallest: take the largest": measure((differences) =>
      differences.reduce((best, x) => Math.min(best, x), Infinity)
    ),
    "that is the root of the sum of squares: take the largest": [
      measure((differences) => Math.sqrt(sum(differences.map((x) => x * x)))),
      measure((differences) => Math.hypot(...differences)),
    ],
    "that is the root of the mean square: take the largest": [1, 0].map((least) =>
      measure((differences) =>
        Math.sqrt(sum(differences.map((x) => x * x)) / Math.max(least, differences.length))
      )
    ),
    "that is its square: take |a − b|": measure((differences) =>
      differences.reduce((worst, x) => Math.max(worst, x * x), 0)
    ),
    "only the first place that differs is looked at: take the largest": (a, b) => {
      const i = a.findIndex((x, place) => x !== b[place]);
      return i < 0 ? 0 : Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    },
    "the sizes are compared, not the places: |a − b| at each place, then the largest": (a, b) =>
      Math.abs(a.reduce((x, y) => Math.max(x, y), 0) - b.reduce((x, y) => Math.max(x, y), 0)),
    "the first number is left out": (a, b) => worstDifference(a.subarray(1), b.subarray(1)),
    "the last number is left out": (a, b) => worstDifference(a.subarray(0, -1), b),
    "NaN must come out as NaN: `if (x > worst)` and `|| 0` pass it over, Math.max hands it on": [
      measure((differences) => differences.reduce((worst, x) => x > worst ? x : worst, 0)),
      measure((differences) => differences.reduce((worst, x) => x > worst ? x : worst, -Infinity)),
      measure((differences) => differences.reduce((worst, x) => Math.max(worst, x || 0), 0)),
      measure((differences) => differences.toSorted((x, y) => y - x)[0] ?? 0),
    ],
    "without numbers the difference is 0: start from 0": measure((differences) =>
      differences.reduce((worst, x) => Math.max(worst, x), -Infinity)
    ),
    "Math.max(...numbers) hands each number over as an argument: too many; use a loop": [
      measure((differences) => Math.max(...differences)),
      measure((differences) => Math.max(0, ...differences)),
    ],
  },
  styles: {
    "a loop that looks for NaN": (a, b) => {
      let worst = 0;
      for (let i = 0; i < a.length; i++) {
        const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
        if (Number.isNaN(difference)) return NaN;
        if (difference > worst) worst = difference;
      }
      return worst;
    },
    "sorted, NaN last": (a, b) => a.map((x, i) => Math.abs(x - (b[i] ?? NaN))).sort().at(-1) ?? 0,
  },
});
