import {
  digest,
  Executor,
  type Grade,
  gradeClass,
  gradesJson,
  gradeSubmission,
  LIMITS,
  recallGrades,
  type Task,
  writeReports,
} from "lib/classroom/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";

const NOTEBOOK = { name: "01_data", cells: [], items: [] };
const task = (student: string, text: string): Task => ({
  ...{ student, notebook: NOTEBOOK },
  handedIn: {
    ...{ student, notebook: "01_data", path: student },
    read: () => Promise.resolve(new TextEncoder().encode(text)),
  },
});
const gradeOf = (student: string, points = 1): Grade => ({
  ...{
    student,
    notebook: "01_data",
    items: [],
    points,
    most: 2,
    manual: 0,
    notes: [],
    attempts: [],
  },
  ...{ errors: [], pictures: [{ cell: "a", url: "data:," }], seconds: 1, code: { f: "x" } },
});

Deno.test("gradeClass() grades what is new or has changed, several at a time, in order", async () => {
  const cache = temporaryFolder(), graded: string[] = [];
  let atOnce = 0, most = 0;
  const options = {
    ...{ jobs: 2, cache, version: "1" },
    grade: async ({ student }: { student: string }) => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce--;
      graded.push(student);
      return gradeOf(student);
    },
  };
  const tasks = ["anna", "ben", "cleo"].map((student) => task(student, "a"));
  const grades = await gradeClass(tasks, options);
  assertEquals(grades.map(({ student }) => student), ["anna", "ben", "cleo"]);
  assertEquals(most, 2);
  await gradeClass([...tasks.slice(0, 2), task("cleo", "b")], options);
  assertEquals(graded.slice(3), ["cleo"]);
  await gradeClass(tasks.slice(0, 1), { ...options, version: "2" });
  assertEquals(graded.slice(4), ["anna"]);
  Deno.writeTextFileSync(`${cache}/ben.01_data.json`, "{ half");
  const known = await recallGrades([task("ben", "a"), task("cleo", "b")], { cache, version: "1" });
  assertEquals(known.map(({ student }) => student), ["cleo"]);
});

Deno.test("digest() tells parts apart that read the same together", async () => {
  assertNotEquals(await digest(["ab", "c"]), await digest(["a", "bc"]));
  assertEquals(await digest(["ab"]), await digest([new TextEncoder().encode("ab")]));
});

Deno.test("gradeSubmission() gives no points and a reason where there is no notebook", async () => {
  const item = { id: "f-test", exercise: "f", points: 2, isWritten: false, hint: "" };
  const executor = new Executor(["false"]);
  const grade = await gradeSubmission(
    { student: "anna", notebook: "01_data", bytes: null },
    { ...NOTEBOOK, items: [item] },
    {
      policy: { partial: "half", copies: "count" },
      isCopy: () => false,
      run: { executor, kernel: [], checker: [], exchange: "", folder: "", limits: LIMITS },
    },
  );
  assertEquals([grade.points, grade.most, grade.items[0]?.status], [0, 2, "lost"]);
  assertEquals(grade.notes, ["no notebook of this name was handed in"]);
});

Deno.test("Executor gives what ran where its program ends early", async () => {
  const line =
    '{"event": "cell", "id": "a", "status": "ok", "reason": "", "outputs": [], "seconds": 1}';
  const executor = new Executor(["sh", "-c", `read job; echo '${line}'`]);
  const run = { kernel: [], checker: [], exchange: "", folder: "", limits: LIMITS };
  const runs = await executor.run([], run);
  assertEquals(runs.map(({ id }) => id), ["a"]);
});

Deno.test("writeReports() writes every form, without code and pictures in gradesJson()", () => {
  const folder = temporaryFolder();
  writeReports(folder, [gradeOf("anna"), gradeOf("ben")], ["x.pdf: no notebook"]);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
  assertEquals(files, [
    "class.html",
    "feedback",
    "grades.csv",
    "grades.json",
    "gradescope",
    "junit.xml",
  ]);
  assertMatch(Deno.readTextFileSync(`${folder}/class.html`), /x\.pdf: no notebook/);
  assertEquals(JSON.parse(gradesJson([gradeOf("anna")])).grades[0].pictures, undefined);
  Deno.statSync(`${folder}/gradescope/ben/01_data/results.json`);
});
