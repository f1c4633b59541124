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
  /** Grades one submission; `place` counts the places that work at a time, from 0. */
  readonly grade: (
    submission: Submission,
    course: CourseNotebook,
    place: number,
  ) => Promise<Grade>;
  /** How many are graded at a time. */
  readonly jobs: number;
  /** The folder of what was graded before. */
  readonly cache: string;
  /** What the grades depend on beside the submission: the course, the policy. */
  readonly version: string;
  /** Called after each one; `isNew` is false for a grade of an earlier run. */
  readonly onGrade?: (grade: Grade, isNew: boolean) => void;
}

/**
 * Grades tasks, several at a time; what is graded already and has not changed is taken over.
 *
 * @param tasks What is to be graded.
 * @param options How.
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

/** The grade of an earlier run; undefined where there is none, or something has changed. */
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

/** Reads grades of an earlier run or of another machine; those that are missing are left out. */
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
