import { assertEquals, assertLessOrEqual, assertNotEquals, assertThrows } from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { sampleNext, type SamplingOptions } from "lib/model/mod.ts";

/** How many evenly spread draws stand for the whole distribution. */
const GRID = 1000;

/** A share found on the grid is off by at most one place at each of its two ends. */
const SHARE_TOLERANCE = 2 / GRID;

class FixedRandom extends Random {
  readonly #value: number;

  constructor(value: number) {
    super(0);
    this.#value = value;
  }

  override uniform(): number {
    return this.#value;
  }
}

/** The share of each id over draws that are spread evenly over [0, 1). */
function shares(logits: ArrayLike<number>, options: SamplingOptions = {}): number[] {
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < GRID; i++) {
    const id = sampleNext(logits, options, new FixedRandom((i + 0.5) / GRID));
    counts[id] = (counts[id] ?? NaN) + 1;
  }
  return counts.map((count) => count / GRID);
}

/** Fails unless exactly the ids with a share expected are drawn, as often as expected. */
function assertShares(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.map((share) => share > 0), expected.map((share) => share > 0), `${actual}`);
  for (const [id, share] of expected.entries()) {
    assertLessOrEqual(Math.abs((actual[id] ?? NaN) - share), SHARE_TOLERANCE, `id ${id}`);
  }
}

/** Logits whose softmax is these probabilities. */
function logitsOf(probabilities: readonly number[]): number[] {
  return probabilities.map((probability) => Math.log(probability) + 5);
}

function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

const PROBABILITIES = [0.1, 0.4, 0.05, 0.25, 0.2];

Deno.test("sampleNext() draws each token as often as softmax says", () => {
  assertShares(shares(logitsOf(PROBABILITIES)), PROBABILITIES);
});

for (const temperature of [0.25, 0.5, 2, 10]) {
  Deno.test(`sampleNext() draws from p^(1/T) at temperature ${temperature}`, () => {
    const expected = normalized(PROBABILITIES.map((p) => p ** (1 / temperature)));
    assertShares(shares(logitsOf(PROBABILITIES), { temperature }), expected);
  });
}

Deno.test("sampleNext() passes a chi-squared test with the course's generator", () => {
  const random = new Random(7), draws = 20_000, logits = logitsOf(PROBABILITIES);
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < draws; i++) {
    const id = sampleNext(logits, {}, random);
    counts[id] = (counts[id] ?? NaN) + 1;
  }
  const statistic = counts.reduce((sum, count, id) => {
    const expected = draws * (PROBABILITIES[id] ?? NaN);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  assertLessOrEqual(statistic, 18.47); // exceeded once in 1,000 with 4 degrees of freedom
});

Deno.test("sampleNext() keeps the K likeliest tokens, in their proportions", () => {
  const logits = logitsOf(PROBABILITIES);
  assertShares(shares(logits, { topK: 1 }), [0, 1, 0, 0, 0]);
  assertShares(shares(logits, { topK: 3 }), normalized([0, 0.4, 0, 0.25, 0.2]));
  assertShares(shares(logits, { topK: 5 }), PROBABILITIES);
  assertShares(shares(logits, { topK: 99 }), PROBABILITIES);
});

Deno.test("sampleNext() keeps what is exactly as likely as the K-th token, as Hugging Face does", () => {
  assertShares(shares([1, 2, 2, 0], { topK: 1 }), [0, 0.5, 0.5, 0]);
});

Deno.test("sampleNext() keeps the fewest tokens that reach P, and the one that reaches it", () => {
  const logits = logitsOf(PROBABILITIES); // sorted: 0.4, 0.25, 0.2, 0.1, 0.05
  assertShares(shares(logits, { topP: 1e-9 }), [0, 1, 0, 0, 0]); // never none
  assertShares(shares(logits, { topP: 0.39 }), [0, 1, 0, 0, 0]);
  assertShares(shares(logits, { topP: 0.41 }), normalized([0, 0.4, 0, 0.25, 0]));
  assertShares(shares(logits, { topP: 0.86 }), normalized([0.1, 0.4, 0, 0.25, 0.2]));
  assertShares(shares(logits, { topP: 1 }), PROBABILITIES);
});

Deno.test("sampleNext() keeps no token beyond a sum that is exactly P", () => {
  const cases: { p: number[]; topP: number; kept: number[] }[] = [
    { p: [0.3, 0.1, 0.1, 0.5], topP: 0.8, kept: [0, 3] },
    { p: [0.3, 0.1, 0.1, 0.5], topP: 0.5, kept: [3] },
    { p: [0.3, 0.1, 0.1, 0.5], topP: 0.9, kept: [0, 1, 3] },
    { p: [0.2, 0.7, 0.1], topP: 0.9, kept: [0, 1] },
    { p: [0.6, 0.1, 0.2, 0.1], topP: 0.8, kept: [0, 2] },
    { p: [0.6, 0.1, 0.2, 0.1], topP: 0.801, kept: [0, 1, 2] },
  ];
  for (const { p, topP, kept } of cases) {
    // As the model gives them, float32, and at several sizes: each rounds in its own way.
    for (const shift of [0, 1, -7, 30]) {
      const logits = Float32Array.from(p, (share) => Math.log(share) + shift);
      const got = shares(logits, { topP }).flatMap((share, id) => share > 0 ? [id] : []);
      assertEquals(got, kept, `${p} with ${topP} at ${shift}`);
    }
  }
});

Deno.test("sampleNext() counts equally likely tokens exactly: 7 of 10 reach 0.7, lowest ids first", () => {
  const logits = new Array<number>(10).fill(-3);
  const kept = shares(logits, { topP: 0.7 }).flatMap((share, id) => share > 0 ? [id] : []);
  assertEquals(kept, [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("sampleNext() applies temperature before the cuts", () => {
  const logits = logitsOf([0.9, 0.1]);
  assertShares(shares(logits, { topP: 0.85 }), [1, 0]);
  const flat = normalized([0.9 ** 0.25, 0.1 ** 0.25]); // 0.63 and 0.37
  assertShares(shares(logits, { topP: 0.85, temperature: 4 }), flat);
});

Deno.test("sampleNext() applies top-p to what top-k left", () => {
  const logits = logitsOf([0.5, 0.3, 0.2]);
  assertShares(shares(logits, { topP: 0.6 }), [0.625, 0.375, 0]);
  assertShares(shares(logits, { topP: 0.6, topK: 2 }), [1, 0, 0]); // 0.5 of 0.8 is 0.625 by now
});

Deno.test("sampleNext() at temperature 0 takes the likeliest token, the lowest id of equals", () => {
  assertShares(shares([1, 7, 3, 7], { temperature: 0 }), [0, 1, 0, 0]);
  assertShares(shares([7, 7, 7], { temperature: 0, topK: 2, topP: 0.5 }), [1, 0, 0]);
});

Deno.test("sampleNext() draws one number, and none at temperature 0", () => {
  const random = new Random(3), start = random.state();
  sampleNext([1, 2, 3], { temperature: 0 }, random);
  assertEquals(random.state(), start);
  sampleNext([1, 2, 3], {}, random);
  const other = new Random(3);
  other.uniform();
  assertEquals(random.state(), other.state());
});

Deno.test("sampleNext() never draws a token of probability 0, at either end of the draw", () => {
  const logits = [-Infinity, 0, -Infinity];
  for (const draw of [0, 0.5, 1 - 2 ** -32]) {
    assertEquals(sampleNext(logits, {}, new FixedRandom(draw)), 1);
  }
});

Deno.test("sampleNext() does not overflow: only differences of logits count", () => {
  assertShares(shares([1e4, 1e4, -1e4]), [0.5, 0.5, 0]);
  assertShares(shares([Infinity, 3]), [1, 0]);
  assertShares(shares([1, 2], { temperature: Number.MIN_VALUE }), [0, 1]);
});

Deno.test("sampleNext() reads Float32Array and number[] alike", () => {
  assertEquals(shares(Float32Array.of(0, 1, 2)), shares([0, 1, 2]));
  assertNotEquals(shares([0, 1, 2]), shares([2, 1, 0]));
});

/** The definition, a list at a time: what {@linkcode sampleNext} must give to the last bit. */
function sampleByDefinition(logits: readonly number[], options: SamplingOptions, draw: number) {
  const { temperature = 1, topK = Infinity, topP = 1 } = options;
  const highest = Math.max(...logits),
    total = (list: { weight: number }[]) => list.reduce((sum, { weight }) => sum + weight, 0);
  if (temperature === 0) return logits.indexOf(highest);
  const weightOf = (x: number) => x === highest ? 1 : Math.exp((x - highest) / temperature);
  let kept = logits.map((logit, id) => ({ id, weight: weightOf(logit) }));
  const byWeight = () => kept.toSorted((a, b) => b.weight - a.weight);
  const threshold = byWeight()[topK - 1]?.weight ?? 0;
  kept = kept.filter(({ weight }) => weight >= threshold);
  if (topP < 1) {
    const sorted = byWeight(), wanted = topP * (1 - 4e-6) * total(sorted);
    let mass = 0;
    kept = sorted.slice(0, sorted.findIndex(({ weight }) => (mass += weight) >= wanted) + 1);
  }
  let left = draw * total(kept);
  return kept.find(({ weight }) => (left -= weight) < 0)?.id ?? logits.indexOf(highest);
}

Deno.test("sampleNext() chooses as its definition does, in 5,000 random cases full of ties", () => {
  const random = new Random(11),
    pick = <T>(...values: T[]) => values[random.integer(values.length)];
  const seen = new Set<number>();
  for (let i = 0; i < 5000; i++) {
    const logits = Array.from(
      { length: 1 + random.integer(30) },
      () => pick(random.integer(4), random.integer(4), 3 * random.normal(), -Infinity, -900) ?? 0,
    );
    logits.push(pick(0, 2, 5, Infinity) ?? 0); // not all of probability 0
    const options = {
      temperature: pick(0, 0.2, 1, 1, 3) ?? 1,
      topK: pick(Infinity, 1 + random.integer(12)) ?? 1,
      topP: pick(1, 0.5, 1 - random.uniform()) ?? 1,
    };
    const draw = pick(0, 1 - 2 ** -32, random.uniform(), random.uniform()) ?? 0;
    const id = sampleNext(logits, options, new FixedRandom(draw));
    assertEquals(
      id,
      sampleByDefinition(logits, options, draw),
      JSON.stringify([logits, options, draw]),
    );
    seen.add(id);
  }
  assertEquals(seen.size > 20, true, "cases differ");
});

const refusals: [what: string, options: SamplingOptions, message: string][] = [
  ["a negative temperature", { temperature: -1 }, "expected a temperature from 0 on, got -1"],
  ["no number as temperature", { temperature: NaN }, "expected a temperature from 0 on, got NaN"],
  [
    "an endless temperature",
    { temperature: Infinity },
    "expected a temperature from 0 on, got Infinity",
  ],
  ["a top-k of 0", { topK: 0 }, "expected topK from 1 on, got 0"],
  ["a broken top-k", { topK: 1.5 }, "expected topK from 1 on, got 1.5"],
  ["a top-p of 0", { topP: 0 }, "expected topP above 0, at most 1, got 0"],
  ["a top-p above 1", { topP: 1.1 }, "expected topP above 0, at most 1, got 1.1"],
];
for (const [what, options, message] of refusals) {
  Deno.test(`sampleNext() refuses ${what}`, () => {
    assertThrows(
      () => sampleNext([1, 2], options, new Random(1)),
      RangeError,
      `Cannot choose a token: ${message}`,
    );
  });
}

Deno.test("sampleNext() refuses NaN and an empty list", () => {
  const choose = (logits: number[]) => () => sampleNext(logits, {}, new Random(1));
  assertThrows(
    choose([1, NaN]),
    TypeError,
    "Cannot choose a token: expected numbers, got NaN for id 1",
  );
  assertThrows(
    choose([]),
    TypeError,
    "Cannot choose a token: expected at least one logit, got none",
  );
});
