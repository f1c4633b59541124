import type { Grade } from "lib/classroom/mod.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { assertEquals } from "@std/assert";

/** Grades a folder by the command, as a teacher does; gives what it said. */
export function gradeFolder(folder: string, ...flags: string[]): string {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--config", `${ROOT}/deno.json`, `${ROOT}/scripts/grade.ts`],
      ...[folder, ...flags],
    ],
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  assertEquals(code, 0, text + new TextDecoder().decode(stderr));
  return text;
}

/** The grades that a run left in a folder. */
export function gradesIn(folder: string): readonly Grade[] {
  return JSON.parse(Deno.readTextFileSync(`${folder}/graded/grades.json`)).grades;
}
