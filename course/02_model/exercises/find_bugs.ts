import { exercise } from "lib/grade/mod.ts";
import { type Part, PARTS, type Suspect } from "../bug_hunt.ts";

type Answer = () => Record<Suspect, string>;

const FOUND: Record<Suspect, Part> = { A: "blocks", B: "causal mask", C: "position embedding" };

/** What speaks against a suspicion, and where to look. */
const EVIDENCE: Record<Suspect, string> = {
  A: "its last logits depend on the last word alone, whatever stood before it: what makes a position read from others?",
  B: "its loss falls below the best possible one: it knows what it should guess; ask isCausal",
  C: "its last logits stay as they are when two earlier words change places: what tells places apart?",
};

const suspectProperty = (name: Suspect) => (answer: Answer) => {
  const { [name]: part } = answer();
  if (part === FOUND[name]) return true;
  return PARTS.some((known) => known === part)
    ? `expected another part for ${name}, got "${part}": ${EVIDENCE[name]}`
    : `expected one of the parts ${PARTS.join(", ")} for ${name}, got "${part}"`;
};

/** 2.6d: which part is broken. */
export default exercise<Answer>({
  name: "findBugs",
  reference: () => FOUND,
  returns: { A: "text", B: "text", C: "text" },
  properties: {
    "suspect A": suspectProperty("A"),
    "suspect B": suspectProperty("B"),
    "suspect C": suspectProperty("C"),
  },
  mistakes: {
    "a part is named by its words in the list, as a text": [
      () => ({ A: "Blocks", B: "mask", C: "positions" }),
      () => ({ A: "blocks", B: "the causal mask", C: "position embedding" }),
    ],
  },
  styles: {
    "from a list": () => {
      const [A = "", B = "", C = ""] = ["blocks", "causal mask", "position embedding"];
      return { C, B, A };
    },
    "by place": () => ({
      A: PARTS[3],
      B: PARTS[0],
      C: PARTS[2],
    }),
  },
});
