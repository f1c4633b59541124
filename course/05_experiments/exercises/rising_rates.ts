import { exercise } from "lib/grade/mod.ts";

type Answer = (
  options: { readonly from: number; readonly to: number; readonly steps: number },
) => number[];

/** 5.2a: learning rates that rise from step to step by one factor. */
export default exercise<Answer>({
  name: "risingRates",
  reference: ({ from, to, steps }) =>
    Array.from({ length: steps }, (_, step) => from * (to / from) ** (step / (steps - 1))),
  returns: "numbers",
  cases: {
    "from 1e-4 to 1 in 5 steps": () => [{ from: 1e-4, to: 1, steps: 5 }],
    "from 1 to 8 in 4 steps": () => [{ from: 1, to: 8, steps: 4 }],
    "from 0.5 to 2 in 2 steps": () => [{ from: 0.5, to: 2, steps: 2 }],
    "falling, from 100 to 1 in 3 steps": () => [{ from: 100, to: 1, steps: 3 }],
  },
  drawn: (random) => [{
    from: 10 ** (-3 * random.uniform()),
    to: 10 ** (2 * random.uniform()),
    steps: 2 + random.integer(30),
  }],
  // Rates count by their factor, and a tolerance of 1e-5 would hide the small ones.
  read: (rates) => rates.map((rate) => Math.log(rate)),
  mistakes: {
    "these rise by equal amounts: almost all steps would be near the highest rate; take equal factors":
      ({ from, to, steps }) =>
        Array.from({ length: steps }, (_, step) => from + (to - from) * step / (steps - 1)),
    "the last rate is missing: n steps have n − 1 factors between them": ({ from, to, steps }) =>
      Array.from({ length: steps }, (_, step) => from * (to / from) ** (step / steps)),
    "the first rate is missing: step 0 has the rate `from`": [
      ({ from, to, steps }) =>
        Array.from({ length: steps }, (_, step) => from * (to / from) ** ((step + 1) / steps)),
      ({ from, to, steps }) =>
        Array.from(
          { length: steps },
          (_, step) => from * (to / from) ** ((step + 1) / (steps - 1)),
        ),
    ],
    "one rate too many: a list of `steps` rates": ({ from, to, steps }) =>
      Array.from({ length: steps + 1 }, (_, step) => from * (to / from) ** (step / steps)),
    "the factor is `to`, not to / from": ({ from, to, steps }) =>
      Array.from({ length: steps }, (_, step) => from * to ** (step / (steps - 1))),
    "these fall: begin at `from`": ({ from, to, steps }) =>
      Array.from({ length: steps }, (_, step) => to * (from / to) ** (step / (steps - 1))),
    "the factor is e, not the one that leads to `to`": ({ from, steps }) =>
      Array.from({ length: steps }, (_, step) => from * Math.exp(step)),
  },
  styles: {
    "by logarithms": ({ from, to, steps }) => {
      const start = Math.log10(from), width = Math.log10(to) - start;
      return [...Array(steps).keys()].map((step) => 10 ** (start + width * step / (steps - 1)));
    },
    "one factor after the other": ({ from, to, steps }) => {
      const factor = Math.pow(to / from, 1 / (steps - 1)), rates = [from];
      while (rates.length < steps) rates.push((rates.at(-1) ?? NaN) * factor);
      return rates;
    },
  },
});
