import { writeFileAtomically } from "lib/core/mod.ts";
import { classPage } from "./class_page.ts";
import { feedbackPage } from "./feedback_page.ts";
import type { Grade } from "./results.ts";
import { gradescopeResults, gradesCsv, gradesJson, gradesJunit } from "./tables.ts";

/**
 * Writes all reports for teachers and students: `grades.csv`, `grades.json`, `junit.xml`, `class.html`, one
 * page per student in `feedback/`, and results for Gradescope in `gradescope/STUDENT/NN_name/`.
 *
 * @param folder The folder to write into.
 * @param grades The grades of all students.
 * @param strays Files that belong to no student and notebook, as `findSubmissions` lists them.
 */
export function writeReports(
  folder: string,
  grades: readonly Grade[],
  strays: readonly string[] = [],
): void {
  Deno.mkdirSync(`${folder}/feedback`, { recursive: true });
  writeFileAtomically(`${folder}/grades.csv`, gradesCsv(grades));
  writeFileAtomically(`${folder}/grades.json`, gradesJson(grades));
  writeFileAtomically(`${folder}/junit.xml`, gradesJunit(grades));
  writeFileAtomically(`${folder}/class.html`, classPage(grades, strays));
  for (const [student, own] of Map.groupBy(grades, (grade) => grade.student)) {
    writeFileAtomically(`${folder}/feedback/${student}.html`, feedbackPage(student, own));
    for (const grade of own) {
      const place = `${folder}/gradescope/${student}/${grade.notebook}`;
      Deno.mkdirSync(place, { recursive: true });
      writeFileAtomically(`${place}/results.json`, gradescopeResults(grade));
    }
  }
}
