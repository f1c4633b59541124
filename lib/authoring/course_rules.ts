/**
 * The rules for a course source, so that students enjoy it: short cells, little prose at a time,
 * and for every exercise a check, a hint and its effort.
 *
 * @module
 */
import type { CourseCell } from "./percent.ts";

/** Lines of code in a cell, and words of prose between two code cells. */
export const LIMITS = { medianLines: 8, maxLines: 25, maxWords: 60 } as const;

/** Lists the problems of a source; empty if there are none. */
export function courseProblems(cells: readonly CourseCell[]): string[] {
  return [
    ...lineProblems(cells),
    ...proseProblems(cells),
    ...formulaProblems(cells),
    ...exerciseProblems(cells),
    ...nameProblems(cells),
    ...setUpProblems(cells),
  ];
}

/** Counts the lines that a student sees, without marks and lines for the grader. */
export function countLines(source: string): number {
  const shown = source.replaceAll(/^\s*\/\/ BEGIN HIDDEN[^]*?\/\/ END HIDDEN.*$/gm, "");
  return shown.split("\n").filter((line) => !/^\s*($|\/\/ (BEGIN|END) )/.test(line)).length;
}

function lineProblems(cells: readonly CourseCell[]): string[] {
  const code = cells.filter(({ type }) => type === "code");
  const sizes = code.map(({ source }) => countLines(source)).toSorted((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  return [
    ...median > LIMITS.medianLines
      ? [`expected code cells of ${LIMITS.medianLines} lines in the median, got ${median}`]
      : [],
    ...code.flatMap(({ line, source }) => {
      const lines = countLines(source);
      if (lines <= LIMITS.maxLines) return [];
      return [`line ${line}: expected at most ${LIMITS.maxLines} lines of code, got ${lines}`];
    }),
  ];
}

/**
 * Counts the words of plain paragraphs; headings, lists, tables, formulas, pictures and code are
 * not prose.
 */
export function countWords(text: string): number {
  return text.replaceAll(/^```[^]*?^```|\$\$[^]*?\$\$/gm, "").replaceAll(/\$[^$\n]+\$/g, "x")
    .replaceAll(/<[^>]+>/g, "").split(/\n\s*\n/)
    .filter((block) => !/^\s*(#|[-*] |\d+\. |\||>|!\[| {4})/.test(block))
    .join(" ").split(/\s+/).filter((word) => /\w/.test(word)).length;
}

/** Finds long prose; the opening and the closing may be longer. */
function proseProblems(cells: readonly CourseCell[]): string[] {
  const runs: CourseCell[][] = [[]];
  for (const cell of cells) {
    if (cell.type === "code") runs.push([]);
    else if (cell.options.hint === undefined) runs.at(-1)?.push(cell);
  }
  return runs.slice(1, -1).flatMap((run) => {
    const words = run.reduce((sum, cell) => sum + countWords(cell.source), 0);
    if (words <= LIMITS.maxWords) return [];
    const { line = 0 } = run[0] ?? {};
    return [`line ${line}: expected at most ${LIMITS.maxWords} words between code, got ${words}`];
  });
}

/**
 * Finds formulas of several lines in a quote: there the ">" of each line would become part of the
 * formula.
 */
function formulaProblems(cells: readonly CourseCell[]): string[] {
  return cells.filter(({ type, source }) => type === "markdown" && /^> ?.*\$\$/m.test(source))
    .map(({ line }) => `line ${line}: expected formulas outside of quotes, got one inside`);
}

function exerciseProblems(cells: readonly CourseCell[]): string[] {
  const hints = new Set(cells.map(({ options }) => options.hint));
  return cells.flatMap((cell, i) => {
    const { solution, difficulty = 0, importance = 0, minutes = 0 } = cell.options;
    if (solution === undefined) return [];
    const isRated = [difficulty, importance].every((value) => value >= 1 && value <= 5);
    const next = cells.slice(i + 1).find(({ options }) =>
      options.test !== undefined || options.solution !== undefined
    );
    const wrong = [
      isRated && minutes > 0 ? "" : "difficulty and importance from 1 to 5, and minutes",
      hints.has(solution) ? "" : "a hint",
      next === undefined ? "a check after it" : "",
      /\/\/ BEGIN SOLUTION[^]*\/\/ END SOLUTION/.test(cell.source) ? "" : "a marked solution",
    ].filter((part) => part !== "");
    return wrong.map((rule) => `line ${cell.line}: expected ${rule} for "${solution}", got none`);
  });
}

/**
 * Finds names that are declared twice: no error in a kernel, but confusing when cells are run
 * again.
 */
function nameProblems(cells: readonly CourseCell[]): string[] {
  const seen = new Map<string, number>();
  return cells.filter(({ type }) => type === "code").flatMap(({ source, line }) =>
    declaredNames(source).flatMap((name) => {
      const first = seen.get(name);
      seen.set(name, first ?? line);
      if (first === undefined) return [];
      return [`line ${line}: expected "${name}" to be declared once, got it at line ${first} too`];
    })
  );
}

/** Names that a cell declares at its top level, without overloads and destructuring. */
function declaredNames(source: string): string[] {
  const declaration = /^(?:async function\*?|function\*?|const|let|class|enum) (\w+)/gm;
  return [...source.matchAll(declaration)].map(([, name = ""]) => name);
}

function setUpProblems(cells: readonly CourseCell[]): string[] {
  const first = cells.find(({ type }) => type === "code");
  if (first !== undefined && /await setUpNotebook\(/.test(first.source)) return [];
  return ["expected `await setUpNotebook()` in the first code cell, got none"];
}
