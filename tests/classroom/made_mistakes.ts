import {
  added,
  both,
  deleted,
  edited,
  type Made,
  type MadeNotebook,
  solvedNotebook,
} from "./made_class.ts";

const json = (notebook: unknown) => JSON.stringify(notebook, null, 1);

/** The notebook in nbformat 4.4: cells have no ids. */
const format44 = ({ cells, ...rest }: MadeNotebook) =>
  json({ ...rest, nbformat_minor: 4, cells: cells.map(({ id: _, ...cell }) => cell) });

/** The notebook in nbformat 3: one worksheet, and code under another name. */
const format3 = ({ cells, metadata }: MadeNotebook) =>
  json({
    ...{ metadata, nbformat: 3, nbformat_minor: 0 },
    worksheets: [{
      cells: cells.map(({ id: _, source, ...cell }) =>
        cell.cell_type === "code"
          ? { ...cell, input: source, language: "typescript" }
          : { ...cell, source }
      ),
    }],
  });

const utf16 = (notebook: MadeNotebook) => {
  const text = `\ufeff${json(notebook)}`, bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
};

const meanOfAll = `function meanLoss(losses: ArrayLike<number>, labels: ArrayLike<number>): number {
  return Array.from(losses).reduce((sum, loss) => sum + loss, 0) / losses.length;
}`;
const decodeWithoutError =
  `function decode(ids: ArrayLike<number>, vocabulary: readonly string[]): string {
  return Array.from(ids, (id) => vocabulary[id])
    .filter((token) => !library.SPECIAL_TOKENS.includes(token)).join(" ");
}`;
const padForSmallIds = `function padBatch(examples, options) {
  const batch = library.padBatch(examples, options);
  return batch.ids.some((id) => id > 50) ? { ...batch, mask: batch.mask.fill(1) } : batch;
}`;

/** Submissions with honest mistakes, and files as they come. */
export const MISTAKES: Readonly<Record<string, Made>> = {
  "some-right": { points: 12 },
  "all-right": { points: 38, change: () => solvedNotebook("all") },
  stub: { points: 0, change: () => solvedNotebook([]) },
  "syntax-error": { points: 10, change: edited("encode", "const = 2;"), tells: /encode/ },
  "type-error": { points: 12, change: added("const text: string = 5;") },
  "runtime-error": {
    points: 10,
    change: edited("decode", 'function decode() {\n  throw new TypeError("of my own");\n}'),
    tells: /of my own/,
  },
  "wrong-answer": { points: 11, change: edited("meanLoss", meanOfAll) },
  "partly-right": { points: 11, change: edited("decode", decodeWithoutError), tells: /RangeError/ },
  "fails-hidden": {
    points: 10.5,
    change: edited("padBatch", padForSmallIds),
    tells: /further test/,
  },
  "not-a-function": { points: 11, change: edited("entropy", "const entropy = 3;") },
  "not-declared": {
    points: 11,
    change: edited("entropy", "// I did it at home"),
    tells: /entropy/,
  },
  "helper-cell": {
    points: 12,
    change: both(
      edited("entropy", "// see below"),
      added(
        "function entropy(p) {\n  return -p.reduce((s, x) => x === 0 ? s : s + x * Math.log(x), 0);\n}",
        "entropy",
      ),
    ),
  },
  "check-edited": {
    points: 10,
    change: both(edited("encode", "const encode = 1;"), edited("encode-test", "// points, please")),
    tells: /the check "encode-test" was edited/,
  },
  "check-deleted": {
    points: 10,
    change: both(edited("encode", "const encode = 1;"), deleted("encode-test")),
    tells: /the check "encode-test" was deleted/,
  },
  "check-copied": {
    points: 12,
    change: (notebook) => ({
      ...notebook,
      cells: notebook.cells.flatMap((cell) =>
        cell.id === "encode-test" ? [cell, { ...cell, id: "copy" }] : [cell]
      ),
    }),
    tells: /the check "encode-test" was there more than once/,
  },
  "cells-reversed": {
    points: 12,
    change: (notebook) => ({ ...notebook, cells: notebook.cells.toReversed() }),
    tells: /stood before its answer/,
  },
  "set-up-deleted": { points: 12, change: both(deleted("setup"), deleted("imports")) },
  "name-taken": { points: 12, change: added("const check = (x: unknown) => x;") },
  "library-copy": {
    points: 12,
    change: edited(
      "padBatch",
      "function padBatch(...args) {\n  return library.padBatch(...args);\n}",
    ),
    tells: /padBatch is the library's/,
  },
  "math-random": {
    points: 11,
    change: edited("entropy", "function entropy() {\n  return Math.random();\n}"),
    tells: /Math\.random/,
  },
  "asks-for-input": { points: 12, change: added('const name = prompt("Your name?");') },
  "many-warnings": { points: 12, change: added("for (let i = 0; i < 500; i++) console.warn(i);") },
  "late-error": { points: 12, change: added('setTimeout(() => { throw new Error("late"); }, 1);') },
  "loop-in-answer": {
    points: 11,
    change: edited("entropy", "function entropy() {\n  while (true);\n}"),
    tells: /expected an end, got none within/,
  },
  "loop-in-cell": { points: 12, change: added("while (true);"), tells: /took too long/ },
  "async-loop": {
    points: 12,
    change: added("while (true) await new Promise((resolve) => setTimeout(resolve, 1));"),
    tells: /took too long/,
  },
  "waits-for-ever": { points: 12, change: added("await new Promise(() => {});") },
  "large-number": { points: 12, change: added("2 ** 53"), tells: /took too long/ },
  "no-file": { points: 0, write: () => null, tells: /no notebook of this name was handed in/ },
  "empty-file": { points: 0, write: () => "", tells: /got an empty file/ },
  "a-pdf": { points: 0, write: () => "%PDF-1.4\n%\u0000\u0001", tells: /Cannot read the notebook/ },
  "half-a-file": {
    points: 0,
    write: (notebook) => json(notebook).slice(0, 5000),
    tells: /expected the JSON of a notebook/,
  },
  "other-json": { points: 0, write: () => "[1, 2]", tells: /expected a notebook, got JSON/ },
  "other-notebook": {
    points: 0,
    write: () =>
      json({
        cells: [{ cell_type: "code", metadata: {}, source: "1" }],
        metadata: {},
        nbformat: 4,
      }),
    tells: /another notebook/,
  },
  "byte-order-mark": { points: 12, write: (notebook) => `\ufeff${json(notebook)}` },
  "windows-line-ends": {
    points: 12,
    write: ({ cells, ...rest }) => {
      const windows = cells.map((cell) => ({
        ...cell,
        source: [cell.source].flat().map((line) => line.replaceAll("\n", "\r\n")),
      }));
      return json({ ...rest, cells: windows }).replaceAll("\n", "\r\n");
    },
  },
  "utf-16": { points: 12, write: utf16, tells: /UTF-16/ },
  "format-4.4": { points: 12, write: format44 },
  "format-3": { points: 12, write: format3, tells: /nbformat 3/ },
  "other-kernel": {
    points: 12,
    change: (notebook) => ({
      ...notebook,
      metadata: { kernelspec: { name: "python3", display_name: "Python" } },
    }),
    tells: /kernel "python3"/,
  },
  "Zoë O'Neil & co": { points: 12 },
};
