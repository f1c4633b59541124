import { exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { type Fault, FAULTS, GUILTY, type Suspect } from "../bug_hunt.ts";

type Answer = (suspect: Suspect) => Fault;

const SUSPECTS: readonly Suspect[] = ["A", "B", "C", "D"];

/** All verdicts that are wrong about a suspect and right about those before it. */
function wrongAbout(suspect: Suspect): WrongAnswer<Answer>[] {
  const others = SUSPECTS.slice(SUSPECTS.indexOf(suspect) + 1);
  return Array.from({ length: 2 ** others.length }, (_, bits) => (asked: Suspect) => {
    const isWrong = asked === suspect ||
      (bits >> others.indexOf(asked)) % 2 === 1 && others.includes(asked);
    return isWrong ? FAULTS.find((fault) => fault !== GUILTY[asked]) : GUILTY[asked];
  });
}

/** 1.7: which loader is broken, and how. */
export default exercise<Answer>({
  name: "faultOf",
  reference: (suspect) => GUILTY[suspect],
  returns: "text",
  cases: Object.fromEntries(
    SUSPECTS.map((suspect) => [`loader ${suspect}`, (): [Suspect] => [suspect]]),
  ),
  /** Not the fault itself: a message would give it away. */
  read: (fault, [suspect]) => {
    const rule = `expected one of the texts of hunt.FAULTS for loader ${suspect}`;
    expectThat(FAULTS.includes(fault), `${rule}, got ${JSON.stringify(fault)}`);
    return fault === GUILTY[suspect] ? "the fault it has" : "another one";
  },
  mistakes: {
    "look at A's curve: what model learns so fast, and how can a loss be below the floor?":
      wrongAbout("A"),
    "look at a batch of B and count its examples: is there a place that is not as it should be?":
      wrongAbout("B"),
    "look at the ends of C's rows: which token must each sentence end with?": wrongAbout("C"),
    "D's batches are right one by one: count over the whole epoch how often each example comes":
      wrongAbout("D"),
  },
  styles: {
    "a switch": (suspect) => {
      switch (suspect) {
        case "A":
          return "pads carry labels";
        case "C":
          return "labels run on into the next row";
        case "D":
          return "examples are drawn with replacement";
        default:
          return "nothing";
      }
    },
    "by their places": (suspect) => FAULTS[[2, 0, 3, 5]["ABCD".indexOf(suspect)] ?? 0] ?? "nothing",
  },
});
