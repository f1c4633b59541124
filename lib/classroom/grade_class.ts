import { writeFileAtomically } from "lib/core/mod.ts";
import type { HandedIn } from "./find_submissions.ts";
import type { CourseNotebook, Submission } from "./grade_submission.ts";
import type { Grade } from "./results.ts";

/** One thing to grade. */
export interface Task {
  /** Who handed it in. */
  readonly student: string;
  /** The notebook, such as `01_data`. */
  readonly notebook: CourseNotebook;
  /** What was handed in; undefined for a notebook that is missing. */
  readonly handedIn: HandedIn | undefined;
}

/** How a class is graded. */
export interface ClassOptions {
  /** Grades one submission; `place` is the number, from 0, of the worker that grades it. */
  readonly grade: (
    submission: Submission,
    course: CourseNotebook,
    place: number,
  ) => Promise<Grade>;
  /** How many submissions are graded at the same time. */
  readonly jobs: number;
  /** The folder in which grades are kept for later runs. */
  readonly cache: string;
  /** A text that changes if anything else that grades depend on changes: the course, the policy. */
  readonly version: string;
  /** Called after each submission; `isNew` is false for a grade of an earlier run. */
  readonly onGrade?: (grade: Grade, isNew: boolean) => void;
}

/**
 * Grades tasks, several at the same time. A grade of an earlier run is used if nothing has changed.
 *
 * @param tasks What is to be graded.
 * @param options How to grade, and where grades are kept.
 * @returns The grades in the order of the tasks.
 */
export async function gradeClass(tasks: readonly Task[], options: ClassOptions): Promise<Grade[]> {
  const grades: Grade[] = [], queue = [...tasks.entries()];
  const work = async (place: number) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [i, task] = next;
      grades[i] = await gradeOrRecall(task, { ...options, place });
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, (_, place) => work(place)));
  return grades;
}

async function gradeOrRecall(
  { student, notebook, handedIn }: Task,
  { grade, cache, version, onGrade, place }: ClassOptions & { readonly place: number },
): Promise<Grade> {
  const bytes = handedIn === undefined ? null : await handedIn.read();
  const key = await digest([version, student, notebook.name, bytes ?? new Uint8Array()]);
  const path = `${cache}/${student}.${notebook.name}.json`;
  const known = recall(path, key);
  if (known !== undefined) {
    onGrade?.(known, false);
    return known;
  }
  const made = await grade({ student, notebook: notebook.name, bytes }, notebook, place);
  Deno.mkdirSync(cache, { recursive: true });
  writeFileAtomically(path, JSON.stringify({ key, grade: made }));
  onGrade?.(made, true);
  return made;
}

/** The grade of an earlier run; undefined if there is none, or if something has changed. */
function recall(path: string, key: string): Grade | undefined {
  try {
    const kept: { readonly key: string; readonly grade: Grade } = JSON.parse(
      Deno.readTextFileSync(path),
    );
    return kept.key === key ? kept.grade : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads the grades of an earlier run or of another machine; missing grades are left out. */
export async function recallGrades(
  tasks: readonly Task[],
  { cache, version }: Pick<ClassOptions, "cache" | "version">,
): Promise<Grade[]> {
  const grades = await Promise.all(tasks.map(async ({ student, notebook, handedIn }) => {
    const bytes = handedIn === undefined ? new Uint8Array() : await handedIn.read();
    const key = await digest([version, student, notebook.name, bytes]);
    return recall(`${cache}/${student}.${notebook.name}.json`, key) ?? [];
  }));
  return grades.flat();
}

/** The SHA-256 of some parts, in hexadecimal digits. */
export async function digest(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const bytes = parts.flatMap((part) => {
    const content = typeof part === "string" ? new TextEncoder().encode(part) : part;
    return [new TextEncoder().encode(`${content.length}:`), content];
  });
  const all = new Uint8Array(await new Blob(bytes as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}
