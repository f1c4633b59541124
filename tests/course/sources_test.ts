import {
  buildNotebooks,
  courseProblems,
  courseSources,
  isStale,
  parsePercent,
  readNotebook,
  ROOT,
} from "lib/authoring/mod.ts";
import { assert, assertEquals } from "@std/assert";

const CURE = "run ./denow task notebooks (and ./denow task run-all --update for the outputs)";

/** Notebooks that train for minutes: `./denow task run-all` runs them. */
const LONG = ["03_loop", "04_monitoring", "05_experiments", "06_challenges"];

for (const source of courseSources()) {
  const name = `course/${source.name}.ts`;

  Deno.test(`${name} keeps to the limits of cells, prose and exercises`, () => {
    const cells = parsePercent(Deno.readTextFileSync(source.path), name);
    assertEquals(courseProblems(cells), []);
  });

  if (!LONG.includes(source.name)) {
    Deno.test(`${name} runs as a program`, async () => {
      const args = ["run", "-A", "--no-check", source.path];
      const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" });
      const { code, stderr } = await command.output();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
    });
  }

  Deno.test(`the notebooks of ${name} are what it builds`, () => {
    const stale = buildNotebooks(source).filter(isStale).map(({ path }) => path);
    assertEquals(stale, [], CURE);
  });

  Deno.test(`the solutions of ${name} carry the outputs of a run without errors`, () => {
    const notebook = readNotebook(`${ROOT}/notebooks/solutions/${source.name}.ipynb`);
    const code = notebook?.cells.filter((cell) => cell.cell_type === "code") ?? [];
    assertEquals(
      code.filter((cell) => cell.execution_count === null).map(({ id }) => id),
      [],
      CURE,
    );
    const outputs = code.flatMap((cell) => cell.outputs ?? []);
    assertEquals(outputs.filter((output) => output.output_type === "error"), []);
    assertEquals(outputs.filter((output) => output.name === "stderr"), []);
    assert(!JSON.stringify(outputs).includes(ROOT), "no path of the machine that ran them");
  });
}
