import { ROOT } from "lib/authoring/mod.ts";
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

/** The processes that were started with a word in their command. */
function* processesWith(word: string): Generator<string> {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      if (command.includes(word)) yield command;
    } catch {
      // It has ended.
    }
  }
}

Deno.test("Ctrl-C in the middle of a notebook leaves no process and no folder behind", async () => {
  const folder = temporaryFolder();
  writeClass(folder, ["some-right"]);
  const script = `${ROOT}/scripts/grade.ts`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}/deno.json`, script, folder],
    stdout: "null",
  }).spawn();
  const own = `run-${Deno.hostname()}-${child.pid}/`; // the sandbox and its helpers are told this folder
  const wait = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await wait(() => [...processesWith(own)].some((command) => command.includes("_course_service")));
  await wait(() => [...processesWith(own)].some((command) => command.includes("jupyter")));
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130);
  await wait(() => [...processesWith(own)].length === 0);
  const left = [...Deno.readDirSync(`${ROOT}/build/grading`)].map(({ name }) => name);
  assertEquals(left.filter((name) => own.startsWith(name)), []);
});
