import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { type Flaw, FLAWS, type ReportName } from "../bug_hunt.ts";

type Answer = (report: ReportName) => string;

/** What is wrong with each report. */
const FLAWED: Readonly<Record<ReportName, Flaw>> = {
  A: "the sides learned from different numbers of tokens",
  B: "the best of many is judged by the very runs that chose it",
  C: "nothing",
  D: "each side has one seed",
};

const REPORTS: readonly ReportName[] = ["A", "B", "C", "D"];

/** All verdicts that are wrong about a report and right about those before it. */
function wrongAbout(report: ReportName): WrongAnswer<Answer>[] {
  const others = REPORTS.slice(REPORTS.indexOf(report) + 1);
  return Array.from({ length: 2 ** others.length }, (_, bits) => (asked: ReportName) => {
    const isWrong = asked === report ||
      others.includes(asked) && (bits >> others.indexOf(asked)) % 2 === 1;
    return isWrong ? FLAWS.find((flaw) => flaw !== FLAWED[asked]) : FLAWED[asked];
  });
}

/** 5.8a: which report is flawed, and how. */
export default exercise<Answer>({
  name: "flawOf",
  reference: (report) => FLAWED[report],
  returns: "text",
  cases: Object.fromEntries(
    REPORTS.map((report) => [`report ${report}`, (): [ReportName] => [report]]),
  ),
  /** Not the flaw itself: a message would give it away. */
  read: (flaw, [report]) =>
    flaw === FLAWED[report]
      ? "what it is"
      : FLAWS.some((known) => known === flaw)
      ? "something else"
      : "none of hunt.FLAWS",
  mistakes: {
    "look at A's sides: how many tokens did the runs of each one learn from?": wrongAbout("A"),
    "look at how B came to its winner: how many were tried, and what does Holm's method say?":
      wrongAbout("B"),
    "look at C again: tokens, seeds, and how the rates were chosen. Is there anything to object to?":
      wrongAbout("C"),
    "look at D's numbers beside what three seeds differ by in section 5.1": wrongAbout("D"),
    "a flaw is named by its words in hunt.FLAWS, as a text": (report) =>
      FLAWED[report].toUpperCase(),
  },
  styles: {
    "a switch": (report) => {
      switch (report) {
        case "A":
          return "the sides learned from different numbers of tokens";
        case "B":
          return "the best of many is judged by the very runs that chose it";
        case "D":
          return "each side has one seed";
        default:
          return "nothing";
      }
    },
    "by their places": (report) => FLAWS[[1, 3, 0, 2]["ABCD".indexOf(report)] ?? 0] ?? "nothing",
  },
});
