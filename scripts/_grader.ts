/**
 * How this checkout grades: its programs, its sandbox, its policy.
 *
 * @module
 */
import {
  type CourseNotebook,
  digest,
  EXCHANGE,
  Executor,
  type Grade,
  gradeSubmission,
  type GradingOptions,
  INSIDE,
  LIMITS,
  type Limits,
  type Policy,
  type RunOptions,
  sandboxed,
  type Submission,
  withoutNetwork,
} from "lib/classroom/mod.ts";
import { type AnyFunction, type Exercise, isCopy } from "lib/grade/mod.ts";
import { loadExercise } from "../course/check.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { stageCourse } from "./_stage.ts";

/** What a teacher chooses. */
export interface GraderOptions {
  readonly policy: Policy;
  /** Whether cells that no answer needs are left out. */
  readonly isQuick?: boolean;
  /** Whether the hidden tests run; default yes. */
  readonly isHidden?: boolean;
  /** Whether students' code runs in a sandbox. */
  readonly isSandboxed: boolean;
  readonly limits?: Limits;
}

/** Grades submissions one by one. */
export interface Grader {
  /** Grades one; `place` numbers the gradings that run at the same time. */
  readonly grade: (submission: Submission, course: CourseNotebook, place: number) => Promise<Grade>;
  /** Changes when anything changes that grades depend on. */
  readonly version: string;
  /** Ends the processes. */
  readonly end: () => Promise<void>;
}

const FOLDER = `${ROOT}/build/grading`;

/** Prepares the course for grading. */
export async function createGrader(options: GraderOptions): Promise<Grader> {
  const { isSandboxed } = options, stage = `${FOLDER}/course-${Deno.pid}`;
  stageCourse(stage);
  globalThis.addEventListener("unload", () => Deno.removeSync(stage, { recursive: true }));
  if (!isSandboxed) linkPackages(stage);
  const executors: Executor[] = [];
  const grade: Grader["grade"] = async (submission, course, place) => {
    const executor = executors[place] ??= new Executor(
      isSandboxed ? withoutNetwork(EXECUTOR) : EXECUTOR,
    );
    const exchange = `${FOLDER}/exchange-${Deno.pid}-${place}`;
    Deno.mkdirSync(exchange, { recursive: true });
    try {
      const run = { executor, ...places(options, { stage, exchange, notebook: course.name }) };
      return await gradeSubmission(submission, course, await settings(options, course, run));
    } finally {
      Deno.removeSync(exchange, { recursive: true });
    }
  };
  const { policy, limits, isQuick, isHidden } = options;
  const chosen = JSON.stringify({ policy, limits, isQuick, isHidden });
  return {
    grade,
    version: await digest([chosen, ...sourceTexts()]),
    end: async () => void await Promise.all(executors.map((one) => one.end())),
  };
}

async function settings(
  { policy, isQuick = false }: GraderOptions,
  course: CourseNotebook,
  run: RunOptions,
): Promise<GradingOptions> {
  const exercises = new Map<string, Exercise>();
  for (const { exercise } of course.items) {
    if (exercise !== "") exercises.set(exercise, await loadExercise(exercise));
  }
  return { policy, isQuick, run, isCopy: (name, code) => isCopyOf(exercises.get(name), code) };
}

interface Places {
  readonly stage: string;
  readonly exchange: string;
  readonly notebook: string;
}

function places(
  { isSandboxed, isHidden = true, limits = LIMITS }: GraderOptions,
  { stage, exchange, notebook }: Places,
): Omit<RunOptions, "executor"> {
  const kernel = isSandboxed ? shutIn(stage, exchange, limits) : open(stage, exchange);
  return { ...kernel, checker: checker(notebook, isHidden), exchange, limits };
}

const EXECUTOR = [`${ROOT}/.venv/bin/python`, `${ROOT}/lib/classroom/execute_cells.py`];

function kernel(deno: string, exchange: string): string[] {
  return [deno, "jupyter", "--kernel", "--conn", `${exchange}/connection.json`];
}

function shutIn(course: string, exchange: string, limits: Limits) {
  const cache = `${FOLDER}/cache`;
  Deno.mkdirSync(cache, { recursive: true });
  const packages = { venv: `${ROOT}/.venv`, modules: `${ROOT}/node_modules` };
  const command = kernel(`${INSIDE}/.venv/bin/deno`, EXCHANGE);
  return {
    kernel: sandboxed({ course, cache, exchange, ...packages }, limits, command),
    folder: "/",
  };
}

function open(stage: string, exchange: string) {
  return {
    kernel: ["env", `GRADING_EXCHANGE=${exchange}`, ...kernel(`${ROOT}/.venv/bin/deno`, exchange)],
    folder: `${stage}/notebooks`,
  };
}

function linkPackages(stage: string): void {
  for (const name of [".venv", "node_modules"]) {
    Deno.removeSync(`${stage}/${name}`);
    Deno.symlinkSync(`${ROOT}/${name}`, `${stage}/${name}`);
  }
}

function checker(notebook: string, isHidden: boolean): string[] {
  const script = `${ROOT}/scripts/_answer_checker.ts`;
  return [
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    "--config",
    `${ROOT}/deno.json`,
    script,
    notebook,
    ...isHidden ? ["hidden"] : [],
  ];
}

/** The cast: isCopy() reads only the text of a function, and an answer cell's code is that text. */
function isCopyOf(exercise: Exercise | undefined, code: string): boolean {
  return exercise !== undefined && isCopy(exercise, code as unknown as AnyFunction);
}

/** The text of every file that checks and cells use. */
function sourceTexts(): string[] {
  return ["lib", "course", "scripts"].flatMap((folder) => [...textsIn(`${ROOT}/${folder}`)]);
}

function* textsIn(folder: string): Generator<string> {
  const entries = [...Deno.readDirSync(folder)].toSorted((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    if (isDirectory) yield* textsIn(`${folder}/${name}`);
    else if (/\.(ts|py)$/.test(name)) {
      yield `${name}\n${Deno.readTextFileSync(`${folder}/${name}`)}`;
    }
  }
}
