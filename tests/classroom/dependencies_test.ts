import { withDependencies } from "lib/classroom/mod.ts";
import { hiddenModule, sourceCells } from "../../scripts/_hidden_tests.ts";
import { assertEquals, assertMatch } from "@std/assert";

Deno.test("withDependencies() finds what cells stand on, and nothing else", () => {
  const cells = ["import { a } from 'a';", "const b = a();", "const c = 1;", "d(b, x.c);"]
    .map((source) => ({ source }));
  const found = withDependencies(cells.slice(3), cells);
  assertEquals(cells.map((cell) => found.has(cell)), [true, true, false, true]);
});

Deno.test("hiddenModule() has the hidden tests and the cells below them, no answer, no training", () => {
  const code = hiddenModule(sourceCells("01_data"));
  assertMatch(code, /export \{ test_padBatch as padBatch \}/);
  assertMatch(code, /const storySet = /);
  assertEquals(/BEGIN SOLUTION|createRun\(/.test(code), false);
});
