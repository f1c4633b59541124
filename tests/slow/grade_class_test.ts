import { gradeFolder as grade, gradesIn } from "../classroom/grade_folder.ts";
import { MADE, toldOf, writeClass } from "../classroom/write_class.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertMatch } from "@std/assert";

Deno.test("a made class gets exactly its points, twice in a row, and the report names each attempt", () => {
  const folder = temporaryFolder();
  writeClass(folder);
  const expected = Object.fromEntries(
    Object.entries(MADE).map(([name, { points }]) => [name, points]),
  );
  for (const run of ["first", "second"]) {
    grade(folder, "--quick");
    const grades = gradesIn(folder);
    const points = Object.fromEntries(grades.map((one) => [one.student, one.points]));
    assertEquals(points, expected, `the ${run} run`);
    for (const one of grades) {
      const { tells } = MADE[one.student] ?? {};
      if (tells !== undefined) assertMatch(toldOf(one), tells, one.student);
    }
    // Grades of an earlier run are taken over: the second run must make its own.
    Deno.removeSync(`${folder}/graded`, { recursive: true });
  }
});

Deno.test("task grade takes over what has not changed, and shards share a folder", () => {
  const folder = temporaryFolder();
  writeClass(folder, ["some-right", "stub", "no-file"]);
  const first = grade(folder, "--quick", "--shard", "1/2");
  assertMatch(first, /1 of 3 are still to be graded by other shards/);
  grade(folder, "--quick", "--shard", "2/2");
  assertEquals(gradesIn(folder).length, 3);
  const again = grade(folder, "--quick");
  assertEquals(again.match(/as before/g)?.length, 3);
  Deno.writeTextFileSync(`${folder}/stub/01_data.ipynb`, "{}");
  assertEquals(grade(folder, "--quick").match(/as before/g)?.length, 2);
});
