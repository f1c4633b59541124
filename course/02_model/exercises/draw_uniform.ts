import type { Random } from "lib/core/mod.ts";
import { CountingRandom, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { drawUniform } from "../parts.ts";
import { correlation, share, sortedSizes } from "../draws.ts";

type Answer = typeof drawUniform;

/** Uniform from −limit to limit. */
const upTo =
  (limit: (deviation: number) => number): WrongAnswer<Answer> => (count, deviation, random) =>
    Float32Array.from({ length: count }, () => limit(deviation) * (2 * random.uniform() - 1));

/** Each number from one uniform draw and the right limit. */
const each = (number: (u: number, limit: number) => number): WrongAnswer<Answer> =>
(
  count,
  deviation,
  random,
) => Float32Array.from({ length: count }, () => number(random.uniform(), Math.sqrt(3) * deviation));

const asked = (count: number, deviation: number, seed: number) => (): Parameters<Answer> => [
  count,
  deviation,
  new CountingRandom(seed, 4 * count + 100),
];

/** So many draws that a share of one half is off by less than 0.02 in all but 1 of 10⁸ streams. */
const MANY = 20_000;

const many = (answer: Answer) => answer(MANY, 0.3, new CountingRandom(11, 4 * MANY));

/** 2.2b: uniform numbers around 0 with a given standard deviation. */
export default exercise<Answer>({
  name: "drawUniform",
  reference: drawUniform,
  returns: "Float32Array",
  cases: {
    "5 numbers of deviation 0.05": asked(5, 0.05, 7),
    "9 numbers of deviation 2, another seed": asked(9, 2, 8),
    "one number": asked(1, 0.3, 9),
    "no number": asked(0, 0.3, 10),
    "1,000 numbers": asked(1000, 0.125, 12),
  },
  drawn: (random, i) => asked(1 + random.integer(6), random.uniform(), 100 + i)(),
  // Which number comes from which draw, and with which sign, is the answer's choice.
  read: (numbers) => sortedSizes(numbers),
  probes: {
    "how many draws 50 numbers take": (answer) => {
      const random = new CountingRandom(3);
      answer(50, 1, random);
      return random.draws;
    },
  },
  properties: {
    "half of 20,000 numbers lie above 0": (answer) => {
      const above = share(many(answer), (x) => x > 0);
      expectThat(
        Math.abs(above - 0.5) < 0.02,
        `expected half of the numbers above 0, got a share of ${above.toFixed(3)}; draw from ` +
          "−limit to limit: 2 * random.uniform() - 1 lies around 0",
      );
    },
    "the size of a number says nothing of the next one": (answer) => {
      const found = correlation(many(answer));
      expectThat(
        Math.abs(found) < 0.04,
        `expected numbers that know nothing of each other, got a correlation of ${
          found.toFixed(3)
        } between neighbours; draw anew for each`,
      );
    },
  },
  mistakes: {
    "the limit is not the deviation: uniform numbers up to L have deviation L/√3": upTo((d) => d),
    "that divides by √3: the limit is √3 times the deviation": upTo((d) => d / Math.sqrt(3)),
    "that squares the deviation: the limit is √3 times the deviation itself": upTo((d) =>
      Math.sqrt(3) * d ** 2
    ),
    "that takes the deviation for a variance: it is a root already": upTo((d) => Math.sqrt(3 * d)),
    "√6 belongs to a limit √(6/(in + out)), where 2/(in + out) is inside": upTo((d) =>
      Math.sqrt(6) * d
    ),
    "3 times the deviation: the limit is √3 times it": upTo((d) => 3 * d),
    "a uniform draw around 0 goes down to −limit too: 2 * random.uniform() - 1": [
      each((u, limit) => limit * u),
      each((u, limit) => 2 * limit * u),
      each((u, limit) => Math.abs(limit * (2 * u - 1))),
    ],
    "from −limit to limit are 2 · limit: 2 * random.uniform() - 1, not random.uniform() - 0.5":
      each((
        u,
        limit,
      ) => limit * (u - 0.5)),
    "brackets: 2 * random.uniform() - 1 is what is multiplied by the limit": each((u, limit) =>
      limit * 2 * u - 1
    ),
    "one number is drawn and used for all: draw anew for each": [
      (count, deviation, random) =>
        new Float32Array(count).fill(Math.sqrt(3) * deviation * (2 * random.uniform() - 1)),
      (count, deviation, random) => new Float32Array(count).fill(deviation * random.uniform()),
    ],
    "these are normal numbers: a uniform draw has an end, unlike random.normal()": (
      count,
      deviation,
      random,
    ) => Float32Array.from({ length: count }, () => deviation * random.normal()),
    "only two values are drawn, plus and minus: every number between is as likely": [
      each((u, limit) => u < 0.5 ? -limit : limit),
      (count, deviation, random) =>
        Float32Array.from({ length: count }, () => random.uniform() < 0.5 ? -deviation : deviation),
    ],
    "`count` is not used as it is: one number is missing or too much": [
      (count, ...rest) => drawUniform(count + 1, ...rest),
      (count, ...rest) => drawUniform(Math.max(0, count - 1), ...rest),
    ],
    "that is a generator of your own: draw from `random`, which comes with its seed": [
      (count, deviation) => drawUniform(count, deviation, newRandom(1)),
      (count, deviation) => drawUniform(count, deviation, newRandom(42)),
    ],
  },
  styles: {
    "a plain loop, mirrored": (count, deviation, random) => {
      const numbers = new Float32Array(count), limit = deviation * 3 ** 0.5;
      for (let i = 0; i < count; i++) numbers[i] = limit - 2 * limit * random.uniform();
      return numbers;
    },
    "from the end, by √12": (count, deviation, random) => {
      const numbers = new Float32Array(count);
      while (count > 0) numbers[--count] = (random.uniform() - 0.5) * Math.sqrt(12) * deviation;
      return numbers;
    },
  },
});

function newRandom(seed: number): Random {
  return new CountingRandom(seed);
}
