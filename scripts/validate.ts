/**
 * Says which parts of a notebook would pass now: checks, types, cells that must not be changed.
 *
 *     ./denow task validate notebooks/01_data.ipynb
 *
 * The notebook runs with your rights, as in JupyterLab; cells that no answer needs are left out.
 * The exit code is 0 if all that is written passes, otherwise 1.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import {
  type Grade,
  type ItemResult,
  readNotebookFile,
  restoreChecks,
  typeErrorsIn,
} from "lib/classroom/mod.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";
import { courseSources, ROOT } from "lib/authoring/mod.ts";
import { gradedNotebook } from "./_graded_course.ts";
import { createGrader } from "./_grader.ts";

const WORDS = {
  ...{ right: "right", partial: "partly", wrong: "wrong", empty: "empty", lost: "no end" },
  manual: "to read",
};

await runMain(async () => {
  const { words: [file, ...others] } = readCommandLine({});
  if (file === undefined || others.length > 0) {
    refuse(
      "Cannot validate: expected a notebook, as in ./denow task validate notebooks/01_data.ipynb",
    );
  }
  const path = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), file), bytes = read(path);
  const name = courseSources().map(({ name }) => name).find((one) => basename(path).includes(one));
  if (name === undefined) refuse(`Cannot validate ${file}: expected a name such as 01_data.ipynb`);
  const notebook = gradedNotebook(name ?? ""), { cells: handed } = readNotebookFile(bytes);
  const { cells } = restoreChecks(notebook.cells, handed);
  const code = cells.filter(({ type }) => type === "code");
  const errors = await typeErrorsIn(code, `${ROOT}/notebooks/.validate-${Deno.pid}.ts`);
  const policy = { partial: "half", copies: "count" } as const;
  const grader = await createGrader({ policy, isSandboxed: false, isQuick: true, isHidden: false });
  const grade = await grader.grade({ student: "you", notebook: notebook.name, bytes }, notebook, 0);
  await grader.end();
  report(grade);
  for (const { cell, line, message } of errors) {
    print(`types    cell "${cell}", line ${line}: ${message}`);
  }
  print(
    `${grade.points} of ${grade.most} points, ${(grade.seconds / 60).toFixed(1)} minutes`,
  );
  return errors.length === 0 && grade.items.every(isFine) ? 0 : 1;
});

function read(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return refuse(`Cannot validate: expected a notebook, got nothing at ${path}`);
  }
}

function isFine({ status }: ItemResult): boolean {
  return status === "right" || status === "empty" || status === "manual";
}

function report({ items, notes, errors }: Grade): void {
  for (const { status, exercise, id, points, most, finding, mistake } of items) {
    const told = status === "right" || status === "empty" ? "" : `  ${finding}`;
    print(`${WORDS[status].padEnd(8)} ${exercise || id}  ${points} of ${most}${told}`);
    if (mistake !== "") print(`         Likely mistake: ${mistake}`);
  }
  for (const note of notes) print(`changed  ${note}`);
  for (const { cell, message } of errors) {
    print(`failed   cell "${cell}": ${message.split("\n")[0]}`);
  }
}
