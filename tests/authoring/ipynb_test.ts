import { withOutputs } from "lib/authoring/sources.ts";
import {
  formatNotebook,
  isWorkedOn,
  type Notebook,
  type NotebookCell,
  toNotebook,
  withoutVolatile,
} from "lib/authoring/ipynb.ts";
import { parsePercent } from "lib/authoring/percent.ts";
import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";

const SOURCE = `\
// %% [markdown] id="intro"
// # Title
// %% solution="add" difficulty=1 importance=2 minutes=3
export function add(a: number, b: number): number {
  // BEGIN SOLUTION
  return a + b;
  // END SOLUTION
}
// %% id="guess" kind="predict"
const guess: number | null = 3;
// %% test="add-test" points=2
await check(add);
// BEGIN HIDDEN TESTS
await check(add, 7);
// END HIDDEN TESTS
// %% [markdown] hint="add"
// Use **+**.
// %%
console.log(add(1, 2));
// %%
console.log(guess);
// %% [markdown] answer="why" points=1.5
// Because.
`;

const CELLS = parsePercent(SOURCE, "a.ts");
const STUDENT = toNotebook(CELLS, "student"), SOLUTION = toNotebook(CELLS, "solution");

function cell(notebook: Notebook, id: string): NotebookCell {
  const found = notebook.cells.find((cell) => cell.id === id);
  assert(found !== undefined, `no cell ${id}`);
  return found;
}

function textOf(notebook: Notebook, id: string): string {
  return cell(notebook, id).source.join("");
}

Deno.test("toNotebook() gives students a stub that throws, and hides what is for the grader", () => {
  assertEquals(
    textOf(STUDENT, "add"),
    `\
// difficulty 1 of 5, importance 2 of 5, about 3 minutes
function add(a: number, b: number): number {
  // YOUR CODE HERE
  throw new Error("not implemented: add");
}`,
  );
  assertEquals(textOf(STUDENT, "add-test"), "await check(add);");
  assertEquals(textOf(STUDENT, "why"), "YOUR ANSWER HERE");
});

Deno.test("toNotebook() keeps solution, hidden tests and their marks in the other edition", () => {
  assert(textOf(SOLUTION, "add").includes("// BEGIN SOLUTION\n  return a + b;\n  // END SOLUTION"));
  assert(textOf(SOLUTION, "add-test").includes("// BEGIN HIDDEN TESTS\nawait check(add, 7);\n"));
  assertEquals(textOf(SOLUTION, "why"), "Because.");
});

Deno.test("toNotebook() folds hints, and below them the solution", () => {
  const ids = STUDENT.cells.map(({ id }) => id);
  assertEquals(ids, [
    ...["intro", "add", "guess", "add-test", "hint-add", "solution-add", "hint-add-1"],
    ...["hint-add-2", "why"],
  ]);
  assertEquals(SOLUTION.cells.map(({ id }) => id), ids.filter((id) => id !== "solution-add"));
  assertEquals(
    textOf(STUDENT, "hint-add"),
    "<details><summary>Hint</summary>\n\nUse **+**.\n\n</details>",
  );
  assertEquals(
    textOf(STUDENT, "solution-add"),
    "<details><summary>Solution</summary>\n\n```ts\nfunction add(a: number, b: number): number {\n" +
      "  return a + b;\n}\n```\n\n</details>",
  );
});

Deno.test("toNotebook() writes nbgrader's metadata, which know no other keys", () => {
  assertEquals(cell(SOLUTION, "add").metadata, {
    nbgrader: {
      ...{ grade: false, grade_id: "add", locked: false, schema_version: 3, solution: true },
      task: false,
    },
  });
  assertEquals(cell(STUDENT, "guess").metadata, { tags: ["predict"] });
  assertEquals(cell(STUDENT, "intro").metadata, {});
  // Checksums as `nbgrader generate_assignment` 0.9.6 computes them: md5 of source, type,
  // grade, solution and locked as Python writes them, id, points.
  const test = cell(STUDENT, "add-test").metadata, answer = cell(STUDENT, "why").metadata;
  assertEquals(test, {
    deletable: false,
    editable: false,
    nbgrader: {
      ...{ grade: true, grade_id: "add-test", locked: true, points: 2, schema_version: 3 },
      ...{ solution: false, task: false, cell_type: "code" },
      checksum: "35232495d19a4f3a78c04db8ed39652e",
    },
  });
  assertEquals(answer, {
    deletable: false,
    nbgrader: {
      ...{ grade: true, grade_id: "why", locked: false, points: 1.5, schema_version: 3 },
      ...{ solution: true, task: false, cell_type: "markdown" },
      checksum: "d9350fa09ac0c58057cfd8043b25944b",
    },
  });
});

Deno.test("toNotebook() gives the same bytes each time", () => {
  assertEquals(formatNotebook(toNotebook(CELLS, "student")), formatNotebook(STUDENT));
});

Deno.test("toNotebook() refuses two cells of one id", () => {
  const twice = parsePercent('// %% id="a"\n// %% id="a"\n', "a.ts");
  assertThrows(
    () => toNotebook(twice, "student"),
    SyntaxError,
    'Cannot build a notebook: expected every id once, got "a" twice',
  );
});

Deno.test("isWorkedOn() tells a notebook that a person has changed from one that was only run", () => {
  const change = (change: Partial<NotebookCell>) => ({
    ...STUDENT,
    cells: STUDENT.cells.map((cell) => cell.id === "add" ? { ...cell, ...change } : cell),
  });
  assertFalse(isWorkedOn(STUDENT));
  const outputs = [{ output_type: "stream", name: "stdout", text: ["1"] }] as const;
  assertFalse(isWorkedOn(change({ execution_count: 3, outputs })));
  assert(isWorkedOn(change({ source: ["return a + b"] })));
  assert(isWorkedOn({ ...STUDENT, cells: STUDENT.cells.slice(1) }));
  assert(isWorkedOn({ ...STUDENT, metadata: {} }));
});

Deno.test("withOutputs() keeps what cells of the same source have put out, and no more", () => {
  const outputs = [{ output_type: "stream", name: "stdout", text: ["1"] }] as const;
  const run = (cell: NotebookCell): NotebookCell =>
    cell.cell_type === "code" ? { ...cell, execution_count: 7, outputs } : cell;
  const changed = (cell: NotebookCell) => cell.id === "guess" ? { ...cell, source: ["4"] } : cell;
  const earlier = { ...SOLUTION, cells: SOLUTION.cells.map(run).map(changed) };
  const kept = withOutputs(SOLUTION, earlier);
  assertEquals(cell(kept, "add").outputs, outputs);
  assertEquals(cell(kept, "add").execution_count, 7);
  assertEquals(cell(kept, "guess").outputs, []);
  assertEquals(withOutputs(SOLUTION, undefined), SOLUTION);
});

Deno.test("withOutputs() keeps what was put out where only a comment was changed", () => {
  const ran = (...source: string[]): Notebook => {
    const add = { ...cell(SOLUTION, "add"), source, execution_count: 7 };
    return { ...SOLUTION, cells: [add] };
  };
  const count = (now: string[], then: string[]) =>
    withOutputs(
      { ...ran(...now), cells: [{ ...cell(ran(...now), "add"), execution_count: null }] },
      ran(...then),
    )
      .cells[0]?.execution_count;
  const code = ["/** Adds. */\n", "const sum = 1; // one\n", "sum;"];
  assertEquals(count(code, ["// about 3 minutes\n", ...code.slice(1)]), 7);
  assertEquals(count(code, ["const sum = 2; // one\n", "sum;"]), null);
  assertEquals(count(["const a = `\n", "x`;"], ["const a = `\n", "y`;"]), null);
});

Deno.test("withoutVolatile() leaves out the names of displays", () => {
  const shown = { output_type: "display_data", data: { "text/plain": "a" }, metadata: {} } as const;
  const outputs = [{ ...shown, transient: { display_id: "x" } }];
  const cells = [{ ...cell(SOLUTION, "add"), outputs }];
  assertEquals(withoutVolatile({ ...SOLUTION, cells }).cells[0]?.outputs, [shown]);
});
