/**
 * The tests that students do not see, as functions of an answer. They run with the checks, in a
 * process without students' code.
 *
 * @module
 */
import { declaredNames, withDependencies } from "lib/classroom/mod.ts";
import type { AnyFunction } from "lib/grade/mod.ts";
import {
  type CourseCell,
  courseSources,
  parsePercent,
  ROOT,
  runModule,
} from "lib/authoring/mod.ts";

/** A test that students do not see. */
export type HiddenTest = (answer: AnyFunction) => Promise<void>;

const HIDDEN = /^[ \t]*\/\/ BEGIN HIDDEN TESTS\n([^]*?)^[ \t]*\/\/ END HIDDEN TESTS/m;

/** The function that a check cell asks for: `await check("padBatch", padBatch);`. */
export function checkedName(source: string): string | undefined {
  return /await check\("(\w+)", \1\);/.exec(source)?.[1];
}

/**
 * Makes the hidden tests of a notebook, with the cells of its source that they need.
 *
 * @param notebook Such as `01_data`.
 * @returns The tests by the exercise's name.
 */
export async function hiddenTests(notebook: string): Promise<ReadonlyMap<string, HiddenTest>> {
  const code = hiddenModule(sourceCells(notebook));
  // The cells read files from the project's folder.
  Deno.chdir(ROOT);
  const module = await runModule(code);
  return new Map(Object.entries(module) as [string, HiddenTest][]); // it exports only these
}

/** The cells of a notebook's source. */
export function sourceCells(notebook: string): CourseCell[] {
  const source = courseSources().find(({ name }) => name === notebook);
  if (source === undefined) throw new RangeError(`Cannot read ${notebook}: expected a notebook`);
  return parsePercent(Deno.readTextFileSync(source.path), source.path);
}

/** The code of a module that exports a function for each hidden test. */
export function hiddenModule(cells: readonly CourseCell[]): string {
  const code = cells.filter(({ type }) => type === "code");
  const tests = code.flatMap(({ source }) => {
    const name = checkedName(source), body = HIDDEN.exec(source)?.[1];
    return name === undefined || body === undefined ? [] : [{ name, body }];
  });
  const answers = code.flatMap(({ options }) => options.solution ?? []);
  const needed = closure(tests.map(({ body }) => body).join("\n"), code, answers);
  const exports = tests.map(({ name, body }) =>
    `async function test_${name}(${name}) {\n${body}}\nexport { test_${name} as ${name} };`
  );
  return [...needed, ...exports].join("\n\n");
}

/**
 * The cells that declare what some code uses, directly or through other cells, in order; without
 * answers.
 */
function closure(text: string, cells: readonly CourseCell[], answers: readonly string[]): string[] {
  const given = cells.filter(({ options: { solution, test } }) => (solution ?? test) === undefined)
    .filter(({ source }) => declaredNames(source).every((name) => !answers.includes(name)));
  const start = { source: text }, found = withDependencies<{ source: string }>([start], given);
  return given.filter((cell) => found.has(cell)).map(({ source }) => source);
}
