import { assertEquals } from "@std/assert";
import { BUDGET_HEADER, budgetRows, countLines } from "../../tools/line_budget.ts";
import { sourceFiles } from "../../tools/source_files.ts";

Deno.test("countLines() tells code, comment and empty lines apart", () => {
  const text = "/**\n * Doc.\n */\nexport const a = 1; // why\n\n  // alone\nexport const b = a;\n";
  assertEquals(countLines("a.ts", text), { path: "a.ts", lines: 7, code: 2, comments: 4 });
});

Deno.test("budgetRows() sums up each folder, and its tests beside it", () => {
  const file = (path: string, lines: number) => ({
    path,
    lines,
    code: lines / 2,
    comments: lines / 2,
  });
  const rows = budgetRows([
    file("lib/core/b.ts", 40),
    file("lib/core/a.ts", 10),
    file("lib/core/c.ts", 20),
    file("train_toy.ts", 10),
    file("tests/core/a_test.ts", 105),
  ]);
  assertEquals(rows, [
    [".", "1", "10", "5", "50 %", "10", "train_toy.ts 10", "0.0"],
    ["lib/core", "3", "70", "35", "50 %", "20", "b.ts 40", "1.5"],
    ["all", "4", "80", "40", "50 %", "20", "b.ts 40", "1.3"],
  ]);
  assertEquals(rows[0]?.length, BUDGET_HEADER.length);
});

Deno.test("sourceFiles() leaves out what is generated", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const kept = ["a.ts", "data/words/nouns.txt", "lib/core/a.ts", "lib/runs/a.ts"];
    for (const path of [...kept, "runs/1/a.csv", ".venv/a.py", "data/plain/train.txt"]) {
      Deno.mkdirSync(`${folder}/${path.split("/").slice(0, -1).join("/")}`, { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, "");
    }
    assertEquals(sourceFiles(new URL(`file://${folder}/`)), kept);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
