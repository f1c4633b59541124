import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { weightDeviation } from "../parts.ts";

type Answer = typeof weightDeviation;
type Variance = (fanIn: number, fanOut: number) => number;

/** Right for one rule, and another formula for the other. */
const other =
  (rule: "xavier" | "he", variance: Variance): WrongAnswer<Answer> => (asked, ...fans) =>
    asked === rule ? Math.sqrt(variance(...fans)) : weightDeviation(asked, ...fans);

const xavier: Variance = (fanIn, fanOut) => 2 / (fanIn + fanOut);
const he: Variance = (fanIn) => 2 / fanIn;

/** 2.2a: Xavier's and He's deviation. */
export default exercise<Answer>({
  name: "weightDeviation",
  reference: weightDeviation,
  returns: "number",
  cases: {
    "xavier, 256 inputs, 768 outputs": () => ["xavier", 256, 768],
    "he, 256 inputs, 768 outputs": () => ["he", 256, 768],
    "xavier, 30 inputs, 2 outputs": () => ["xavier", 30, 2],
    "he, 2 inputs, 30 outputs": () => ["he", 2, 30],
    "xavier, one of each": () => ["xavier", 1, 1],
    "he, one of each": () => ["he", 1, 1],
  },
  drawn: (random, i) =>
    [i % 2 === 0 ? "xavier" : "he", ...[1, 2].map(() => 1 + random.integer(9))] as [
      "xavier" | "he", // a rule and two sizes
      number,
      number,
    ],
  mistakes: {
    "that is the variance: the standard deviation is its root": [
      (rule, ...fans) => rule === "he" ? he(...fans) : xavier(...fans),
      (rule, ...fans) => rule === "he" ? he(...fans) : weightDeviation(rule, ...fans),
      (rule, ...fans) => rule === "he" ? weightDeviation(rule, ...fans) : xavier(...fans),
    ],
    "that is the limit of a uniform draw, √3 times the standard deviation": [
      (...args) => Math.sqrt(3) * weightDeviation(...args),
      other("xavier", (...fans) => 3 * xavier(...fans)),
      other("he", (...fans) => 3 * he(...fans)),
    ],
    "1/in keeps a linear layer's size; ReLU takes half away, which He's 2/in makes up for": other(
      "he",
      (fanIn) => 1 / fanIn,
    ),
    "Xavier takes 2/(in + out), the middle between 1/in and 1/out, not 1/(in + out)": other(
      "xavier",
      (fanIn, fanOut) => 1 / (fanIn + fanOut),
    ),
    "in + out belongs in brackets: 2 / in + out is not 2 / (in + out)": other(
      "xavier",
      (fanIn, fanOut) => 2 / fanIn + fanOut,
    ),
    "He counts the inputs (fan-in) going forward, not the outputs (fan-out)": other(
      "he",
      (_, fanOut) => 2 / fanOut,
    ),
    "the two rules are swapped": (rule, ...fans) =>
      weightDeviation(rule === "he" ? "xavier" : "he", ...fans),
    "that is He's rule for both: Xavier counts inputs and outputs": other("xavier", he),
    "that is Xavier's rule for both: He counts the inputs alone": other("he", xavier),
    "Xavier counts the inputs and the outputs, not the outputs alone": other(
      "xavier",
      (_, fanOut) => 2 / fanOut,
    ),
  },
  styles: {
    "by cases": (rule, fanIn, fanOut) => {
      switch (rule) {
        case "he":
          return Math.SQRT2 / Math.sqrt(fanIn);
        case "xavier":
          return 1 / Math.sqrt((fanIn + fanOut) / 2);
      }
    },
    "a table of fans": (rule, fanIn, fanOut) =>
      (2 / { xavier: fanIn + fanOut, he: fanIn }[rule]) ** 0.5,
  },
});
