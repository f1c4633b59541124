import { exercise } from "lib/grade/mod.ts";
import { sum } from "../cases.ts";

type Answer = (losses: readonly number[]) => number;

const mean = (values: readonly number[]) => sum(values) / values.length;
const reference: Answer = (losses) => Math.exp(mean(losses));

/** 1.6c: e to the mean loss. */
export default exercise<Answer>({
  name: "perplexity",
  reference,
  returns: "number",
  cases: {
    "the losses 0, ln 4, ln 16": () => [[0, Math.log(4), Math.log(16)]],
    "losses of 0": () => [[0, 0]],
    "one loss of 2.5": () => [[2.5]],
    "6,000 losses": () => [Array.from({ length: 6000 }, (_, i) => i % 3 + 0.25)],
  },
  drawn: (random) => [
    Array.from({ length: 1 + random.integer(6) }, () => random.integer(40) / 8),
  ],
  mistakes: {
    "2 to the loss is for bits: losses in nats go with e": (losses) => 2 ** mean(losses),
    "the mean of perplexities: take the mean of the losses first": (losses) =>
      mean(losses.map(Math.exp)),
    "e to the sum: take the mean of the losses first": (losses) => Math.exp(sum(losses)),
    "this is the mean loss: raise e to it, Math.exp": [mean, (losses) => sum(losses)],
    "the sign is wrong: the losses are positive already, so no minus": (losses) =>
      Math.exp(-mean(losses)),
    "a product of thousands of factors overflows: take the mean of the losses, then Math.exp": (
      losses,
    ) => losses.reduce((product, loss) => product * Math.exp(loss), 1) ** (1 / losses.length),
    "rounded: a perplexity is no whole number": [
      (losses) => Math.round(reference(losses)),
      (losses) => Math.floor(reference(losses)),
      (losses) => Math.ceil(reference(losses)),
    ],
    "10 to the loss: losses in nats go with e": (losses) => 10 ** mean(losses),
    "the mean divides by the number of losses, no more and no less": [
      (losses) => Math.exp(sum(losses) / (losses.length - 1)),
      (losses) => Math.exp(sum(losses) / (losses.length + 1)),
      (losses) => Math.exp(mean(losses.filter((loss) => loss > 0))),
      (losses) => Math.exp(sum(losses) / 6),
    ],
    "this is one loss out of the middle: take the mean": (losses) =>
      Math.exp(losses.toSorted((a, b) => a - b)[Math.floor(losses.length / 2)] ?? 0),
  },
  styles: {
    "a loop": (losses) => {
      let total = 0;
      for (let i = 0; i < losses.length; i++) total += losses[i] ?? 0;
      return Math.E ** (total / losses.length);
    },
    "a product of roots": (losses) =>
      losses.reduce((product, loss) => product * Math.exp(loss / losses.length), 1),
  },
});
