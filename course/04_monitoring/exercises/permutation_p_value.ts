import { exercise } from "lib/grade/mod.ts";

type Answer = (measured: number, shuffled: readonly number[]) => number;

/** 4.5b: how likely chance does as well as what was measured. */
export default exercise<Answer>({
  name: "permutationPValue",
  reference: (measured, shuffled) =>
    (1 + shuffled.filter((value) => value >= measured).length) / (1 + shuffled.length),
  returns: "number",
  cases: {
    "0.8 among 0.1, 0.2, 0.9 and 0.3": () => [0.8, [0.1, 0.2, 0.9, 0.3]],
    "larger than all": () => [0.95, [0.1, 0.2, 0.9, 0.3]],
    "larger than all of 99": () => [0.95, Array.from({ length: 99 }, (_, i) => i / 200)],
    "smaller than all": () => [0.05, [0.1, 0.2, 0.9, 0.3]],
    "as large as two of them": () => [0.2, [0.1, 0.2, 0.2, 0.3]],
    "no shuffle at all": () => [0.5, []],
    "999 shuffles": () => [0.6, Array.from({ length: 999 }, (_, i) => i / 999)],
  },
  drawn: (random, i) => [
    random.integer(10) / 10,
    Array.from({ length: i + 1 }, () => random.integer(10) / 10),
  ],
  mistakes: {
    "0 is no probability that shuffles can show: what was measured counts as one of them, above and below":
      (measured, shuffled) =>
        shuffled.length === 0 ? 0 : shuffled.filter((v) => v >= measured).length / shuffled.length,
    "what was measured counts above, and must count below too": (measured, shuffled) =>
      (1 + shuffled.filter((value) => value >= measured).length) / Math.max(1, shuffled.length),
    "a shuffle that is equally good counts as well: at least as large": (measured, shuffled) =>
      (1 + shuffled.filter((value) => value > measured).length) / (1 + shuffled.length),
    "that counts the shuffles that are worse": [
      (measured, shuffled) =>
        (1 + shuffled.filter((value) => value < measured).length) / (1 + shuffled.length),
      (measured, shuffled) =>
        (1 + shuffled.filter((value) => value <= measured).length) / (1 + shuffled.length),
    ],
    "that is one minus it": (measured, shuffled) =>
      1 - (1 + shuffled.filter((value) => value >= measured).length) / (1 + shuffled.length),
    "the number of shuffles is written in": (measured, shuffled) =>
      (1 + shuffled.filter((value) => value >= measured).length) / 1000,
    "that is a count: divide by the number of all": (measured, shuffled) =>
      1 + shuffled.filter((value) => value >= measured).length,
  },
  styles: {
    "a loop": (measured, shuffled) => {
      let asGood = 1;
      for (const value of shuffled) if (!(value < measured)) asGood++;
      return asGood / (shuffled.length + 1);
    },
    "among all": (measured, shuffled) => {
      const all = [measured, ...shuffled];
      return all.filter((value) => value >= measured).length / all.length;
    },
  },
});
