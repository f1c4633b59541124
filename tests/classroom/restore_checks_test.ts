import { type FileCell, type GivenCell, restoreChecks } from "lib/classroom/mod.ts";
import { assertEquals } from "@std/assert";

const GIVEN: readonly GivenCell[] = [
  { type: "markdown", id: "intro", source: "# One", role: "given" },
  { type: "code", id: "setup", source: "import a;", role: "given" },
  { type: "code", id: "f", source: "// YOUR CODE", role: "answer" },
  { type: "code", id: "f-test", source: "check(f);", role: "check" },
  { type: "code", id: "g", source: "// YOUR CODE", role: "answer" },
  { type: "code", id: "g-test", source: "check(g);", role: "check" },
  { type: "markdown", id: "why", source: "YOUR ANSWER HERE", role: "written" },
];
const own = (id: string, source: string): FileCell => ({ type: "code", id, source, gradeId: "" });
const SOLVED: readonly FileCell[] = GIVEN.map(({ type, id, source, role }) => ({
  ...{ type, id, gradeId: role === "given" ? "" : id },
  source: role === "answer" ? `const ${id} = 1;` : source,
}));
const sources = (cells: readonly { readonly source: string }[]) =>
  cells.map(({ source }) => source);
const replaced = (id: string, source: string) =>
  SOLVED.map((cell) => cell.id === id ? { ...cell, source } : cell);

Deno.test("restoreChecks() leaves an untouched submission as it is", () => {
  const { cells, notes } = restoreChecks(GIVEN, SOLVED);
  assertEquals(sources(cells), sources(SOLVED));
  assertEquals(notes, []);
});

Deno.test("restoreChecks() puts back checks that were edited, deleted, moved or copied", () => {
  const expected = sources(SOLVED);
  const test = SOLVED[3]!; // f's check
  const kinds: [name: string, handed: readonly FileCell[], notes: string[]][] = [
    ["edited", replaced("f-test", "// nothing"), ['the check "f-test" was edited']],
    ["deleted", SOLVED.filter(({ id }) => id !== "f-test"), ['the check "f-test" was deleted']],
    ["moved", [test, ...SOLVED.filter((cell) => cell !== test)], [
      'the check "f-test" stood before its answer',
    ]],
    ["copied", [...SOLVED, { ...test, id: "0a1b", source: "// free" }], [
      'the check "f-test" was there more than once',
    ]],
  ];
  for (const [name, handed, told] of kinds) {
    const { cells, notes } = restoreChecks(GIVEN, handed);
    assertEquals(sources(cells), expected, name);
    assertEquals(notes, told, name);
  }
});

Deno.test("restoreChecks() keeps what the student added behind the cell that it followed", () => {
  const handed = [
    own("x", "before;"),
    ...SOLVED.slice(0, 3),
    own("y", "helper();"),
    ...SOLVED.slice(3),
  ];
  const { cells } = restoreChecks(GIVEN, handed);
  assertEquals(cells.map(({ id, role }) => role === "extra" ? id : role), [
    ...["extra-1", "given", "given", "answer", "extra-2", "check", "answer", "check", "written"],
  ]);
});

Deno.test("restoreChecks() knows cells of older files by nbgrader's names and by their text", () => {
  const old = SOLVED.map((cell) => ({ ...cell, id: "" }));
  const { cells, notes } = restoreChecks(GIVEN, old);
  assertEquals(sources(cells), sources(SOLVED));
  assertEquals(cells.filter(({ role }) => role === "extra"), []);
  assertEquals(notes, []);
});

Deno.test("restoreChecks() gives the stub for an answer that was deleted, and says so", () => {
  const { cells, notes } = restoreChecks(GIVEN, SOLVED.filter(({ id }) => id !== "f"));
  assertEquals(cells.find(({ id }) => id === "f")?.source, "// YOUR CODE");
  assertEquals(notes, ['the cell of "f" was deleted']);
});
