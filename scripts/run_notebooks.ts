/**
 * Executes the notebooks from start to end in fresh kernels, as `jupyter nbconvert --execute` does.
 *
 *     ./denow task run-all             all notebooks with solutions: none of their cells may fail
 *     ./denow task run-all --update    also writes their outputs into notebooks/solutions/
 *     ./denow task run-all --student   the students' notebooks: each must fail at its first stub
 *     ./denow task run-all 01_data     only the one named
 *
 * The executed notebooks and their HTML pages are left in `runs/notebooks/`.
 *
 * @module
 */
import { readCommandLine, refuse } from "./_command_line.ts";
import {
  courseSources,
  executeNotebook,
  type Execution,
  exportHtml,
  formatNotebook,
  type Notebook,
  readNotebook,
  ROOT,
  type TimeLimits,
  withImages,
  withOutputs,
  withoutVolatile,
} from "lib/authoring/mod.ts";

const FOLDER = `${ROOT}/runs/notebooks`;
/** Generous, for a busy machine: alone on two cores, no notebook takes 8 minutes. */
const LIMITS: TimeLimits = { cellSeconds: 300, totalSeconds: 1800 };

const { flags, words } = readCommandLine({ student: "boolean", update: "boolean" });
const isStudent = flags.student === true, isUpdate = flags.update === true;
const all = courseSources().map(({ name }) => name);
const unknown = words.filter((word) => !all.includes(word));
if (unknown.length > 0) {
  refuse(`Cannot run "${unknown.join(" ")}": expected any of ${all.join(", ")}`);
}

const failed: string[] = [];
for (const name of words.length > 0 ? words : all) {
  const path = `${ROOT}/notebooks/${isStudent ? "" : "solutions/"}${name}.ipynb`;
  const folder = isStudent ? `${FOLDER}/student` : FOLDER;
  const execution = await executeNotebook(path, folder, LIMITS);
  const problem = isStudent ? await judgeStub(path, execution) : execution.message;
  const where = execution.cell === null ? "" : `, cell "${execution.cell}"`;
  const told = problem || (isStudent ? `fails as it should${where}: ${execution.message}` : "ok");
  console.log(
    `${name}  ${execution.seconds.toFixed(1)} s  ${problem && `FAILED${where}: `}${told}`,
  );
  if (problem) failed.push(name);
  else if (execution.output !== null) await keep(path, execution.output);
}
console.log(failed.length === 0 ? "all is well" : `not well: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);

/** What is wrong with how a student's notebook ended; empty if it stopped at its first check. */
function judgeStub(path: string, { cell, message }: Execution): string {
  const first = firstTest(readNotebook(path));
  if (/not implemented/.test(message) && cell === first) return "";
  return `expected "not implemented" in cell "${first}", got ${message || "no failure"}`;
}

function firstTest(notebook: Notebook | undefined): string | null {
  const isTest = (metadata: Notebook["metadata"]) =>
    (metadata.nbgrader as { locked?: boolean } | undefined)?.locked === true;
  return notebook?.cells.find(({ metadata }) => isTest(metadata))?.id ?? null;
}

/** Cleans the executed notebook, makes its page, and keeps its outputs with `--update`. */
async function keep(path: string, output: string): Promise<void> {
  const executed = readNotebook(output), built = readNotebook(path);
  if (executed === undefined || built === undefined) return;
  const tidy = withoutVolatile(withOutputs(built, executed));
  Deno.writeTextFileSync(output, formatNotebook(tidy));
  await exportHtml(output);
  if (isUpdate) Deno.writeTextFileSync(path, formatNotebook(withImages(tidy)));
}
