import { assert, assertEquals, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readIgnoreList } from "./ignore_list.ts";
import { KNOWN_FAILURES } from "./known_failures.ts";
import { APPLICABLE, LEFT_OUT, LEFT_OUT_GROUPS } from "./shipped_tests.ts";
import { surprises } from "./verdict.ts";

const PACKAGE = fileURLToPath(
  new URL("../../../node_modules/@tensorflow/tfjs-node-gpu", import.meta.url),
);

Deno.test("readIgnoreList() reads tfjs-node's own list, one name a line", () => {
  const source = Deno.readTextFileSync(`${PACKAGE}/src/run_tests.ts`);
  const names = readIgnoreList(source);
  const [, list = ""] = /IGNORE_LIST: string\[\] = \[([^]*?)\n\];/.exec(source) ?? [];
  // A name holds no quote, so each one accounts for two of those outside the comments.
  const quotes = list.replace(/^\s*\/\/.*$/gm, "").replace(/, +\/\/.*$/gm, "").match(/'/g) ?? [];
  assertEquals(names.length * 2, quotes.length);
  assertEquals(names[0], "bitwiseAnd");
  assert(names.includes("depthwiseConv2D")); // a comment follows it on its line
});

Deno.test("readIgnoreList() refuses a source that it does not understand", () => {
  assertThrows(
    () => readIgnoreList("const LIST = [];"),
    SyntaxError,
    "array IGNORE_LIST, got none",
  );
  assertThrows(
    () => readIgnoreList("const IGNORE_LIST: string[] = [\n  'one',\n  two,\n];"),
    SyntaxError,
    'expected a name in quotes, got "  two,"',
  );
});

Deno.test("surprises() names new failures, and known ones that did not happen", () => {
  const known = { "a known one": "its reason", "one that is gone": "its reason" };
  const failures = [
    { name: "a known one", message: "1 is not 2" },
    { name: "a new one", message: "3 is not 4" },
  ];
  assertEquals(surprises(failures, known), [
    "failed: a new one\n  3 is not 4",
    "listed as a known failure, but passed or gone: one that is gone",
  ]);
  assertEquals(surprises(failures.slice(0, 1), { "a known one": "its reason" }), []);
});

Deno.test("every test file that tfjs-node-gpu ships is run, or left out with a reason", () => {
  const shipped = ["", "io/", "kernels/"].flatMap((folder) =>
    [...Deno.readDirSync(`${PACKAGE}/dist/${folder}`)].map(({ name }) => folder + name)
  ).filter((name) => name.endsWith("_test.js"));
  assertEquals([...APPLICABLE, ...Object.keys(LEFT_OUT)].sort(), shipped.sort());
  const { plain, onednn } = KNOWN_FAILURES;
  for (const reasons of [LEFT_OUT, LEFT_OUT_GROUPS, plain, onednn]) {
    for (const reason of Object.values(reasons)) assert(reason.length > 20);
  }
});
