import {
  buildNotebooks,
  executeNotebook,
  exportHtml,
  parsePercent,
  readNotebook,
  ROOT,
  toNotebook,
} from "lib/authoring/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

/** Inside the checkout, so that the kernel finds the settings of Deno. */
const FOLDER = `${ROOT}/build/notebook-tests`;
const LIMITS = { cellSeconds: 60, totalSeconds: 120 };

/** Writes a notebook of these code cells, named a, b, c, and gives its path. */
function write(name: string, ...sources: string[]): string {
  const text = sources.map((source, i) => `// %% id="${"abc"[i]}"\n${source}\n`).join("");
  const notebook = toNotebook(parsePercent(text, name), "solution"),
    path = `${FOLDER}/${name}.ipynb`;
  Deno.mkdirSync(FOLDER, { recursive: true });
  Deno.writeTextFileSync(path, JSON.stringify(notebook));
  return path;
}

Deno.test("executeNotebook() runs a course's solutions, and fails a student's first stub", async () => {
  const source = { name: "01_small", path: `${ROOT}/tests/authoring/fixtures/course/01_small.ts` };
  const [student, solution] = buildNotebooks(source, FOLDER);
  assert(student !== undefined && solution !== undefined);
  for (const { path, text } of [student, solution]) {
    Deno.mkdirSync(`${FOLDER}/notebooks/solutions`, { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
  const stub = await executeNotebook(student.path, `${FOLDER}/out`, LIMITS);
  assertEquals([stub.output, stub.cell], [null, "double-test"]);
  assertEquals(
    stub.message,
    "CheckError: Cannot accept your double: expected your code, got a stub: not implemented: double",
  );

  const { output, message } = await executeNotebook(solution.path, `${FOLDER}/out`, LIMITS);
  assert(output !== null, message);
  const cells = readNotebook(output)?.cells ?? [];
  const outputs = cells.map(({ id, outputs = [] }) => [id, JSON.stringify(outputs)] as const);
  const of = new Map(outputs);
  assertStringIncludes(of.get("setup") ?? "", "Computing with tensorflow");
  assertEquals(of.get("setup")?.includes("execute_result"), false);
  assertMatch(of.get("live") ?? "", /step 40\/40/);
  assertMatch(of.get("train") ?? "", /step 36\/36.*finished/);
  assertEquals(outputs.filter(([, text]) => text.includes('"stderr"')), []);
  const page = Deno.readTextFileSync(await exportHtml(output));
  assertEquals(page.match(/<svg [^>]*role="img"/g)?.length, 7);
});

Deno.test("executeNotebook() names the cell and the error of a syntax error and a time-out", async () => {
  const limits = { cellSeconds: 5, totalSeconds: 60 };
  const syntax = write("syntax", "const x = 1;", "const = 2;");
  const broken = await executeNotebook(syntax, `${FOLDER}/out`, limits);
  assertEquals([broken.output, broken.cell], [null, "b"]);
  assert(broken.message !== "", "a message");
  const hang = write(
    "hang",
    "const x = 1;",
    "await new Promise((end) => setTimeout(end, 60_000));",
  );
  const late = await executeNotebook(hang, `${FOLDER}/out`, limits);
  assertEquals([late.output, late.cell], [null, "b"]);
  assertEquals(late.message, "expected an end in time, got a time-out");
});

Deno.test("executeNotebook() ends a notebook that takes too long in all", async () => {
  const path = write("long", "await new Promise((end) => setTimeout(end, 90_000));");
  const limits = { cellSeconds: 60, totalSeconds: 6 };
  const { output, cell, message } = await executeNotebook(path, `${FOLDER}/out`, limits);
  assertEquals([output, cell], [null, null]);
  assertEquals(message, "expected at most 6 s in all, got no end");
});
