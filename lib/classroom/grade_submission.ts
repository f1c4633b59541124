import { attemptsIn } from "./attempts.ts";
import { withDependencies } from "./dependencies.ts";
import { NotebookFileError, readNotebookFile } from "./notebook_file.ts";
import { picturesOf } from "./pictures.ts";
import { type GivenCell, restoreChecks, type RestoredCell } from "./restore_checks.ts";
import type { CellError, Grade, Item, ItemResult } from "./results.ts";
import type { CellRun, Job, RunOptions } from "./run_cells.ts";
import { type Policy, type Run, scoreOf, writtenResult } from "./score.ts";

/** A notebook of the course, as students received it. */
export interface CourseNotebook {
  /** Its name. */
  readonly name: string;
  /** Its cells, in order. */
  readonly cells: readonly GivenCell[];
  /** What gives points. */
  readonly items: readonly Item[];
}

/** One file that was handed in. */
export interface Submission {
  /** Who handed it in. */
  readonly student: string;
  /** The notebook, such as `01_data`. */
  readonly notebook: string;
  /** The file's bytes; null if none was handed in. */
  readonly bytes: Uint8Array | null;
}

/** How submissions are graded. */
export interface GradingOptions {
  /** How cells run. */
  readonly run: RunOptions;
  /** How points are given. */
  readonly policy: Policy;
  /** Whether to skip cells that no answer depends on: demonstrations, pictures, training. */
  readonly isQuick?: boolean;
  /** Whether a cell's code only calls the library's own function for an exercise. */
  readonly isCopy: (exercise: string, code: string) => boolean;
}

/**
 * Grades one submission; a file that is not a notebook gets no points, and a note says why.
 *
 * @param submission What was handed in.
 * @param course The course's notebook of the same name.
 * @param options How it runs and how points are given.
 */
export async function gradeSubmission(
  submission: Submission,
  course: CourseNotebook,
  options: GradingOptions,
): Promise<Grade> {
  const { bytes } = submission;
  if (bytes === null) return refused(submission, course, "no notebook of this name was handed in");
  try {
    const file = readNotebookFile(bytes), restored = restoreChecks(course.cells, file.cells);
    const owned = restored.cells.filter(({ role }) => role === "answer").length;
    const isOther = file.cells.every(({ id, gradeId }) =>
      !course.cells.some((cell) => cell.id === gradeId || cell.id === id)
    );
    if (isOther || owned === 0) return refused(submission, course, "the file is another notebook");
    const begin = performance.now();
    const runs = await options.run.executor.run(
      jobsOf(chosenCells(restored.cells, course, options), course, options),
      options.run,
    );
    const seconds = (performance.now() - begin) / 1000;
    return gradeOf({ submission, course, cells: restored.cells, runs, seconds }, [
      ...file.notes,
      ...restored.notes,
    ], options);
  } catch (error) {
    if (!(error instanceof NotebookFileError)) throw error;
    return refused(submission, course, error.message);
  }
}

function refused(submission: Submission, course: CourseNotebook, finding: string): Grade {
  const run: Run = {
    ...{ status: "skipped", reason: finding, verdict: null, error: "", seconds: 0, isCopy: false },
  };
  const items = course.items.map((item) =>
    item.isWritten
      ? writtenResult(item, "")
      : scoreOf(item, run, { partial: "none", copies: "count" })
  );
  return {
    ...{ student: submission.student, notebook: course.name, items, points: 0, manual: 0 },
    most: sum(items, "most"),
    notes: [finding],
    ...{ attempts: [], errors: [], pictures: [], seconds: 0, code: {} },
  };
}

/**
 * Cells with code. If quick, a given cell that the student did not change stays only if it is the first one
 * or if another chosen cell depends on it.
 */
function chosenCells(
  cells: readonly RestoredCell[],
  course: CourseNotebook,
  { isQuick = false }: GradingOptions,
): readonly RestoredCell[] {
  const code = cells.filter(({ type, source }) => type === "code" && source.trim() !== "");
  if (!isQuick) return code;
  const given = new Map(course.cells.map(({ id, source }) => [id, source]));
  const isPlay = ({ role, id, source }: RestoredCell) =>
    role === "given" && given.get(id) === source;
  const wanted = code.filter((cell, i) => i === 0 || !isPlay(cell));
  const found = withDependencies(wanted, code);
  return code.filter((cell) => found.has(cell));
}

function jobsOf(
  cells: readonly RestoredCell[],
  course: CourseNotebook,
  { run: { limits: { cellSeconds, givenSeconds } } }: GradingOptions,
): Job[] {
  const given = new Map(course.cells.map(({ id, source }) => [id, source]));
  return cells.map(({ id, source, role }): Job => {
    const check = role === "check" ? checkedName(source) : undefined;
    if (check !== undefined) {
      // The notebook may have replaced `check`: this imports the course's own.
      const ask = `await (await import("course/check.ts")).check("${check}", ${check});`;
      return { id, source: ask, seconds: cellSeconds, check, role: "check" };
    }
    const isOwn = role === "answer" || role === "extra";
    const seconds = !isOwn && given.get(id) === source ? givenSeconds : cellSeconds;
    return { id, source, seconds, role: isOwn ? role : "given" };
  });
}

/** The function that a check cell asks for: `await check("padBatch", padBatch);`. */
function checkedName(source: string): string | undefined {
  return /await check\("(\w+)", \1\);/.exec(source)?.[1];
}

interface Material {
  readonly submission: Submission;
  readonly course: CourseNotebook;
  readonly cells: readonly RestoredCell[];
  readonly runs: readonly CellRun[];
  readonly seconds: number;
}

function gradeOf(
  { submission, course, cells, runs, seconds }: Material,
  notes: readonly string[],
  { policy, isCopy }: GradingOptions,
): Grade {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const sources = new Map(cells.map(({ id, source }) => [id, source]));
  const items = course.items.map((item): ItemResult => {
    if (item.isWritten) return writtenResult(item, sources.get(item.id) ?? "");
    const copied = isCopy(item.exercise, sources.get(item.exercise) ?? "");
    return scoreOf(item, runOf(byId.get(item.id), copied), policy);
  });
  const given = new Map(course.cells.map(({ id, source }) => [id, source]));
  return {
    ...{ student: submission.student, notebook: course.name, items },
    ...{ points: sum(items, "points"), most: sum(items, "most") },
    manual: sum(items.filter(({ status }) => status === "manual"), "most"),
    notes: [...notes, ...runs.flatMap(lostNote)],
    attempts: [...attemptsIn(cells, given), ...forgeries(runs)],
    errors: runs.flatMap((run) => errorsOf(run, items)),
    pictures: runs.flatMap(({ id, outputs }) => picturesOf(id, outputs)),
    seconds,
    code: Object.fromEntries(
      cells.filter(({ role, id, source }) => role === "answer" && source !== given.get(id))
        .map(({ id, source }) => [id, normalized(source)]),
    ),
  };
}

function runOf(run: CellRun | undefined, isCopy: boolean): Run {
  if (run === undefined) {
    const reason = "the end of the whole run before it";
    return { status: "skipped", reason, verdict: null, error: "", seconds: 0, isCopy };
  }
  const { status, reason, verdict, seconds } = run;
  return { status, reason, verdict, seconds, isCopy, error: errorOf(run) };
}

function errorOf({ outputs }: CellRun): string {
  const error = outputs.find(({ output_type }) => output_type === "error");
  return error === undefined
    ? ""
    : `${String(error.ename)}: ${String(error.evalue)}`.slice(0, 2000);
}

function lostNote({ id, status, reason }: CellRun): string[] {
  const what = {
    ...{ ok: "", error: "", skipped: "" },
    ...{ time: "took too long", limit: "used too much", output: "put out too much" },
    dead: "ended the kernel",
  }[status];
  return what === "" ? [] : [`cell "${id}" ${what} (${reason}); a new kernel went on after it`];
}

function forgeries(runs: readonly CellRun[]): string[] {
  const ids = runs.flatMap(({ id, verdict }) => verdict?.isForged === true ? [`"${id}"`] : []);
  return ids.length === 0 ? [] : [`code wrote into the channel to its check: ${ids.join(", ")}`];
}

function errorsOf(run: CellRun, items: readonly ItemResult[]): CellError[] {
  const isCheck = items.some(({ id }) => id === run.id), message = errorOf(run);
  if (isCheck || run.status !== "error") return [];
  return [{ cell: run.id, message: message || "SyntaxError: the cell is no TypeScript" }];
}

/** Code without comments, blanks and semicolons, which do not matter in a comparison. */
function normalized(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, "").replaceAll(/[\s;]+/g, "");
}

function sum(items: readonly ItemResult[], key: "points" | "most"): number {
  return items.reduce((total, item) => total + item[key], 0);
}
