import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { confidenceInterval95, Ema, mean, quantile, Random, variance } from "lib/core/mod.ts";
import { standardError } from "lib/core/statistics.ts";

/** Both sides round a dozen operations on numbers below 100 in float64. */
const ROUNDING = 1e-12;

/** The values behind all golden numbers below, which NumPy 2.4.6 and SciPy 1.17.1 gave. */
const VALUES = [2.5, 3.1, -0.7, 4.4, 3.1, 0.2, 9.6, -3.3];

Deno.test("mean(), variance() and standardError() equal NumPy's and SciPy's", () => {
  assertAlmostEquals(mean(VALUES), 2.3625, ROUNDING); // np.mean
  assertAlmostEquals(variance(VALUES), 14.822678571428572, ROUNDING); // np.var(ddof=1)
  assertAlmostEquals(standardError(VALUES), 1.3611887530495437, ROUNDING); // stats.sem
});

Deno.test("variance() keeps its digits far from zero", () => {
  assertEquals(variance([1e9 + 1, 1e9 + 2, 1e9 + 6]), 7);
});

Deno.test("confidenceInterval95() equals SciPy's for few values and for more", () => {
  const golden: [count: number, low: number, high: number][] = [ // stats.t.interval
    [2, -1.0118614208524082, 6.611861420852408],
    [3, -3.441446495722338, 6.708113162389004],
    [5, 0.1104053548521069, 4.849594645147893],
    [8, -0.8561999364562922, 5.581199936456292],
  ];
  for (const [count, low, high] of golden) {
    const interval = confidenceInterval95(VALUES.slice(0, count));
    assertAlmostEquals(interval.low, low, ROUNDING, `${count} values`);
    assertAlmostEquals(interval.high, high, ROUNDING, `${count} values`);
  }
});

Deno.test("confidenceInterval95() uses Student's t, from 1 to 1,000 degrees of freedom", () => {
  const golden: [freedom: number, point: number][] = [ // stats.t.ppf(0.975, freedom)
    [1, 12.706204736174694],
    [4, 2.7764451051977934],
    [9, 2.262157162798205],
    [10, 2.228138851986274],
    [30, 2.0422724563012378],
    [99, 1.9842169515864174],
    [1000, 1.9623390808264083],
  ];
  for (const [freedom, point] of golden) {
    const values = Array.from({ length: freedom + 1 }, (_, i) => i % 7);
    const { low, high } = confidenceInterval95(values);
    assertAlmostEquals((high - low) / 2 / standardError(values), point, ROUNDING, `${freedom}`);
  }
});

Deno.test("confidenceInterval95() covers the true mean in 95 % of 4,000 draws of five", () => {
  const random = new Random(11);
  let covered = 0;
  for (let draw = 0; draw < 4000; draw++) {
    const { low, high } = confidenceInterval95(Array.from({ length: 5 }, () => random.normal()));
    if (low <= 0 && high >= 0) covered++;
  }
  const error = Math.sqrt(0.95 * 0.05 / 4000);
  assertAlmostEquals(covered / 4000, 0.95, 4 * error); // 4 standard errors of a share
});

Deno.test("quantile() equals NumPy's and leaves its input in place", () => {
  const golden = [[0, -3.3], [0.1, -1.48], [0.25, -0.025], [0.5, 2.8], [0.9, 5.96], [1, 9.6]];
  const values = [...VALUES];
  for (const [share = NaN, expected = NaN] of golden) {
    assertAlmostEquals(quantile(values, share), expected, ROUNDING, `${share}`);
  }
  assertEquals(values, VALUES);
  assertEquals(quantile([7], 0.3), 7);
  for (const share of [0, 0.5, 1]) assertEquals(quantile([1, NaN, 3, 2], share), NaN);
  // A diverged run has an infinite loss.
  assertEquals(
    [0, 0.25, 0.5, 0.75, 1].map((share) => quantile([3, 1, Infinity, Infinity, 2], share)),
    [
      1,
      2,
      3,
      Infinity,
      Infinity,
    ],
  );
  assertEquals(quantile([1, Infinity, Infinity], 0.9), Infinity);
});

Deno.test("Ema equals the weighted mean of all values, written out", () => {
  const ema = new Ema(0.8);
  for (const [n, value] of VALUES.entries()) {
    const seen = VALUES.slice(0, n + 1), weights = seen.map((_, i) => 0.8 ** (n - i));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = seen.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) / total;
    assertAlmostEquals(ema.update(value), expected, ROUNDING);
  }
});

Deno.test("Ema.fromState() continues bit for bit from JSON", () => {
  const whole = new Ema(0.97), first = new Ema(0.97);
  for (const value of VALUES.slice(0, 3)) {
    assertEquals(first.update(value), whole.update(value));
  }
  const second = Ema.fromState(JSON.parse(JSON.stringify(first.state())));
  for (const value of VALUES.slice(3)) assertEquals(second.update(value), whole.update(value));
});

Deno.test("Ema is NaN before the first value and follows at once with decay 0", () => {
  const ema = new Ema(0);
  assertEquals(ema.value, NaN);
  assertEquals(VALUES.map((value) => ema.update(value)), VALUES);
});

const REFUSED: [act: () => unknown, message: string][] = [
  [() => mean([]), "Cannot take a mean: expected at least 1 value, got 0"],
  [() => variance([1]), "Cannot estimate a variance: expected at least 2 values, got 1"],
  [() => standardError([]), "Cannot estimate a variance: expected at least 2 values, got 0"],
  [
    () => confidenceInterval95([1]),
    "Cannot estimate a variance: expected at least 2 values, got 1",
  ],
  [() => quantile([], 0.5), "Cannot take a quantile: expected at least 1 value, got 0"],
  [() => quantile([1], 1.1), "Cannot take a quantile: expected a share from 0 to 1, got 1.1"],
  [() => new Ema(1), "Cannot smooth: expected a decay of at least 0 and below 1, got 1"],
  [
    () => Ema.fromState({ decay: -1, sum: 0, weight: 0 }),
    "Cannot smooth: expected a decay of at least 0 and below 1, got -1",
  ],
];

for (const [act, message] of REFUSED) {
  Deno.test(`statistics refuse: ${message}`, () => {
    assertEquals(assertThrows(act, RangeError).message, message);
  });
}
