/**
 * Runs the checks on mechanical mutants of the solutions, and lists the mutants that are accepted.
 *
 *     ./denow task mutants                     all notebooks
 *     ./denow task mutants 01_data             one of them
 *     ./denow task mutants 01_data padBatch    one exercise
 *
 * @module
 */
import { readCommandLine, refuse } from "./_command_line.ts";
import { mutateNotebook, notebookNames } from "./_mutants.ts";
import { judgeMutants, type Verdict } from "./_mutant_verdicts.ts";
import { formatTable } from "./_results.ts";

const { flags, words } = readCommandLine({ all: "boolean" });
const [notebook, exercise] = words;
if (words.length > 2) refuse(`Cannot judge: expected a notebook and an exercise, got "${words}"`);
const verdicts: Verdict[] = [];
for (const name of notebookNames(notebook === undefined ? [] : [notebook])) {
  for (const { code, mutants } of (await mutateNotebook(name)).variants) {
    const chosen = mutants.filter((mutant) => (exercise ?? mutant.exercise) === mutant.exercise);
    for (const verdict of await judgeMutants({ code, mutants: chosen })) verdicts.push(verdict);
  }
}
const exercises = [...new Set(verdicts.map((verdict) => verdict.exercise))];
const rowOf = (name: string, of: readonly Verdict[]) => {
  const count = (is: (verdict: Verdict) => boolean) => `${of.filter(is).length}`;
  return [
    name,
    `${of.length}`,
    count(({ outcome }) => outcome !== "accepted"),
    count(({ mistake }) => mistake !== undefined),
    count(({ outcome }) => outcome === "endless"),
    count(({ outcome, reason }) => outcome === "accepted" && reason !== undefined),
    count(({ outcome, reason }) => outcome === "accepted" && reason === undefined),
  ];
};
const header = [
  "exercise",
  "mutants",
  "refused",
  "named",
  "endless",
  "the same",
  "wrongly accepted",
];
const rows = exercises.map((name) => rowOf(name, verdicts.filter((v) => v.exercise === name)));
console.log(formatTable([header, ...rows, rowOf("all", verdicts)]));
for (const { exercise, change, finding, mistake } of flags.all === true ? verdicts : []) {
  console.log(
    `\n${exercise}: ${change}\n  ${finding}${mistake === undefined ? "" : `\n  ${mistake}`}`,
  );
}
const accepted = verdicts.filter(({ outcome }) => outcome === "accepted");
for (const { exercise, change, reason } of accepted) {
  console.log(
    `\naccepted  ${exercise}: ${change}${reason === undefined ? "" : `\n          ${reason}`}`,
  );
}
Deno.exit(accepted.every(({ reason }) => reason !== undefined) ? 0 : 1);
