/**
 * The tests that students do not see, as functions of an answer: they run beside the checks, in a process
 * that no student's code is in.
 *
 * @module
 */
import type { AnyFunction } from "lib/grade/mod.ts";
import { type CourseCell, parsePercent } from "./_percent.ts";
import { courseSources, ROOT } from "./_course.ts";
import { runModule } from "./_solutions.ts";

/** A test that students do not see. */
export type HiddenTest = (answer: AnyFunction) => Promise<void>;

const HIDDEN = /^[ \t]*\/\/ BEGIN HIDDEN TESTS\n([^]*?)^[ \t]*\/\/ END HIDDEN TESTS/m;

/** The function that a check cell asks for: `await check("padBatch", padBatch);`. */
export function checkedName(source: string): string | undefined {
  return /await check\("(\w+)", \1\);/.exec(source)?.[1];
}

/**
 * Makes the hidden tests of a notebook, with the cells of its source that they stand on.
 *
 * @param notebook Such as `01_data`.
 * @returns The tests by the exercise's name.
 */
export async function hiddenTests(notebook: string): Promise<ReadonlyMap<string, HiddenTest>> {
  const code = hiddenModule(sourceCells(notebook));
  // The cells read files from the project's folder.
  Deno.chdir(ROOT);
  const module = await runModule(code);
  return new Map(Object.entries(module) as [string, HiddenTest][]); // the code exports such alone
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

/** The cells that declare what some code uses, and what those use, in order. */
function closure(text: string, cells: readonly CourseCell[], answers: readonly string[]): string[] {
  const found = new Set<CourseCell>();
  const add = (code: string) => {
    const words = usedWords(code);
    for (const cell of cells) {
      const { source, options: { solution, test } } = cell;
      if (solution !== undefined || test !== undefined || found.has(cell)) continue;
      const names = declaredNames(source).filter((name) => !answers.includes(name));
      if (!names.some((name) => words.has(name))) continue;
      found.add(cell);
      add(source);
    }
  };
  add(text);
  return cells.filter((cell) => found.has(cell)).map(({ source }) => source);
}

/** Names that a cell declares or imports at its top level. */
function declaredNames(source: string): string[] {
  const blocks = source.matchAll(/^(?:async function|function|class|enum)\*? (\w+)/gm);
  const variables = source.matchAll(/^(?:const|let) (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))(.*)$/gm);
  const imports = source.matchAll(/^import (?:type )?([^"]+) from/gm);
  return [
    ...[...blocks].map(([, name = ""]) => name),
    ...[...variables].flatMap(([, members = "", items = "", name = "", rest = ""]) => [
      ...boundNames(`${members},${items},${name}`),
      // const a = 1, b = 2;
      ...[...rest.matchAll(/, (\w+) = /g)].map(([, other = ""]) => other),
    ]),
    ...[...imports].flatMap(([, names = ""]) => boundNames(names.replaceAll(/[{}]/g, ","))),
  ];
}

/** What a list binds: `train: trainSentences, validation` or `* as tf`. */
function boundNames(list: string): string[] {
  return list.split(",").flatMap((part) => part.match(/(\w+)\s*(?:=.*)?$/)?.[1] ?? []);
}

/** The words that may name a variable: no comments, texts, or members. */
function usedWords(code: string): Set<string> {
  const bare = code.replaceAll(/\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g, " ");
  return new Set(bare.match(/(?<![.\w$]|\.\s*)[A-Za-z_$][\w$]*/g));
}
