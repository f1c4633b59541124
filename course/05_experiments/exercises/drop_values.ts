import { Random } from "lib/core/mod.ts";
import { CountingRandom, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (
  values: Float32Array,
  options: { readonly rate: number; readonly random: Random },
) => Float32Array;

const COUNT = 5000;
const ones = () => new Float32Array(COUNT).fill(1);
const random = (seed: number) => new CountingRandom(seed, 10 * COUNT);

/** Draws 0 only: the smallest number that `uniform()` can give. */
class Zeros extends Random {
  override uint32(): number {
    return 0;
  }
}

/** Drops by one rule and scales what is kept by another. */
const altered = (
  isDropped: (draw: number, rate: number) => boolean,
  scale = (rate: number) => 1 / (1 - rate),
): WrongAnswer<Answer> =>
(values, { rate, random }) =>
  values.map((value) => isDropped(random.uniform(), rate) ? 0 : value * scale(rate));

const shareOf0 = (values: Float32Array) => values.filter((value) => value === 0).length / COUNT;

/** 5.5a: dropout of a list of values. */
export default exercise<Answer>({
  name: "dropValues",
  reference: (values, { rate, random }) =>
    values.map((value) => random.uniform() < rate ? 0 : value / (1 - rate)),
  returns: "Float32Array",
  cases: {
    "rate 0": () => [Float32Array.of(1, -2, 3), { rate: 0, random: random(1) }],
    "no values": () => [new Float32Array(), { rate: 0.5, random: random(1) }],
  },
  probes: {
    "rate 0 and draws of exactly 0": (answer) => [
      ...answer(Float32Array.of(1, 2), { rate: 0, random: new Zeros(1) }),
    ],
    "how much a kept value grows, at the rates 0.2, 0.5 and 0.75": (answer) =>
      [0.2, 0.5, 0.75].map((rate) => {
        const kept = answer(ones(), { rate, random: random(8) }).filter((value) => value !== 0);
        return [...new Set(kept)].sort();
      }),
  },
  properties: {
    "the share that is dropped": (answer) => {
      for (const rate of [0.1, 0.25, 0.5, 0.8]) {
        const share = shareOf0(answer(ones(), { rate, random: random(7) }));
        // Four standard errors of a share among 5,000.
        const reach = 4 * Math.sqrt(rate * (1 - rate) / COUNT);
        expectThat(
          Math.abs(share - rate) < reach,
          `expected a share of ${rate} to be dropped, got ${share.toFixed(3)}`,
        );
      }
    },
    "the share of lists with one value": (answer) => {
      const generator = random(11), rate = 0.5;
      const given = () => answer(Float32Array.of(3), { rate, random: generator });
      const dropped = Array.from({ length: 400 }, given).filter(([value]) => value === 0);
      expectThat(
        Math.abs(dropped.length / 400 - rate) < 0.1,
        `expected a share of ${rate} to be dropped, got ${dropped.length / 400}`,
      );
    },
    "neighbours that have nothing to do with each other": (answer) => {
      const dropped = answer(ones(), { rate: 0.5, random: random(9) }).map((v) => v === 0 ? 1 : 0);
      const both = dropped.filter((bit, i) => bit === 1 && dropped[i + 1] === 1).length / COUNT;
      expectThat(
        Math.abs(both - 0.25) < 0.03,
        `expected two neighbours to be dropped with a share of 0.25, got ${both.toFixed(3)}`,
      );
    },
    "other values with another seed, the same with the same": (answer) => {
      const bits = (seed: number) => String(answer(ones(), { rate: 0.5, random: random(seed) }));
      expectThat(bits(1) === bits(1), "expected the same drop from the same seed, got another");
      expectThat(bits(1) !== bits(2), "expected another drop from another seed, got the same");
    },
    "one draw for each value": (answer) => {
      const generator = random(3);
      answer(ones(), { rate: 0.5, random: generator });
      expectThat(
        generator.draws === COUNT,
        `expected ${COUNT} draws for ${COUNT} values, got ${generator.draws}`,
      );
    },
  },
  mistakes: {
    "a draw can be exactly 0, and a rate of 0 drops nothing: test with <": altered((draw, rate) =>
      draw <= rate
    ),
    "what is kept must grow by 1 / (1 − rate): else the sums are smaller in training than later":
      altered((draw, rate) => draw < rate, () => 1),
    "what is kept is multiplied by 1 − rate: divide": altered(
      (draw, rate) => draw < rate,
      (rate) => 1 - rate,
    ),
    "what is kept is divided by the rate: by 1 − rate": altered(
      (draw, rate) => draw < rate,
      (rate) => rate === 0 ? 1 : 1 / rate,
    ),
    "rate is the share that is kept here: it is the share that is dropped": altered((draw, rate) =>
      rate > 0 && draw >= rate
    ),
    "one draw for all values: either all are dropped or none": (values, { rate, random }) => {
      const isDropped = random.uniform() < rate;
      return values.map((value) => isDropped ? 0 : value / (1 - rate));
    },
    "one draw for every two values: neighbours share their fate": (values, { rate, random }) => {
      let draw = 0;
      return values.map((value, i) => {
        if (i % 2 === 0) draw = random.uniform();
        return draw < rate ? 0 : value / (1 - rate);
      });
    },
    "a generator of its own: use the one that is given": (values, { rate }) => {
      const own = new Random(1);
      return values.map((value) => own.uniform() < rate ? 0 : value / (1 - rate));
    },
    "always the first values: which are dropped must be drawn": (values, { rate }) =>
      values.map((value, i) => i < rate * values.length ? 0 : value / (1 - rate)),
    "the rate is written in": altered((draw) => draw < 0.5, () => 2),
    "nothing is dropped": (values) => values.slice(),
    "the values are changed in place: the caller still needs them": (values, { rate, random }) => {
      for (const i of values.keys()) {
        values[i] = random.uniform() < rate ? 0 : (values[i] ?? 0) / (1 - rate);
      }
      return values;
    },
  },
  styles: {
    "by a mask": (values, { rate, random }) => {
      const mask = Array.from(values, () => random.uniform() >= rate ? 1 / (1 - rate) : 0);
      return Float32Array.from(values, (value, i) => value * (mask[i] ?? 0));
    },
    "drawn from the end, kept below": ({ length, ...values }, { rate, random }) => {
      const result = new Float32Array(length), keep = 1 - rate;
      for (let i = length - 1; i >= 0; i--) {
        if (random.uniform() < keep) result[i] = (values[i] ?? 0) / keep;
      }
      return result;
    },
  },
});
