import { NotebookFileError, readNotebookFile } from "lib/classroom/mod.ts";
import { bytesOf } from "./made_class.ts";
import { MISTAKES } from "./made_mistakes.ts";
import { assertEquals, assertThrows } from "@std/assert";

const read = (name: string) =>
  readNotebookFile(bytesOf(MISTAKES[name] ?? { points: 0 }) ?? new Uint8Array());

Deno.test("readNotebookFile() reads the same cells whatever tool has saved them", () => {
  const plain = read("some-right").cells.map(({ type, source, gradeId }) => ({
    type,
    source,
    gradeId,
  }));
  for (
    const name of [
      "byte-order-mark",
      "windows-line-ends",
      "utf-16",
      "format-4.4",
      "format-3",
      "other-kernel",
    ]
  ) {
    const { cells } = read(name);
    assertEquals(
      cells.map(({ type, source, gradeId }) => ({ type, source, gradeId })),
      plain,
      name,
    );
  }
});

Deno.test("readNotebookFile() says why a file is no notebook", () => {
  const reasons: [name: string, reason: string][] = [
    ["empty-file", "got an empty file"],
    ["a-pdf", "expected the JSON of a notebook"],
    ["half-a-file", "expected the JSON of a notebook"],
    ["other-json", "expected a notebook, got JSON of another kind"],
  ];
  for (const [name, reason] of reasons) assertThrows(() => read(name), NotebookFileError, reason);
});
