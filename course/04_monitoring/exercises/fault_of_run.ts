import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { FAULT_OF_RUN, RUN_FAULTS, type RunFault, type RunName } from "../broken_runs.ts";

type Answer = (run: RunName) => RunFault;

const RUNS: readonly RunName[] = ["A", "B", "C", "D"];

/** All verdicts that are wrong about a run and right about those before it. */
function wrongAbout(run: RunName): WrongAnswer<Answer>[] {
  const others = RUNS.slice(RUNS.indexOf(run) + 1);
  return Array.from({ length: 2 ** others.length }, (_, bits) => (asked: RunName) => {
    const isWrong = asked === run ||
      others.includes(asked) && (bits >> others.indexOf(asked)) % 2 === 1;
    return isWrong
      ? RUN_FAULTS.find((fault) => fault !== FAULT_OF_RUN[asked])
      : FAULT_OF_RUN[asked];
  });
}

/** 4.8: what is wrong with each of four runs. */
export default exercise<Answer>({
  name: "faultOfRun",
  reference: (run) => FAULT_OF_RUN[run],
  returns: "text",
  cases: Object.fromEntries(RUNS.map((run) => [`run ${run}`, (): [RunName] => [run]])),
  /** Not the fault itself: a message would give it away. */
  read: (fault, [run]) =>
    fault === FAULT_OF_RUN[run]
      ? "what it is"
      : RUN_FAULTS.includes(fault)
      ? "something else"
      : "none of RUN_FAULTS",
  mistakes: {
    "run A gives two losses for the same weights on the same sentences: what differs from one measurement to the next?":
      wrongAbout("A"),
    "run B knows even the adjective, before which there is only The, in all sentences alike: what could tell it?":
      wrongAbout("B"),
    "run C is nowhere below the oracle on new sentences, and measures the same twice: is that not what few sentences look like?":
      wrongAbout("C"),
    "run D is as good on new sentences as on its own, far below the oracle at the noun: are they new?":
      wrongAbout("D"),
  },
  styles: {
    "a switch": (run) => {
      switch (run) {
        case "A":
          return "dropout is on in the evaluation";
        case "B":
          return "the mask is not causal";
        case "D":
          return "validation sentences among the training sentences";
        default:
          return "nothing";
      }
    },
    "by their places": (run) => RUN_FAULTS[[4, 2, 0, 1]["ABCD".indexOf(run)] ?? 0] ?? "nothing",
  },
});
