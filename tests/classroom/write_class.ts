import type { Grade } from "lib/classroom/mod.ts";
import { bytesOf, type Made } from "./made_class.ts";
import { ESCAPES } from "./made_escapes.ts";
import { MISTAKES } from "./made_mistakes.ts";

/** All made submissions by their student. */
export const MADE: Readonly<Record<string, Made>> = { ...MISTAKES, ...ESCAPES };

/**
 * Writes made submissions as a class hands them in: `FOLDER/STUDENT/01_data.ipynb`.
 *
 * @param folder Where to.
 * @param students Which ones; default all.
 */
export function writeClass(folder: string, students: readonly string[] = Object.keys(MADE)): void {
  for (const student of students) {
    const made = MADE[student];
    if (made === undefined) throw new RangeError(`Cannot write ${student}: expected a made one`);
    Deno.mkdirSync(`${folder}/${student}`, { recursive: true });
    const bytes = bytesOf(made);
    if (bytes === null) Deno.writeTextFileSync(`${folder}/${student}/notes.txt`, "I forgot it");
    else Deno.writeFileSync(`${folder}/${student}/01_data.ipynb`, bytes);
  }
}

/**
 * All that a report says of a submission, line by line.
 *
 * @param grade The submission's grade.
 */
export function toldOf({ notes, attempts, errors, items }: Grade): string {
  return [
    ...[...notes, ...attempts],
    ...errors.map(({ cell, message }) => `${cell}: ${message}`),
    ...items.flatMap(({ exercise, finding, mistake, isCopy }) => [
      `${exercise}: ${finding}`,
      ...mistake === "" ? [] : [mistake],
      ...isCopy ? [`${exercise} is the library's`] : [],
    ]),
  ].join("\n");
}
