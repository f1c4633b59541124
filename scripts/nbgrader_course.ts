/**
 * Writes the course in nbgrader's form, and runs nbgrader in it.
 *
 *     ./denow task nbgrader                                     writes build/nbgrader/
 *     ./denow task nbgrader generate_assignment 01_data         what students get, in release/
 *     ./denow task nbgrader autograde 01_data                   grades submitted/STUDENT/01_data/
 *     ./denow task nbgrader generate_feedback 01_data           pages in feedback/
 *
 * nbgrader runs students' code with all your rights; `./denow task grade` runs it in a sandbox.
 *
 * @module
 */
import { print, runMain } from "./_command_line.ts";
import { buildNotebooks, courseSources, jupyterCommand, ROOT } from "lib/authoring/mod.ts";

const FOLDER = `${ROOT}/build/nbgrader`;

const CONFIG = `import os

c = get_config()
c.CourseDirectory.course_id = "toy"
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.ClearSolutions.code_stub = {"typescript": '// YOUR CODE HERE\\nthrow new Error("not implemented");'}
c.Execute.timeout = 120
c.Execute.raise_on_iopub_timeout = False
# This folder's kernel can be interrupted: a loop without end costs its cell and no other.
os.environ["JUPYTER_PATH"] = os.path.join(c.CourseDirectory.root, "jupyter")
`;

await runMain(async () => {
  writeCourse();
  if (Deno.args.length === 0) {
    print(
      "build/nbgrader/ has the course; next: ./denow task nbgrader generate_assignment 01_data",
    );
    return 0;
  }
  return await runNbgrader(Deno.args);
});

function writeCourse(): void {
  for (const source of courseSources()) {
    const [, solution] = buildNotebooks(source);
    const folder = `${FOLDER}/source/${source.name}`;
    Deno.mkdirSync(folder, { recursive: true });
    if (solution !== undefined) {
      Deno.writeTextFileSync(`${folder}/${source.name}.ipynb`, solution.text);
    }
  }
  Deno.writeTextFileSync(`${FOLDER}/nbgrader_config.py`, CONFIG);
  const kernel = JSON.parse(Deno.readTextFileSync(`${ROOT}/jupyter/kernel.json`));
  const folder = `${FOLDER}/jupyter/kernels/deno`;
  Deno.mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ ...kernel, interrupt_mode: "message" }, null, 2);
  Deno.writeTextFileSync(`${folder}/kernel.json`, `${text}\n`);
}

async function runNbgrader(args: readonly string[]): Promise<number> {
  try {
    const command = jupyterCommand("nbgrader", { args: [...args], cwd: FOLDER });
    const { code } = await command.spawn().status;
    return code;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    print(
      "Cannot run nbgrader: expected it in .venv, got none; ./denow task setup --grading installs it",
    );
    return 1;
  }
}
