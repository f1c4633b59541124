import { assert, assertEquals } from "@std/assert";
import { allParts, NUMERIC_TESTS, STYLE_CHECKS } from "../../scripts/_parts.ts";
import { sourceFiles } from "../../tools/source_files.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("a test run has every test file that is not slow, once", async () => {
  const folder = temporaryFolder(), run: string[] = [];
  for (const [i, { name, args }] of (await allParts()).entries()) {
    if (!name.startsWith("tests/")) continue;
    for (const arg of args(`${folder}/${i}`).filter((arg) => arg.endsWith("_test.ts"))) {
      if (arg.startsWith("file:")) run.push(arg);
      else {run.push(
          ...Array.from(Deno.readTextFileSync(arg).matchAll(/"(file:.*)"/g), ([, url = ""]) => url),
        );}
    }
  }
  const files = sourceFiles(ROOT)
    .filter((path) => /^tests\/(?!slow\/).*_test\.ts$/.test(path))
    .map((path) => new URL(path, ROOT).href);
  assert(files.length > 200);
  assertEquals(run.toSorted(), files.toSorted());
});

Deno.test("what the parts name is there", async () => {
  const names = [...STYLE_CHECKS, ...await allParts()].map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (
    const name of ["types", "format", "lint", "doc comments", "conformance", "tests/documentation"]
  ) {
    assert(names.includes(name), name);
  }
  for (const path of NUMERIC_TESTS) Deno.statSync(new URL(path, ROOT));
});
