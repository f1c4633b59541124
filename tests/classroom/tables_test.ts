import {
  type Grade,
  gradescopeResults,
  gradesCsv,
  gradesJunit,
  type ItemResult,
} from "lib/classroom/mod.ts";
import { assertEquals, assertMatch } from "@std/assert";

const item = (change: Partial<ItemResult>): ItemResult => ({
  ...{ id: "f-test", exercise: "f", points: 1, most: 2, status: "partial" },
  ...{
    finding: 'expected "a", got <b>\u0007',
    mistake: "a & b",
    failsHidden: false,
    isCopy: false,
  },
  ...{ text: "", hint: "", seconds: 0.5 },
  ...change,
});
const grade = (change: Partial<Grade> = {}): Grade => ({
  ...{ student: "anna", notebook: "01_data", items: [item({})], points: 1, most: 2, manual: 0 },
  ...{ notes: [], attempts: [], errors: [], pictures: [], seconds: 3, code: {} },
  ...change,
});

Deno.test("gradesCsv() quotes names, and keeps a spreadsheet from taking one for a formula", () => {
  const rows = gradesCsv([grade(), grade({ student: '=cmd|"/c calc",1' })]).split("\r\n");
  assertEquals(rows, [
    "student,notebook,points,most,manual,seconds,attempts,f-test",
    "anna,01_data,1,2,0,3.0,0,1",
    '"\'=cmd|""/c calc"",1",01_data,1,2,0,3.0,0,1',
    "",
  ]);
});

Deno.test("gradesJunit() escapes what XML cannot hold", () => {
  const text = gradesJunit([grade({ items: [item({}), item({ id: "g", status: "manual" })] })]);
  assertMatch(text, /tests="2" failures="1" skipped="1"/);
  assertMatch(text, /message="expected &quot;a&quot;, got &lt;b&gt;�">a &amp; b<\/failure>/);
  assertMatch(text, /<skipped message="a person grades it"\/>/);
});

Deno.test("gradescopeResults() has a score for each exercise, and shows no hidden test", () => {
  const hidden = item({
    finding: "expected it to pass a further test",
    failsHidden: true,
    mistake: "",
  });
  const results = JSON.parse(gradescopeResults(grade({ items: [hidden] })));
  assertEquals(results.score, 1);
  assertEquals(results.tests, [{
    ...{ name: "f", score: 1, max_score: 2, status: "failed" },
    output: "expected it to pass a further test",
    visibility: "visible",
  }]);
});
