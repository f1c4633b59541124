import { mean, tQuantile, variance } from "lib/core/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (
  values: readonly number[],
  tOf: (freedom: number) => number,
) => { mean: number; low: number; high: number };

const tOf = (freedom: number) => tQuantile(0.95, freedom);

/** The interval from a wrong reach. */
const around =
  (reach: (values: readonly number[], t: typeof tOf) => number): WrongAnswer<Answer> =>
  (values, t) => {
    const center = mean(values), by = reach(values, t);
    return { mean: center, low: center - by, high: center + by };
  };

const squares = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0);

const reference: Answer = (values, t) => {
  const center = mean(values), error = Math.sqrt(variance(values) / values.length);
  const reach = t(values.length - 1) * error;
  return { mean: center, low: center - reach, high: center + reach };
};

/** 5.1a: mean and 95 % interval of a few results. */
export default exercise<Answer>({
  name: "intervalOf",
  reference,
  returns: { mean: "number", low: "number", high: "number" },
  cases: {
    "3.69, 3.71 and 3.70": () => [[3.69, 3.71, 3.7], tOf],
    "1, 2, 4 and 9": () => [[1, 2, 4, 9], tOf],
    "two results, 0 and 10": () => [[0, 10], tOf],
    "three that are alike": () => [[2, 2, 2], tOf],
    "another t, always 3": () => [[1, 2, 6], () => 3],
  },
  drawn: (random, i) => [Array.from({ length: i + 2 }, () => 10 * random.uniform()), tOf],
  mistakes: {
    "t belongs to n − 1 degrees of freedom: the mean took one": around((values, t) =>
      t(values.length) * Math.sqrt(squares(values) / (values.length - 1) / values.length)
    ),
    "the variance is the sum of squares over n − 1: over n it is too small for a few values":
      around((
        values,
        t,
      ) => t(values.length - 1) * Math.sqrt(squares(values)) / values.length),
    "that is the spread of the single results: the mean of n is known √n times better": around((
      values,
      t,
    ) => t(values.length - 1) * Math.sqrt(squares(values) / (values.length - 1))),
    "√n, not n: the error of a mean falls with the root": around((values, t) =>
      t(values.length - 1) * Math.sqrt(squares(values) / (values.length - 1)) / values.length
    ),
    "1.96 is for many results: with three, t is 4.3": around((values) =>
      1.96 * Math.sqrt(squares(values) / (values.length - 1) / values.length)
    ),
    "that is one standard error: multiply by t": around((values) =>
      Math.sqrt(squares(values) / (values.length - 1) / values.length)
    ),
    "the root is missing: a variance is in squares": around((values, t) =>
      t(values.length - 1) * squares(values) / (values.length - 1) / values.length
    ),
    "half of the interval: it reaches as far on both sides of the mean": (values, t) => ({
      ...reference(values, t),
      low: mean(values),
    }),
    "low and high have changed places": (values, t) => {
      const { low, high, mean } = reference(values, t);
      return { mean, low: high, high: low };
    },
    "that is the range from the smallest to the largest result": (values) => ({
      mean: mean(values),
      low: Math.min(...values),
      high: Math.max(...values),
    }),
  },
  styles: {
    "mean square minus square of the mean": (values, t) => {
      const n = values.length, sum = values.reduce((a, b) => a + b, 0);
      const center = sum / n;
      const variance = values.map((x) => (x - center) * (x - center)).reduce((a, b) => a + b, 0) /
        (n - 1);
      const reach = t(n - 1) * (variance / n) ** 0.5;
      return { low: center - reach, mean: center, high: center + reach };
    },
    "two loops": (values, t) => {
      let center = 0, spread = 0;
      for (const value of values) center += value / values.length;
      for (const value of values) spread += Math.pow(value - center, 2);
      const error = Math.sqrt(spread / (values.length * (values.length - 1)));
      const reach = error * t(values.length - 1);
      return { mean: center, low: center - reach, high: center + reach };
    },
  },
});
