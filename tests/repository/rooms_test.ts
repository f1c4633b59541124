import { assertEquals } from "@std/assert";
import {
  folderCycles,
  importCycles,
  rankBreaches,
  roomBreaches,
  untestedExports,
  unusedExports,
} from "../../tools/room_rules.ts";
import { assertBites, planted, repository, SOUND } from "./sound_repository.ts";

const MODULE = SOUND.get("lib/core/mod.ts") ?? "";
const FOR_PROGRAMS = "\n// For your own programs:\n";

Deno.test("rooms: every room has a rank, a mod.ts that exports by name, and tests", () => {
  assertBites(roomBreaches, { "lib/core/mod.ts": "" }, [
    "lib/core/mod.ts: expected a comment with @module",
    'lib/core/mod.ts: expected "Rank 0:" in its comment',
  ]);
  assertBites(roomBreaches, { "lib/core/mod.ts": `${MODULE}export * from "./g.ts";\n` }, [
    'lib/core/mod.ts: expected exports by name alone, got export * from "./g.ts";',
  ]);
  assertBites(roomBreaches, { "lib/core/mod.ts": `${MODULE}export const a = 1;\n` }, [
    "lib/core/mod.ts: expected exports by name alone, got export const a = 1;",
  ]);
  assertBites(roomBreaches, { "lib/core/mod.ts": undefined, "tests/core/f_test.ts": undefined }, [
    "lib/core: expected tests in tests/core",
    "lib/core/mod.ts: expected this file",
  ]);
  assertBites(roomBreaches, { "lib/mod.ts": "" }, [
    "lib/mod.ts: expected a room of lib, and no file beside these",
  ]);
  assertEquals(roomBreaches(repository), []);
});

Deno.test("rooms: a folder inside a room has tests of its own, and no mod.ts", () => {
  const inner = { "lib/core/inner/h.ts": "export const h = 1;\n" };
  assertBites(roomBreaches, inner, ["lib/core/inner: expected tests in tests/core/inner"]);
  const tested = { ...inner, "tests/core/inner/h_test.ts": "h;\n" };
  assertEquals(roomBreaches(planted(tested)), []);
  assertBites(roomBreaches, { ...tested, "lib/core/inner/mod.ts": "" }, [
    "lib/core/inner/mod.ts: expected the room's own mod.ts alone",
  ]);
});

Deno.test("rooms: ARCHITECTURE.md, the ranks and the folders name the same rooms", () => {
  const ranks = new Map([["core", 0]]),
    ofCore = (files: typeof SOUND) => rankBreaches(files, ranks);
  assertBites(ofCore, { "lib/odd/mod.ts": "" }, [
    "lib/odd: expected a rank in tools/ranks.ts",
  ]);
  assertBites(ofCore, { "ARCHITECTURE.md": "| 1    | `lib/core` | errors |\n" }, [
    "ARCHITECTURE.md: expected lib/core in its table, with rank 0",
  ]);
  assertEquals(rankBreaches(SOUND, new Map([["core", 0], ["gone", 3]])), [
    "lib/gone: expected a folder, or no rank",
    "ARCHITECTURE.md: expected lib/gone in its table, with rank 3",
  ]);
  assertEquals(rankBreaches(repository), []);
});

Deno.test("rooms: what is public is used outside the room, or stands where a program finds it", () => {
  const unused =
    `lib/core/mod.ts: expected a use of g outside the room, or its place below "${FOR_PROGRAMS.trim()}"`;
  const more = 'export { g, type H } from "./g.ts";\n';
  assertBites(unusedExports, { "lib/core/mod.ts": MODULE + more }, [unused]);
  const own = {
    "lib/core/mod.ts": MODULE + more,
    "lib/core/k.ts": '/** ```ts\n * import { g } from "lib/core/mod.ts";\n * ```\n */\n',
    "tests/core/g_test.ts": 'import { g } from "lib/core/mod.ts";\n',
  };
  assertBites(unusedExports, own, [unused]);
  assertEquals(unusedExports(planted({ "lib/core/mod.ts": MODULE + FOR_PROGRAMS + more })), []);
  const used = [
    'import { f, type H, g as other } from "lib/core/mod.ts";\n',
    'import * as core from "lib/core/mod.ts";\ncore.g();\n',
    'const { g } = await import("lib/core/mod.ts");\n',
    '/**\n * import {\n *   f,\n *   g,\n * } from "lib/core/mod.ts";\n */\n',
  ];
  for (const text of used) {
    for (const path of ["course/a.ts", "tests/log/a_test.ts", "docs/a.md", "lib/log/a.ts"]) {
      assertEquals(unusedExports(planted({ [path]: text, "lib/core/mod.ts": MODULE + more })), []);
    }
  }
  assertBites(unusedExports, {
    "lib/core/mod.ts": MODULE + FOR_PROGRAMS + more,
    "a.ts": used[0],
  }, [`lib/core/mod.ts: expected g above "${FOR_PROGRAMS.trim()}", since it is used`]);
  assertEquals(unusedExports(repository), []);
});

Deno.test("rooms: every public function and class has an example or a test", () => {
  const example = "/**\n * Gives k.\n * ```ts\n * k();\n * ```\n */\n";
  const source = `${example}export function k() {}\nexport class H {}\n` +
    "export async function* m() {}\nexport function inner() {}\n";
  const lists = `${MODULE}export { H, k, m } from "./h.ts";\n`;
  assertBites(untestedExports, { "lib/core/h.ts": source, "lib/core/mod.ts": lists }, [
    "lib/core/h.ts: expected an example, or a test that names H",
    "lib/core/h.ts: expected an example, or a test that names m",
  ]);
  assertEquals(untestedExports(repository), []);
});

Deno.test("rooms: no files import each other in a circle", () => {
  assertBites(importCycles, { "lib/core/_g.ts": 'import {\n  f,\n} from "./f.ts";\n' }, [
    "lib/core/f.ts -> lib/core/_g.ts -> lib/core/f.ts",
  ]);
  assertEquals(importCycles(repository), []);
});

Deno.test("rooms: no folders of a room import each other in a circle, not even types", () => {
  const below = { "lib/core/inner/h.ts": 'import { f } from "../f.ts";\n' };
  assertEquals(folderCycles(planted(below)), []);
  const above = { ...below, "lib/core/_g.ts": 'import type { H } from "./inner/h.ts";\n' };
  assertBites(folderCycles, above, ["lib/core -> lib/core/inner -> lib/core"]);
  const listed = { ...below, "lib/core/mod.ts": `${MODULE}export { h } from "./inner/h.ts";\n` };
  assertEquals(folderCycles(planted(listed)), []);
  assertEquals(folderCycles(repository), []);
});
