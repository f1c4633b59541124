import { assertEquals, assertStringIncludes } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

/** What the plugin finds in a file: rule and message of each finding. */
function lint(file: string, source: string): [rule: string, message: string][] {
  return Deno.lint.runPlugin(plugin, file, source)
    .map(({ id, message }) => [id.replace("house/", ""), message]);
}

function assertFinds(file: string, source: string, finding: { rule: string; text: string }): void {
  const found = lint(file, source);
  assertEquals(found.map(([rule]) => rule), [finding.rule], `${file}: ${source}`);
  assertStringIncludes(found[0]?.[1] ?? "", finding.text);
}

function assertClean(file: string, source: string): void {
  assertEquals(lint(file, source), [], `${file}: ${source}`);
}

Deno.test("layers refuses what ARCHITECTURE.md refuses, however it is written", () => {
  const planted: [file: string, source: string, text: string][] = [
    [
      "lib/model/a.ts",
      'import { train } from "lib/train/mod.ts";',
      "below rank 2, got train of rank 3",
    ],
    [
      "lib/data/a.ts",
      'import type { B } from "lib/log/mod.ts";',
      "below rank 1, got log of rank 1",
    ],
    ["lib/core/a.ts", 'export * from "lib/data/mod.ts";', "below rank 0, got data of rank 1"],
    ["lib/core/a.ts", 'export { b } from "lib/data/mod.ts";', "below rank 0"],
    ["lib/core/a.ts", 'const b = await import("lib/data/mod.ts");', "below rank 0"],
    ["lib/model/a.ts", 'import "lib/tensor/shape.ts";', 'expected "lib/tensor/mod.ts"'],
    ["lib/model/a.ts", 'import "../tensor/mod.ts";', 'expected "lib/tensor/mod.ts"'],
    ["lib/model/a.ts", 'import "./mod.ts";', "expected the file itself"],
    ["lib/model/a.ts", 'import "lib/model/mod.ts";', "expected the file itself"],
    ["lib/model/a.ts", 'import "lib/model/b.ts";', 'expected "./b.ts" inside a room'],
    ["lib/model/c/a.ts", 'import "lib/model/b.ts";', 'expected "../b.ts" inside a room'],
    ["lib/model/a.ts", 'import "lib/model/c/d/b.ts";', 'expected "./c/d/b.ts" inside a room'],
    ["lib/model/c/a.ts", 'import "lib/model/d/b.ts";', 'expected "../d/b.ts" inside a room'],
    ["lib/model/c/a.ts", 'import "../mod.ts";', "expected the file itself"],
    ["lib/model/c/a.ts", 'import "lib/tensor/c/shape.ts";', 'expected "lib/tensor/mod.ts"'],
    ["lib/model/c/a.ts", 'import "lib/train/mod.ts";', "below rank 2, got train of rank 3"],
    ["lib/model/a.ts", 'import "../../tests/support/std_assert.ts";', "lib to import only lib"],
    ["lib/model/a.ts", 'import "lib/odd/mod.ts";', "expected a rank of odd in tools/ranks.ts"],
    ["lib/odd/a.ts", 'import "lib/core/mod.ts";', "expected a rank of odd in tools/ranks.ts"],
    ["lib/log/a.ts", 'import * as tf from "@tensorflow/tfjs";', "expected no TensorFlow.js in log"],
    ["scripts/a.ts", 'import "../lib/model/mod.ts";', 'expected "lib/model/mod.ts"'],
    ["train_toy.ts", 'import "lib/model/linear.ts";', 'expected "lib/model/mod.ts"'],
    ["tests/model/a_test.ts", 'import "lib/tensor/shape.ts";', 'expected "lib/tensor/mod.ts"'],
  ];
  for (const [file, source, text] of planted) assertFinds(file, source, { rule: "layers", text });
});

Deno.test("layers lets pass what ARCHITECTURE.md allows", () => {
  assertClean("lib/train/a.ts", 'import "lib/model/mod.ts"; import "./b.ts"; import "zod";');
  assertClean("lib/tensor/a.ts", 'import * as tf from "@tensorflow/tfjs";');
  assertClean("lib/model/mod.ts", 'export { linear } from "./linear.ts";');
  assertClean("lib/model/c/a.ts", 'import "../b.ts"; import "../d/b.ts"; import "./e.ts";');
  assertClean("tests/model/c/a_test.ts", 'import "lib/model/c/a.ts";');
  assertClean("tests/backend/a_test.ts", 'import "lib/backend/_private.ts";');
  assertClean("tests/tools/a_test.ts", 'import "../../tools/ranks.ts";');
  assertClean("train_toy.ts", 'import "lib/train/mod.ts";');
});

Deno.test("max-lines and max-function-lines count what they say, and no comment in a function", () => {
  const lines = (count: number, line: string) => Array(count).fill(line).join("\n");
  const body = (count: number, line: string) => `export function f() {\n${lines(count, line)}\n}\n`;
  assertClean("lib/core/a.ts", lines(300, "f();") + "\n");
  assertFinds("lib/core/a.ts", lines(301, "f();"), {
    rule: "max-lines",
    text: "300 lines, got 301",
  });
  assertClean("course/01_a.ts", lines(900, "f();"));
  assertClean("lib/core/a.ts", body(38, "f();"));
  assertClean("lib/core/a.ts", body(38, "f();").replace("f();", "// why\n\n/* how */\nf();"));
  assertClean("tests/core/a_test.ts", body(39, "f();"));
  const text = "expected at most 40 lines of code, got 41";
  assertFinds("lib/core/a.ts", body(39, "f();"), { rule: "max-function-lines", text });
  assertFinds("train_toy.ts", body(39, "f();"), { rule: "max-function-lines", text });
});

Deno.test("error-text holds every text in lib to the house form", () => {
  const planted: [source: string, text: string][] = [
    ['throw new RangeError("Bad rate");', 'start with "Cannot "'],
    ["throw new RangeError(`bad ${rate}`);", 'start with "Cannot "'],
    ['throw new RangeError("Cannot train");', 'a ": " between'],
    ['throw new RangeError("Cannot train: expected a rate.");', "no full stop"],
    ['throw new ConfigError("Wrong: " + rate);', 'start with "Cannot "'],
    ["throw new AggregateError(errors, `failed: ${why}`);", 'start with "Cannot "'],
    ["throw new Error(`Cannot train: expected ${rule}`);", "a class that says what is wrong"],
  ];
  for (const [source, text] of planted) {
    assertFinds("lib/core/a.ts", source, { rule: "error-text", text });
  }
});

Deno.test("error-text lets pass the house form, parts of a text, and other folders", () => {
  assertClean("lib/core/a.ts", "throw new RangeError(`Cannot use ${a}: expected ${b}, got ${c}`);");
  assertClean("lib/core/a.ts", 'throw new RangeError("Cannot use it: " + `got ${c}`, { cause });');
  assertClean("lib/core/a.ts", "throw new TypeError(`${name}: expected ${rule}`);");
  assertClean("lib/core/a.ts", "throw new TypeError(describe(problem));");
  assertClean("lib/core/a.ts", 'throw new DOMException("Stopped", "AbortError");');
  assertClean("scripts/a.ts", 'throw new Error("no");');
});

Deno.test("no-default-export and no-console hold in lib alone", () => {
  const printing = 'console.log("x");', byDefault = "export default 1;";
  assertFinds("lib/log/a.ts", printing, { rule: "no-console", text: "Cannot print from lib" });
  assertFinds("lib/log/a.ts", byDefault, { rule: "no-default-export", text: "expected a name" });
  for (const file of ["scripts/a.ts", "train_toy.ts", "tools/a.ts", "tests/log/a_test.ts"]) {
    assertClean(file, printing);
    assertClean(file, byDefault);
  }
});

Deno.test("test-asserts finds the test that cannot fail", () => {
  const text = "expected this test to call";
  const test = (body: string) => `Deno.test("f() runs", () => {\n${body}\n});`;
  assertFinds("tests/core/a_test.ts", test("f();"), { rule: "test-asserts", text });
  assertFinds("tests/core/a_test.ts", test("// assert(f());\nf();"), {
    rule: "test-asserts",
    text,
  });
  assertClean("tests/core/a_test.ts", test("assertThrows(() => f());"));
  assertClean("tests/core/a_test.ts", test("assertInstanceOf<Error>(f());"));
  assertClean("tests/core/a_test.ts", test("checkGradient(f);"));
});

Deno.test("no-spread-list finds lists in the arguments of a function that takes any number", () => {
  const text = "overflows the call stack";
  for (
    const call of ["Math.max(...a)", "Math.min(0, ...a)", "b.push(...a)", "Int32Array.of(1, ...a)"]
  ) {
    assertFinds("lib/data/a.ts", `${call};`, { rule: "no-spread-list", text });
    assertFinds("scripts/a.ts", `${call};`, { rule: "no-spread-list", text });
  }
  for (const call of ["f(...a)", "[...a]", "Math.max(a, b)", "new Set([...a])", "op(x, ...a)"]) {
    assertClean("lib/data/a.ts", `${call};`);
  }
  assertClean("tests/data/a.ts", "Math.max(...a);"); // short lists there
});

Deno.test("no-url-path finds the path of a URL where a file's is meant", () => {
  const finding = { rule: "no-url-path", text: "expected fileURLToPath()" };
  for (const file of ["lib/data/a.ts", "tests/data/a.ts", "scripts/a.ts", "bench/a.ts"]) {
    assertFinds(file, 'open(new URL("../x", import.meta.url).pathname);', finding);
    assertClean(file, 'open(fileURLToPath(new URL("../x", import.meta.url)));');
  }
});
