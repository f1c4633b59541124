import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (logits: readonly number[], temperature: number) => number[];

const normalized = (weights: readonly number[]) => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
};
const altered = (
  weightOf: (logit: number, temperature: number, highest: number) => number,
): WrongAnswer<Answer> =>
(logits, temperature) =>
  normalized(logits.map((logit) => weightOf(logit, temperature, Math.max(...logits))));

/** 4.3a: from logits to probabilities, sharper or flatter by a temperature. */
export default exercise<Answer>({
  name: "nextProbabilities",
  reference: (logits, temperature) => {
    const highest = Math.max(...logits);
    return normalized(logits.map((logit) => Math.exp((logit - highest) / temperature)));
  },
  returns: "numbers",
  cases: {
    "0, 1 and 2 at temperature 1": () => [[0, 1, 2], 1],
    "the same at temperature 0.5": () => [[0, 1, 2], 0.5],
    "the same at temperature 2": () => [[0, 1, 2], 2],
    "logits of 1,000": () => [[1000, 999, 990], 1],
    "logits of 1,000 at temperature 0.5": () => [[1000, 999], 0.5],
    "logits of −1,000": () => [[-1000, -999], 0.7],
    "a first logit far below the largest": () => [[-800, 0, 1], 1],
    "one token": () => [[5], 1],
    "a temperature near 0": () => [[1, 3, 2], 0.01],
    "a token that is ruled out, −Infinity": () => [[0, -Infinity, 1], 1],
  },
  drawn: (random, i) => [
    Array.from({ length: i + 1 }, () => 4 * random.normal()),
    0.2 + 2 * random.uniform(),
  ],
  mistakes: {
    "exp overflows for large logits: take the largest logit off first": [
      altered((logit, temperature) => Math.exp(logit / temperature)),
    ],
    "multiplied by the temperature: divide, so that a high one makes the choice flatter": altered((
      logit,
      temperature,
      highest,
    ) => Math.exp((logit - highest) * temperature)),
    "the temperature is not used": altered((logit, _t, highest) => Math.exp(logit - highest)),
    "the probabilities are divided, not the logits": (logits, temperature) => {
      const highest = Math.max(...logits);
      const plain = normalized(logits.map((logit) => Math.exp(logit - highest)));
      return plain.map((probability) => probability / temperature);
    },
    "these do not add up to 1: divide by their sum": (logits, temperature) => {
      const highest = Math.max(...logits);
      return logits.map((logit) => Math.exp((logit - highest) / temperature));
    },
    "shares of the logits themselves: take exp": (logits, temperature) =>
      normalized(logits.map((logit) => logit / temperature)),
    "these are log-probabilities: take exp": (logits, temperature) => {
      const highest = Math.max(...logits);
      const logs = logits.map((logit) => (logit - highest) / temperature);
      const sum = Math.log(logs.reduce((total, log) => total + Math.exp(log), 0));
      return logs.map((log) => log - sum);
    },
    "powers of 2: softmax takes powers of e": altered((logit, temperature, highest) =>
      2 ** ((logit - highest) / temperature)
    ),
    "the largest logit is divided by the temperature too late": altered((
      logit,
      temperature,
      highest,
    ) => Math.exp(logit / temperature - highest)),
    "the smallest logit is taken off: the largest keeps exp from overflowing": (
      logits,
      temperature,
    ) => {
      const lowest = Math.min(...logits);
      return normalized(logits.map((logit) => Math.exp((logit - lowest) / temperature)));
    },
  },
  styles: {
    "by the sum of exponentials in logarithms": (logits, temperature) => {
      const scaled = logits.map((logit) => logit / temperature);
      const top = scaled.reduce((a, b) => a > b ? a : b);
      const total = top + Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - top), 0));
      return scaled.map((x) => Math.exp(x - total));
    },
    "a loop": (logits, temperature) => {
      let most = -Infinity, sum = 0;
      for (const logit of logits) most = logit > most ? logit : most;
      const weights: number[] = [];
      for (const logit of logits) {
        weights.push(Math.pow(Math.E, (logit - most) / temperature));
        sum += weights.at(-1) ?? 0;
      }
      return weights.map((weight) => weight / sum);
    },
  },
});
