import { assertEquals, assertGreater } from "@std/assert";
import {
  documentBreaches,
  type Files,
  folderBreaches,
  importCycles,
  leftovers,
  machineBreaches,
  requirementBreaches,
  taskBreaches,
  untestedExports,
  unusedImports,
} from "../../tools/repository_rules.ts";
import { readSources, sourceFiles } from "../../tools/source_files.ts";

const ROOT = new URL("../..", import.meta.url);
const TEXTS = [".ts", ".py", ".md", ".json", ".lock", ".txt", ".in", ".sh", ".ipynb", "denow"];
const repository = readSources(ROOT, TEXTS);
// Links may lead to pictures: what they are, not what is in them.
const withAll = new Map([...sourceFiles(ROOT).map((path) => [path, ""] as const), ...repository]);

const CONFIG = JSON.stringify({
  imports: { "lib/": "./lib/", "zod": "npm:zod@4" },
  tasks: { train: { description: "Train", command: "deno run -A train_toy.ts" } },
});

/** A repository that no rule objects to. */
const SOUND: Files = new Map([
  ["README.md", "Run `./denow task train`, read [the house](lib/core/mod.ts)\n"],
  ["deno.json", CONFIG],
  ["requirements.txt", `a==1 \\\n    --hash=sha256:${"0".repeat(64)}\n`],
  ["train_toy.ts", 'import { f } from "lib/core/mod.ts";\nimport { z } from "zod";\n'],
  [
    "lib/core/mod.ts",
    '/**\n * Rank 0: imports nothing.\n *\n * @module\n */\nexport * from "./f.ts";\n',
  ],
  ["lib/core/f.ts", 'import { g } from "./_g.ts";\nexport function f(): void {}\n'],
  ["lib/core/_g.ts", 'import type { F } from "./f.ts";\nexport const g = 1;\n'],
  ["tests/core/f_test.ts", "f();\n"],
]);

/** The sound repository with files changed; an undefined text takes a file away. */
function planted(changes: Record<string, string | undefined>): Files {
  const files = new Map(SOUND);
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  return files;
}

type Rule = (files: Files) => string[];

/** Checks a rule on the sound repository, and on one with a planted breach. */
function assertBites(
  rule: Rule,
  breach: Record<string, string | undefined>,
  found: string[],
): void {
  assertEquals(rule(SOUND), []);
  assertEquals(rule(planted(breach)), found);
}

Deno.test("repository: the files are found", () => {
  assertGreater(repository.size, 50);
});

Deno.test("repository: every folder of lib has rank, mod.ts and tests", () => {
  assertBites(folderBreaches, { "lib/core/mod.ts": "" }, [
    "lib/core/mod.ts: expected a comment with @module",
    'lib/core/mod.ts: expected "Rank 0:" in its comment',
    "lib/core/mod.ts: expected export of ./f.ts",
  ]);
  const text = SOUND.get("lib/core/mod.ts") ?? "";
  assertBites(folderBreaches, { "lib/core/mod.ts": `${text}export * from "./_g.ts";\n` }, [
    "lib/core/mod.ts: expected no export of ./_g.ts",
  ]);
  assertBites(folderBreaches, { "lib/core/mod.ts": undefined, "tests/core/f_test.ts": undefined }, [
    "lib/core: expected tests in tests/core",
    "lib/core/mod.ts: expected this file",
  ]);
  assertBites(folderBreaches, { "lib/mod.ts": "" }, [
    "lib/mod.ts: expected a folder of lib, and no file beside these",
  ]);
  assertEquals(folderBreaches(repository), []);
});

Deno.test("repository: every function and class of lib has an example or a test", () => {
  const example = "/**\n * Gives k.\n * ```ts\n * k();\n * ```\n */\n";
  const source =
    `${example}export function k() {}\nexport class H {}\nexport async function* m() {}\n`;
  assertBites(untestedExports, { "lib/core/h.ts": source }, [
    "lib/core/h.ts: expected an example, or a test that names H",
    "lib/core/h.ts: expected an example, or a test that names m",
  ]);
  assertEquals(untestedExports(repository), []);
});

Deno.test("repository: lib has no import cycle", () => {
  assertBites(importCycles, { "lib/core/_g.ts": 'import {\n  f,\n} from "./f.ts";\n' }, [
    "lib/core/f.ts -> lib/core/_g.ts -> lib/core/f.ts",
  ]);
  assertEquals(importCycles(repository), []);
});

Deno.test("repository: nothing names one machine or a registry", () => {
  const path = ["", "home", "someone", "x"].join("/"), host = ["jsr", "io"].join(".");
  assertBites(machineBreaches, { "a.ts": `open("${path}")`, "b.json": `"https://${host}/x"` }, [
    `a.ts: expected nothing of one machine or registry, got ${["", "home", "someone"].join("/")}`,
    `b.json: expected nothing of one machine or registry, got ${host}`,
  ]);
  assertEquals(machineBreaches(repository), []);
});

Deno.test("repository: no comment puts work off", () => {
  assertBites(leftovers, { "a.ts": `\n// ${"to" + "do"} later\n// ${"TO" + "DO"}: later\n` }, [
    "a.ts:3: expected it done",
  ]);
  assertEquals(leftovers(repository), []);
});

Deno.test("repository: every Python package is pinned and hashed", () => {
  const breach = { "requirements.txt": "--index-url x\na==1\na>=1 --hash=sha256:0\n" };
  assertBites(requirementBreaches, breach, [
    "requirements.txt: expected name==version and hashes, got --index-url x",
    "requirements.txt: expected name==version and hashes, got a==1",
    "requirements.txt: expected name==version and hashes, got a>=1 --hash=sha256:0",
  ]);
  assertEquals(requirementBreaches(repository), []);
});

Deno.test("repository: tasks are described, their scripts exist, prose names no others", () => {
  const tasks = { train: { command: "deno run train.ts" } };
  assertBites(taskBreaches, { "deno.json": JSON.stringify({ tasks }) }, [
    "deno.json: expected a description of task train",
    "deno.json: expected train.ts, which task train runs",
  ]);
  assertBites(taskBreaches, { "README.md": "Run `./denow task trian`.\n" }, [
    "README.md: expected a task of deno.json, got trian",
  ]);
  const prose = new Map(
    [...repository].filter(([path]) => path !== "tests/repository/repository_test.ts"),
  );
  assertEquals(taskBreaches(prose), []);
});

Deno.test("repository: the README is short and no link is broken", () => {
  assertBites(documentBreaches, { "README.md": "\n".repeat(120) + "end" }, [
    "README.md: expected fewer than 120 lines, got 121",
  ]);
  assertBites(
    documentBreaches,
    { "README.md": "[a](lib/core) [b](b.png) [c](https://x) [d](#d)" },
    [
      "README.md: expected the file b.png",
    ],
  );
  assertEquals(documentBreaches(withAll), []);
});

Deno.test("repository: everything in the import map is imported", () => {
  const imports = { "lib/": "./lib/", "zod": "npm:zod@4", "left-pad": "npm:left-pad@1" };
  assertBites(unusedImports, { "deno.json": JSON.stringify({ imports }) }, [
    "deno.json: expected a file that imports left-pad",
  ]);
  assertEquals(unusedImports(repository), []);
});
