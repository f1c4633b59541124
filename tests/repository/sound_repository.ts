import { assertEquals } from "@std/assert";
import type { Files } from "../../tools/files.ts";
import { readSources } from "../../tools/source_files.ts";

/** The root of this repository. */
export const ROOT = new URL("../..", import.meta.url);

const TEXTS = [".ts", ".py", ".md", ".json", ".lock", ".txt", ".in", ".sh", ".ipynb", "denow"];

/** The text of each file of this repository that has one. */
export const repository = readSources(ROOT, TEXTS);

const CONFIG = JSON.stringify({
  imports: { "lib/": "./lib/", "zod": "npm:zod@4" },
  tasks: { train: { description: "Train", command: "deno run -A train_toy.ts" } },
});

/** A repository that no rule objects to. */
export const SOUND: Files = new Map([
  ["ARCHITECTURE.md", "| 0    | `lib/core` | errors |\n"],
  ["README.md", "Run `./denow task train`, read [the house](lib/core/mod.ts)\n"],
  ["deno.json", CONFIG],
  ["requirements.txt", `a==1 \\\n    --hash=sha256:${"0".repeat(64)}\n`],
  ["train_toy.ts", 'import { f } from "lib/core/mod.ts";\nimport { z } from "zod";\n'],
  [
    "lib/core/mod.ts",
    '/**\n * Rank 0: imports nothing.\n *\n * @module\n */\nexport { f } from "./f.ts";\n',
  ],
  ["lib/core/f.ts", 'import { g } from "./_g.ts";\nexport function f(): void {}\n'],
  ["lib/core/_g.ts", 'import type { F } from "./f.ts";\nexport const g = 1;\n'],
  ["tests/core/f_test.ts", "f();\n"],
]);

/** The sound repository with files changed; an undefined text takes a file away. */
export function planted(changes: Record<string, string | undefined>): Files {
  const files = new Map(SOUND);
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  return files;
}

/** What holds for a repository: a line for each breach. */
export type Rule = (files: Files) => string[];

/** Checks a rule on the sound repository, and on one with a planted breach. */
export function assertBites(
  rule: Rule,
  breach: Record<string, string | undefined>,
  found: string[],
): void {
  assertEquals(rule(SOUND), []);
  assertEquals(rule(planted(breach)), found);
}
