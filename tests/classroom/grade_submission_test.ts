import { type Grade, sandboxProblem } from "lib/classroom/mod.ts";
import { gradedNotebook } from "../../scripts/_graded_course.ts";
import { createGrader } from "../../scripts/_grader.ts";
import { bytesOf } from "./made_class.ts";
import { MADE, toldOf } from "./write_class.ts";
import { assertEquals, assertMatch } from "@std/assert";

/** The whole class is graded by `task slow`; these are one of each sort. */
const HONEST = ["fails-hidden"], ESCAPES = ["patches-prototypes", "aborts"];

Deno.test("made submissions get their points: a hidden test, forged checks, a kernel that ends", async () => {
  const isSandboxed = await sandboxProblem() === undefined;
  const policy = { partial: "half", copies: "count" } as const;
  const grader = await createGrader({ policy, isSandboxed, isQuick: true });
  // Without a sandbox nobody's escape may run.
  for (const student of isSandboxed ? [...HONEST, ...ESCAPES] : HONEST) {
    const made = MADE[student] ?? { points: NaN };
    const submission = { student, notebook: "01_data", bytes: bytesOf(made) };
    const grade: Grade = await grader.grade(submission, gradedNotebook("01_data"), 0);
    assertEquals(grade.points, made.points, `${student}: ${JSON.stringify(grade.items)}`);
    assertMatch(toldOf(grade), made.tells ?? /./);
  }
  await grader.end();
});
