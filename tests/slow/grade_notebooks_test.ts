import type { Grade } from "lib/classroom/mod.ts";
import { bytesOf } from "../classroom/made_class.ts";
import { madeOf, NOTEBOOKS } from "../classroom/made_notebooks.ts";
import { toldOf } from "../classroom/write_class.ts";
import { gradeFolder, gradesIn } from "../classroom/grade_folder.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertMatch } from "@std/assert";

for (const notebook of Object.keys(NOTEBOOKS)) {
  Deno.test(`${notebook}: solved, untouched, with a wrong answer, and with a spy, it gets exactly its points`, () => {
    const folder = temporaryFolder(), made = madeOf(notebook);
    for (const [student, one] of Object.entries(made)) {
      Deno.mkdirSync(`${folder}/${student}`);
      Deno.writeFileSync(
        `${folder}/${student}/${notebook}.ipynb`,
        bytesOf(one) ?? new Uint8Array(),
      );
    }
    gradeFolder(folder, "--quick");
    const grades = gradesIn(folder);
    const told = (one: Grade) =>
      [
        one.student,
        one.points,
        ...one.items.filter(({ status }) => status !== "right")
          .map(({ exercise, finding }) => `${exercise}: ${finding}`),
      ].join("\n");
    for (const one of grades) {
      const { points, tells = /./ } = made[one.student] ?? { points: NaN };
      assertEquals(one.points, points, told(one));
      assertMatch(toldOf(one), tells, one.student);
      if (one.student === "solved") assertEquals(one.errors, []);
    }
    assertEquals(grades.length, Object.keys(made).length);
  });
}
