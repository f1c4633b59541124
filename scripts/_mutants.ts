/**
 * Mechanical mutants of the solutions: Stryker's instrumenter makes them, and each is checked by
 * the check of its exercise.
 *
 * @module
 */
import { Instrumenter, type InstrumenterOptions } from "@stryker-mutator/instrumenter";
import { courseSources, type ExerciseModule, exerciseModule } from "lib/authoring/mod.ts";

/** A small change of a solution. */
export interface Mutant {
  /** What switches it on: the active mutant of `globalThis.__stryker__`. */
  readonly id: string;
  /** The exercise whose solution it changes. */
  readonly exercise: string;
  /** The changed code of the solution and what replaces it, on one line. */
  readonly change: string;
}

/** The solutions of a notebook with mutants in them, each behind a switch. */
export interface Variant {
  readonly code: string;
  readonly mutants: readonly Mutant[];
}

/** All mutants of a notebook. */
export interface MutatedNotebook {
  readonly name: string;
  readonly variants: readonly Variant[];
}

const SILENT = () => {};
const LOGGER = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: SILENT,
  debug: SILENT,
  info: SILENT,
  warn: SILENT,
  error: SILENT,
  fatal: SILENT,
};
const OPTIONS: InstrumenterOptions = {
  plugins: null,
  excludedMutations: [],
  ignorers: [],
  noHeader: false,
};

/**
 * Makes the mutants of a notebook's solutions: Stryker's, and each number replaced by another one,
 * which Stryker does not do.
 *
 * @param name The notebook, such as `01_data`.
 */
export async function mutateNotebook(name: string): Promise<MutatedNotebook> {
  const { code, lines } = exerciseModule(name, "solution"), rows = code.split("\n");
  const mutate = [...lines.values()].map(([from, to]) => ({
    start: { line: from, column: 0 },
    end: { line: to, column: 0 },
  }));
  const { files: [file], mutants } = await new Instrumenter(LOGGER).instrument(
    [{ name: `${name}.ts`, content: code, mutate }],
    OPTIONS,
  );
  if (file === undefined) throw new RangeError(`Cannot mutate ${name}: expected a file, got none`);
  const ofStryker = mutants.flatMap(({ id, location: { start, end }, replacement }): Mutant[] => {
    const exercise = exerciseAt(lines, start.line);
    const shown = rows.slice(start.line, end.line + 1);
    const before = shown[0]?.slice(0, start.column) ?? "";
    // The text of an error is not checked, so a mutant of it proves nothing.
    if (exercise === undefined || /Error\($/.test(before)) return [];
    shown[shown.length - 1] = shown.at(-1)?.slice(0, end.column) ?? "";
    shown[0] = shown[0]?.slice(start.column) ?? "";
    const change = `${oneLine(shown.join("\n"))} → ${oneLine(replacement)}`;
    return [{ id, exercise, change: `${oneLine(before).slice(-24)} ┆ ${change}` }];
  });
  const numbers = mutateNumbers(rows, lines);
  return {
    name,
    variants: [{ code: file.content, mutants: ofStryker }, numbers],
  };
}

/** A number that stands alone in an expression. */
const NUMBER = /(?<![\w.$])\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.$])/g;

/** Replaces each number by another one, except in comments and strings. */
function mutateNumbers(rows: readonly string[], lines: ExerciseModule["lines"]): Variant {
  const mutants: Mutant[] = [];
  const code = rows.map((row, line) => {
    const exercise = exerciseAt(lines, line), end = row.indexOf("//");
    if (exercise === undefined || /^\s*(\/?\*|\/\/)/.test(row)) return row;
    return row.replaceAll(NUMBER, (number, offset: number) => {
      const before = row.slice(0, offset);
      const isText = (before.match(/["`]/g)?.length ?? 0) % 2 === 1;
      if (isText || end >= 0 && offset > end) return number;
      const id = `number ${mutants.length}`, value = Number(number.replaceAll("_", ""));
      const other = Number.isInteger(value) ? value + 1 : value * 2;
      mutants.push({
        id,
        exercise,
        change: `${oneLine(before).slice(-24)} ┆ ${number} → ${other}`,
      });
      return `(globalThis.__stryker__?.activeMutant === "${id}" ? ${other} : ${number})`;
    });
  }).join("\n");
  return { code, mutants };
}

function exerciseAt(lines: ExerciseModule["lines"], line: number): string | undefined {
  return [...lines].find(([, [from, to]]) => line >= from && line < to)?.[0];
}

/** The names of all notebooks, or those given. */
export function notebookNames(given: readonly string[] = []): readonly string[] {
  return given.length === 0 ? courseSources().map(({ name }) => name) : given;
}

function oneLine(code: string): string {
  return code.replaceAll(/\s*\/\/ (BEGIN|END) SOLUTION/g, "").replaceAll(/\s+/g, " ").trim();
}
