/**
 * Times the grading of a class: 40 submissions of notebook 1, each whole and solved, which takes longest.
 *
 *     ./denow run -A bench/grade_class.ts               40 submissions, as `task grade` does it by default
 *     ./denow run -A bench/grade_class.ts 10 --jobs 1   10 of them, with flags of `task grade`
 *
 * It fails unless each one gets all points that are given by checks. What it measures on two cores that have
 * nothing else to do is in docs/TEACHING.md.
 *
 * @module
 */
import { ROOT } from "lib/authoring/mod.ts";
import { bytesOf, solvedNotebook } from "../tests/classroom/made_class.ts";
import { gradeFolder, gradesIn } from "../tests/classroom/grade_folder.ts";

const [first = "40", ...rest] = Deno.args, isCount = /^\d+$/.test(first);
const count = isCount ? Number(first) : 40, flags = isCount ? rest : Deno.args;
const folder = Deno.makeTempDirSync({ dir: `${ROOT}/build`, prefix: "forty-" });
try {
  for (let i = 1; i <= count; i++) {
    const { cells, ...notebook } = solvedNotebook("all");
    // No two are the same file: what was graded before would be taken over.
    const own = { ...notebook, cells, metadata: { ...notebook.metadata, student: i } };
    const student = `student-${String(i).padStart(2, "0")}`;
    Deno.mkdirSync(`${folder}/${student}`);
    const bytes = bytesOf({ points: 0, change: () => own }) ?? new Uint8Array();
    Deno.writeFileSync(`${folder}/${student}/01_data.ipynb`, bytes);
  }
  const begin = performance.now();
  gradeFolder(folder, ...flags);
  const seconds = (performance.now() - begin) / 1000, grades = gradesIn(folder);
  const points = new Set(grades.map(({ points }) => points));
  const each = grades.map((grade) => grade.seconds).toSorted((a, b) => a - b);
  console.log(
    `${grades.length} submissions in ${(seconds / 60).toFixed(1)} minutes, ` +
      `${(seconds / grades.length).toFixed(1)} s each; a notebook ran ${
        each.at(0)?.toFixed(0)
      } to ` +
      `${each.at(-1)?.toFixed(0)} s; points: ${[...points].join(", ")}`,
  );
  if (grades.length !== count || points.size !== 1 || !points.has(38)) Deno.exit(1);
} finally {
  Deno.removeSync(folder, { recursive: true });
}
