/**
 * How this checkout grades: its programs, its sandbox, its policy.
 *
 * @module
 */
import {
  controlGroup,
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
import { openWorkplace } from "./_workplace.ts";

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
  /** Whether the system holds each sandbox to its limits as a whole; else they are watched. */
  readonly hasGroups: boolean;
  /** Ends the processes. */
  readonly end: () => Promise<void>;
}

const FOLDER = `${ROOT}/build/grading`;

/** Prepares the course for grading. */
export async function createGrader(options: GraderOptions): Promise<Grader> {
  const { isSandboxed } = options, workplace = openWorkplace(FOLDER);
  const stage = `${workplace}/course`;
  await stageCourse(stage);
  if (!isSandboxed) linkPackages(stage);
  const group = isSandboxed ? await findGroup(options) : [];
  if (isSandboxed) await warmCache(stage);
  const executors: Executor[] = [];
  const grade: Grader["grade"] = async (submission, course, place) => {
    const executor = executors[place] ??= new Executor(
      isSandboxed ? withoutNetwork(EXECUTOR) : EXECUTOR,
    );
    const exchange = `${workplace}/exchange-${place}`;
    Deno.mkdirSync(exchange, { recursive: true });
    try {
      const run = {
        executor,
        ...places(options, { stage, exchange, group, notebook: course.name }),
      };
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
    hasGroups: group.length > 0,
    end: async () => void await Promise.all(executors.map((one) => one.end())),
  };
}

async function findGroup({ limits = LIMITS }: GraderOptions): Promise<string[]> {
  return await controlGroup(limits, { isRoot: Deno.uid() === 0 });
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
  /** What stands before the kernel's command. */
  readonly group: readonly string[];
  readonly notebook: string;
}

function places(
  { isSandboxed, isHidden = true, limits = LIMITS }: GraderOptions,
  { stage, exchange, group, notebook }: Places,
): Omit<RunOptions, "executor"> {
  const shut = shutIn(stage, exchange, limits);
  const kernel = isSandboxed
    ? { ...shut, kernel: [...group, ...shut.kernel] }
    : open(stage, exchange);
  const modules = helper("_course_service.ts", [], [
    "--allow-read",
    "--allow-ffi",
    "--allow-env",
    "--allow-sys",
    `--allow-write=${exchange}`,
  ]);
  const checker = helper("_answer_checker.ts", [notebook, ...isHidden ? ["hidden"] : []]);
  return { ...kernel, checker, modules, exchange, limits };
}

const EXECUTOR = [`${ROOT}/.venv/bin/python`, `${ROOT}/lib/classroom/execute_cells.py`];

function kernel(deno: string, exchange: string): string[] {
  return [deno, "jupyter", "--kernel", "--conn", `${exchange}/connection.json`];
}

const CACHE = `${FOLDER}/cache`,
  PACKAGES = { venv: `${ROOT}/.venv`, modules: `${ROOT}/node_modules` };

/** Lets Deno read the course's modules once, in a sandbox, so that no notebook's kernel translates them again. */
async function warmCache(course: string): Promise<void> {
  Deno.mkdirSync(CACHE, { recursive: true });
  const places = { course, cache: CACHE, exchange: course, ...PACKAGES, isCacheOpen: true };
  const modules = [...modulesIn(`${course}/course`), ...modulesIn(`${course}/lib`, /^mod\.ts$/)];
  const [program = "", ...args] = withoutNetwork(
    sandboxed(places, LIMITS, [
      ...[`${INSIDE}/.venv/bin/deno`, "cache", "--no-check", "--config", `${INSIDE}/deno.json`],
      ...modules.map((path) => path.replace(course, INSIDE)),
    ]),
  );
  // Without it all works as well, and takes longer.
  await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
}

function* modulesIn(folder: string, name = /\.ts$/): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    if (entry.isDirectory) yield* modulesIn(`${folder}/${entry.name}`, name);
    else if (name.test(entry.name)) yield `${folder}/${entry.name}`;
  }
}

function shutIn(course: string, exchange: string, limits: Limits) {
  const cache = CACHE, packages = PACKAGES;
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

/** A process that serves a notebook from outside; no student's code runs in it. */
function helper(
  script: string,
  args: readonly string[],
  rights: readonly string[] = ["-A"],
): string[] {
  return [
    ...[Deno.execPath(), "run", ...rights, "--no-check", "--no-prompt"],
    ...["--config", `${ROOT}/deno.json`, `${ROOT}/scripts/${script}`, ...args],
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
