/**
 * The course's own modules as a grading sandbox shows them: without what would be a solution.
 *
 * @module
 */
import { declaredNames, withDependencies } from "lib/classroom/mod.ts";

/** How a name that is hidden is reached from inside. */
export type Reach =
  /** It is called outside: values go there, and its result comes back. */
  | "called"
  /** The same; it is async. */
  | "async"
  /** Its operations come in and run inside: it takes tensors, and reads no values of them. */
  | "traced"
  /** Not at all. */
  | "gone";

/**
 * What of the course's modules is the answer to an exercise, or holds one: its text stays outside, where
 * what needs it asks for it.
 */
export const HIDDEN: Readonly<Record<string, Readonly<Record<string, Reach>>>> = {
  "01_data/bigram_model.ts": { bigramModel: "called" },
  "01_data/bug_hunt.ts": { batchesOf: "called", countingCurve: "called", GUILTY: "gone" },
  "02_model/parts.ts": {
    ...{ configure: "called", weightDeviation: "called", drawUniform: "called" },
    ...{ initialValues: "called", isCausal: "called", chooseDevice: "called" },
    ...{ worstDifference: "called", feedForward: "traced", attentionMask: "traced" },
    ...{ attend: "traced", splitHeads: "traced", joinHeads: "traced", block: "traced" },
    ...{ multiHeadAttention: "traced", forward: "traced" },
  },
  "02_model/bug_hunt.ts": { suspects: "traced" },
  "03_loop/loop.ts": { fit: "called" },
  "04_monitoring/broken_runs.ts": { trainForHunt: "async", FAULT_OF_RUN: "gone" },
};

/** Modules that only exercises and the hidden parts of others import. */
export const LEFT_OUT: readonly string[] = [
  ...["same_function.ts", "01_data/cases.ts", "02_model/cases.ts", "02_model/draws.ts"],
  ...["02_model/reference.ts", "02_model/suspects.ts"],
];

/** A statement of a module's top level. */
interface Statement {
  /** Its text without the word `export`. */
  readonly source: string;
  /** Its text. */
  readonly text: string;
}

/**
 * A module without what is hidden: its other exports, what these stand on, and in place of what is hidden
 * something that reaches it.
 *
 * @param text The module's text, as `deno fmt` leaves it.
 * @param hidden How what is hidden is reached.
 * @param stubs What stands in place of what is hidden, by its name; a statement each.
 */
export function shownModule(
  text: string,
  hidden: readonly string[],
  stubs: readonly string[],
): string {
  const all = statementsOf(text).filter(({ source }) =>
    !declaredNames(source).some((name) => hidden.includes(name))
  );
  const exported = all.filter(({ text, source }) => text !== source);
  const found = withDependencies(exported, all);
  return `${
    all.filter((one) => found.has(one)).map(({ text }) => text).concat(stubs).join("\n")
  }\n`;
}

/**
 * An exercise's file with its questions alone: no reference, no mistakes, no styles, and nothing that only
 * these stand on.
 *
 * @param text The file's text, as `deno fmt` leaves it.
 * @param isAsync Whether the exercise asks for an async function.
 * @throws {SyntaxError} If it has no `export default exercise<Answer>({`.
 */
export function questionsAlone(text: string, isAsync: boolean): string {
  const all = statementsOf(text);
  const whole = all.find((one) => one.text.startsWith("export default exercise<"));
  if (whole === undefined) {
    throw new SyntaxError("Cannot show questions: expected `export default exercise<...>({...})`");
  }
  const [open = "", ...lines] = whole.text.split("\n");
  const stub = `  reference: ${isAsync ? "async " : ""}() => undefined, mistakes: {}, styles: {},`;
  const body = membersOf(lines.slice(0, -1)).filter((member) =>
    !/^ {2}(reference|mistakes|styles)\b/.test(member)
  );
  // The stub's own names are no reason to show anything.
  const shown = {
    source: ["exercise", ...body].join("\n"),
    text: [open, stub, ...body, "});"].join("\n"),
  };
  const others = all.filter((one) => one !== whole);
  const found = withDependencies<Statement>([shown], others);
  return `${
    [...others.filter((one) => found.has(one)), shown].map(({ text }) => text).join("\n")
  }\n`;
}

/** A statement begins at the margin, and ends before the next one does; comments are left out. */
function statementsOf(text: string): Statement[] {
  const bare = text.replaceAll(/^\/\*\*[^]*?\*\/\n/gm, "").replaceAll(/^\/\/.*\n/gm, "");
  return bare.split(/\n(?=[A-Za-z])/).map((text) => text.trim()).filter((text) => text !== "")
    .map((text) => ({ text, source: text.replace(/^export (?!default)/, "") }));
}

/** The members of a record, which stand two blanks from the margin. */
function membersOf(lines: readonly string[]): string[] {
  return lines.join("\n").split(/\n(?= {2}[^\s})\]])/);
}
