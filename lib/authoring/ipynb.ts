/**
 * Builds notebooks from the cells of a course source: one for students, one with the solutions.
 *
 * The metadata are nbgrader's, schema 3, checksums included, so that nbgrader can grade what students
 * hand in. Ids are fixed: the same source gives the same bytes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { CellOptions, CourseCell } from "./percent.ts";

/** A cell of a notebook file, nbformat 4.5. */
export interface NotebookCell {
  /** What it holds. */
  readonly cell_type: "code" | "markdown";
  /** Its place among the executed cells; null before it ran. */
  readonly execution_count?: number | null;
  /** Its name, which does not change when the notebook is built again. */
  readonly id: string;
  /** nbgrader's and Jupyter's data. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Its outputs; only for code cells. */
  readonly outputs?: readonly NotebookOutput[];
  /** Its lines, each with its line end. */
  readonly source: readonly string[];
}

/** One output of a cell. */
export interface NotebookOutput {
  /** Its form, which says what else it holds. */
  readonly output_type: "stream" | "display_data" | "execute_result" | "error";
  /** Further fields, depending on the form. */
  readonly [key: string]: unknown;
}

/** A notebook file. */
export interface Notebook {
  /** From top to bottom. */
  readonly cells: readonly NotebookCell[];
  /** The kernel, the language, the checksum of the build. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The format. */
  readonly nbformat: 4;
  /** Its minor version. */
  readonly nbformat_minor: 5;
}

/**
 * Whom a notebook is for: the student's has stubs and folded solutions, the other has every answer
 * filled in.
 */
export type Edition = "student" | "solution";

const METADATA = {
  kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
  language_info: {
    codemirror_mode: "typescript",
    file_extension: ".ts",
    mimetype: "text/x.typescript",
    name: "typescript",
    nbconvert_exporter: "script",
    pygments_lexer: "typescript",
  },
};

/** Builds a notebook from the cells of its source. */
export function toNotebook(cells: readonly CourseCell[], edition: Edition): Notebook {
  const built: NotebookCell[] = [];
  let latest = "cell", unnamed = 0;
  let open: CourseCell[] = [], checked: CourseCell[] = []; // exercises, before and after their check
  for (const cell of cells) {
    const { solution, test, hint } = cell.options, name = idOf(cell.options);
    if (name !== undefined) [latest, unnamed] = [name, 0];
    // Not above a hint: the first fold that a student opens should be the hint.
    if (hint === undefined) showSolutions();
    built.push(toCell(cell, name ?? `${latest}-${++unnamed}`, edition));
    if (solution !== undefined) open.push(cell);
    if (test !== undefined) [checked, open] = [open, []];
  }
  showSolutions();
  const metadata = { ...METADATA, course: { checksum: checksumOf(built) } };
  return { cells: unique(built), metadata, nbformat: 4, nbformat_minor: 5 };

  function showSolutions(): void {
    for (const one of edition === "student" ? checked : []) built.push(foldedSolution(one));
    checked = [];
  }
}

/**
 * Whether a person has changed a notebook since it was built, so that it must not be overwritten.
 */
export function isWorkedOn({ cells, metadata }: Notebook): boolean {
  const { checksum } = (metadata.course ?? {}) as { checksum?: unknown };
  return checksum !== checksumOf(cells);
}

/** Removes data that changes from run to run and is not visible: display ids, times. */
export function withoutVolatile(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell): NotebookCell => {
    if (cell.outputs === undefined) return cell;
    const outputs = cell.outputs.map(({ transient: _, ...output }) => output as NotebookOutput);
    return { ...cell, outputs };
  });
  return { ...notebook, cells };
}

function checksumOf(cells: readonly NotebookCell[]): string {
  const texts = cells.map(({ id, source }) => [id, [source].flat().join("")]);
  return createHash("md5").update(JSON.stringify(texts)).digest("hex");
}

/** The bytes of a notebook file, as nbformat writes them. */
export function formatNotebook(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

function idOf(options: CellOptions): string | undefined {
  const { id, solution, test, answer, hint } = options;
  return id ?? solution ?? test ?? answer ?? (hint && `hint-${hint}`);
}

function unique(cells: readonly NotebookCell[]): readonly NotebookCell[] {
  const seen = new Set<string>();
  for (const { id } of cells) {
    if (seen.has(id)) {
      throw new SyntaxError(
        `Cannot build a notebook: expected every id once, got "${id}" twice; an exercise, its ` +
          'hint ("hint-...") and the text before it need ids of their own',
      );
    }
    seen.add(id);
  }
  return cells;
}

function toCell(cell: CourseCell, id: string, edition: Edition): NotebookCell {
  const { type, options } = cell;
  const source = type === "code" ? codeOf(cell, edition) : textOf(cell, edition);
  const metadata = metadataOf(cell, { id, source, edition });
  const lines = source.split(/(?<=\n)/);
  if (type === "markdown") return { cell_type: type, id, metadata, source: lines };
  return { cell_type: type, execution_count: null, id, metadata, outputs: [], source: lines };

  function textOf({ source, options: { hint, answer } }: CourseCell, edition: Edition): string {
    if (hint !== undefined) return folded("Hint", source);
    return answer !== undefined && edition === "student" ? "YOUR ANSWER HERE" : source;
  }

  function codeOf({ source }: CourseCell, edition: Edition): string {
    const stub = `// YOUR CODE HERE\nthrow new Error("not implemented: ${
      options.solution ?? id
    }");`;
    const shown = edition === "solution"
      ? source
      : options.kind === "predict"
      ? withoutGuess(source, id)
      : replaceRegion(replaceRegion(source, "SOLUTION", stub), "HIDDEN TESTS", "");
    return [effort(options), shown].filter((part) => part !== "").join("\n");
  }
}

/** The effort of an exercise, as the first line of its cell. */
function effort({ difficulty, importance, minutes }: CellOptions): string {
  const parts = [
    difficulty === undefined ? [] : [`difficulty ${difficulty} of 5`],
    importance === undefined ? [] : [`importance ${importance} of 5`],
    minutes === undefined ? [] : [`about ${minutes} minutes`],
  ].flat();
  return parts.length === 0 ? "" : `// ${parts.join(", ")}`;
}

/** Replaces the text between BEGIN and END lines; the replacement is indented like them. */
export function replaceRegion(source: string, mark: string, replacement: string): string {
  const region = new RegExp(
    `^([ \\t]*)// BEGIN ${mark}\\n[^]*?^[ \\t]*// END ${mark}(?:\\n|$)`,
    "gm",
  );
  const indented = (indent: string) => `${replacement.replaceAll(/^/gm, indent)}\n`;
  return source.replaceAll(region, (_, indent) => replacement === "" ? "" : indented(indent))
    .trimEnd();
}

/** A guess is the student's own: `const guessed: number | null = 50; // your guess` starts as null. */
function withoutGuess(source: string, id: string): string {
  if (/^const \w+: number \| null = [^;]+;/m.test(source)) {
    return source.replace(/(?<=: number \| null = )[^;]+/, "null");
  }
  throw new SyntaxError(
    `Cannot build "${id}": expected "const name: number | null = 50; // your guess" in a cell of ` +
      `kind="predict", got ${JSON.stringify(source)}`,
  );
}

/** The answer of an exercise, without the lines that mark it, as a folded cell below its check. */
function foldedSolution({ source, options: { solution = "" } }: CourseCell): NotebookCell {
  const code = source.replaceAll(/^[ \t]*\/\/ (BEGIN|END) SOLUTION\n/gm, "");
  const text = folded("Solution", `\`\`\`ts\n${code}\n\`\`\``);
  const lines = text.split(/(?<=\n)/);
  return { cell_type: "markdown", id: `solution-${solution}`, metadata: {}, source: lines };
}

/**
 * Markdown that a click opens; the empty lines make viewers read it as Markdown and not as HTML.
 */
function folded(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`;
}

interface Graded {
  readonly id: string;
  readonly source: string;
  readonly edition: Edition;
}

function metadataOf(cell: CourseCell, graded: Graded): Readonly<Record<string, unknown>> {
  const { kind, solution, test, answer } = cell.options;
  const tags = kind === undefined ? {} : { tags: [kind] };
  if ((solution ?? test ?? answer) === undefined) return tags;
  const isStudent = graded.edition === "student", isLocked = test !== undefined;
  return {
    ...isStudent && { deletable: false, ...isLocked && { editable: false } },
    nbgrader: graderOf(cell, graded),
    ...tags,
  };
}

/**
 * nbgrader's own metadata: it accepts no other keys, and a checksum only in the student's notebook.
 */
function graderOf({ type, options }: CourseCell, { id, source, edition }: Graded) {
  const isGraded = options.test !== undefined || options.answer !== undefined;
  const role = {
    grade: isGraded,
    grade_id: id,
    locked: options.test !== undefined,
    ...isGraded && { points: options.points },
    schema_version: 3,
    solution: options.solution !== undefined || options.answer !== undefined,
    task: false,
  };
  if (edition === "solution") return role;
  const python = (flag: boolean) => flag ? "True" : "False";
  const points = Number.isInteger(options.points) ? `${options.points}.0` : `${options.points}`;
  const checksum = createHash("md5").update(
    source + type + python(role.grade) + python(role.solution) + python(role.locked) + id +
      (isGraded ? points : ""),
  ).digest("hex");
  return { ...role, cell_type: type, checksum };
}
