import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (
  step: number,
  betas: { readonly beta1: number; readonly beta2: number },
) => { correction1: number; correction2: number };

/** Both corrections by one formula. */
const both =
  (formula: (beta: number, step: number) => number): WrongAnswer<Answer> =>
  (step, { beta1, beta2 }) => ({
    correction1: formula(beta1, step),
    correction2: formula(beta2, step),
  });

const right = (beta: number, step: number) => 1 / (1 - beta ** (step + 1));
const USUAL = { beta1: 0.9, beta2: 0.999 };

/** 3.3a: what the running means of Adam are multiplied with. */
export default exercise<Answer>({
  name: "biasCorrections",
  reference: (step, { beta1, beta2 }) => ({
    correction1: right(beta1, step),
    correction2: right(beta2, step),
  }),
  returns: { correction1: "number", correction2: "number" },
  cases: {
    "step 0 and betas of 0.9 and 0.999": () => [0, USUAL],
    "step 1 and the same betas": () => [1, USUAL],
    "step 9 and the same betas": () => [9, USUAL],
    "step 4999 and the same betas": () => [4999, USUAL],
    "step 3 and betas of 0.5 and 0.25": () => [3, { beta1: 0.5, beta2: 0.25 }],
    "step 2 and a beta of 0": () => [2, { beta1: 0, beta2: 0.9 }],
  },
  drawn: (random) => [
    random.integer(50),
    { beta1: random.uniform() * 0.95, beta2: random.uniform() * 0.999 },
  ],
  mistakes: {
    "this divides by 0: steps count from 0, the exponent is step + 1": both((beta, step) =>
      1 / (1 - beta ** step)
    ),
    "the exponent is one too large: at step 0 it is 1": both((beta, step) =>
      1 / (1 - beta ** (step + 2))
    ),
    "the exponent is missing: β is raised to the power of step + 1": both((beta) => 1 / (1 - beta)),
    "the power binds closer than the sum: put step + 1 into brackets, beta ** (step + 1)": [
      both((beta, step) => 1 / (1 - beta ** step + 1)),
      both((beta, step) => 1 / (1 - (beta ** step + 1))),
    ],
    "that is a product, β · (step + 1): a power is written **": both((beta, step) =>
      1 / (1 - beta * (step + 1))
    ),
    "^ is no power in TypeScript, it works on bits: a power is written **": both((beta, step) =>
      1 / (1 - (beta ^ (step + 1)))
    ),
    "there is no bias correction: the first means are 10 and 1000 times too small": both(() => 1),
    "the betas are swapped: beta1 is for the mean, beta2 for the squares": (
      step,
      { beta1, beta2 },
    ) => ({ correction1: right(beta2, step), correction2: right(beta1, step) }),
    "both corrections are made from one beta": [
      (step, { beta1 }) => ({
        correction1: right(beta1, step),
        correction2: right(beta1, step),
      }),
      (step, { beta2 }) => ({
        correction1: right(beta2, step),
        correction2: right(beta2, step),
      }),
    ],
    "this is 1 − βᵗ, to divide by: asked for is 1 / (1 − βᵗ)": both((beta, step) =>
      1 - beta ** (step + 1)
    ),
    "(1 − β) is raised to the power: raise β first, then subtract": both((beta, step) =>
      1 / (1 - beta) ** (step + 1)
    ),
    "the betas are written in: use those that you are given": (step) => ({
      correction1: right(0.9, step),
      correction2: right(0.999, step),
    }),
  },
  styles: {
    "Math.pow, and t from 1": (step, betas) => {
      const t = step + 1;
      const correction1 = (1 - Math.pow(betas.beta1, t)) ** -1;
      return { correction1, correction2: (1 - Math.pow(betas.beta2, t)) ** -1 };
    },
    "a product in a loop": (step, { beta1, beta2 }) => {
      let first = 1, second = 1;
      for (let i = 0; i <= step; i++) [first, second] = [first * beta1, second * beta2];
      return { correction1: 1 / (1 - first), correction2: 1 / (1 - second) };
    },
  },
});
