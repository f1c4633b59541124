import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { sum } from "../cases.ts";

type Answer = (probabilities: readonly number[]) => number;

/** A sum over what can come, with the given logarithm. */
const weighed = (log: (p: number) => number): Answer => (probabilities) =>
  sum(probabilities.filter((p) => p > 0).map((p) => -p * log(p)));
const reference = weighed(Math.log);

/** A loop that goes wrong where p is 0. */
const atZero = (act: (total: number) => number): WrongAnswer<Answer> => (probabilities) =>
  probabilities.reduce((total, p) => p === 0 ? act(total) : total - p * Math.log(p), 0);

/** 1.6a: −Σ p ln p in nats. */
export default exercise<Answer>({
  name: "entropy",
  reference,
  returns: "number",
  cases: {
    "[0.5, 0.25, 0.25]": () => [[0.5, 0.25, 0.25]],
    "[1, 0]": () => [[1, 0]],
    "[0.5, 0.5, 0]": () => [[0.5, 0.5, 0]],
    "[0, 0.2, 0.8]": () => [[0, 0.2, 0.8]],
    "[1]": () => [[1]],
    "250 that are equally likely": () => [Array(250).fill(1 / 250)],
    "one in a million": () => [[1e-6, 1 - 1e-6]],
  },
  drawn: (random) => {
    const weights = Array.from({ length: 1 + random.integer(5) }, () => random.integer(5));
    const shares = [1, ...weights];
    return [shares.map((weight) => weight / sum(shares))];
  },
  mistakes: {
    "log2 gives bits: nats are Math.log, the natural logarithm": weighed(Math.log2),
    "log10 is no nats: take Math.log": weighed(Math.log10),
    "the sign is missing: ln p is negative, so take -p ln p": weighed((p) => -Math.log(p)),
    "this divides by the number of outcomes: p is the weight": [
      (probabilities) => reference(probabilities) / probabilities.length,
      (probabilities) => reference(probabilities) / probabilities.filter((p) => p > 0).length,
    ],
    "the weight p is missing: sum -p ln p, not -ln p": [
      (probabilities) => sum(probabilities.map((p) => -Math.log(p))),
      (probabilities) => sum(probabilities.map((p) => p === 0 ? 0 : -Math.log(p))),
    ],
    "a plain mean of -ln p: each weighs p": (probabilities) =>
      sum(probabilities.map((p) => -Math.log(p))) / probabilities.length,
    "0 * ln 0 is NaN: what never comes adds 0": [
      (probabilities) => sum(probabilities.map((p) => -p * Math.log(p))),
      (probabilities) => probabilities.reduce((total, p) => total - p * Math.log(p), 0),
    ],
    "p = 0 ends the whole sum: it adds 0, and the sum goes on": [
      atZero(() => 0),
      (probabilities) => {
        const end = probabilities.indexOf(0);
        return reference(end === -1 ? probabilities : probabilities.slice(0, end));
      },
    ],
    "ln is taken of the sum, not of each p": (probabilities) =>
      sum(probabilities.map((p) => -p * Math.log(sum(probabilities)))),
    "this is the perplexity, e to the entropy": (probabilities) =>
      Math.exp(reference(probabilities)),
    "something is added inside the logarithm: leave 0 out instead": (probabilities) =>
      sum(probabilities.map((p) => -p * Math.log(p + 1e-3))),
    "a text, not a number: leave the rounding to whoever prints it": (probabilities) =>
      reference(probabilities).toFixed(3),
  },
  styles: {
    "a loop": (probabilities) => {
      let nats = 0;
      for (const p of probabilities) if (p > 0) nats += p * Math.log(1 / p);
      return nats;
    },
    "a small number inside": (probabilities) =>
      -sum(probabilities.map((p) => p * Math.log(p + 1e-12))),
    "float32": (probabilities) =>
      probabilities.reduce(
        (total, p) => Math.fround(total + (p && -p * Math.log2(p) * Math.LN2)),
        0,
      ),
  },
});
