import { isRecord } from "lib/grade/mod.ts";

/** A cell as it was handed in. */
export interface FileCell {
  /** The kind of cell. */
  readonly type: "code" | "markdown" | "raw";
  /** The cell's id; empty in files older than nbformat 4.5. */
  readonly id: string;
  /** The cell's text; each line ends with a line feed only. */
  readonly source: string;
  /** nbgrader's name of the cell; empty if it has none. */
  readonly gradeId: string;
}

/** A notebook as it was handed in. */
export interface NotebookFile {
  /** Its cells, in order. */
  readonly cells: readonly FileCell[];
  /** What was unusual about the file, in words. */
  readonly notes: readonly string[];
}

/** Thrown when a file is not a notebook. */
export class NotebookFileError extends Error {
  /** Distinguishes this error from others. */
  override readonly name = "NotebookFileError";
}

/** The largest file that is read, in bytes: a notebook is far smaller, apart from its outputs. */
const LARGEST = 200 * 2 ** 20;

/**
 * Reads a notebook file as students' tools write it: with or without a byte order mark, with any line
 * endings, in nbformat 3 or 4.
 *
 * @param bytes The file.
 * @throws {NotebookFileError} If it is not a notebook; the message says why.
 *
 * @example
 * ```ts
 * import { readNotebookFile } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = '{"nbformat": 4, "cells": [{"cell_type": "code", "id": "a", "source": ["1;\\r\\n", "2;"]}]}';
 * const { cells } = readNotebookFile(new TextEncoder().encode(text));
 * assertEquals(cells[0]?.source, "1;\n2;");
 * ```
 */
export function readNotebookFile(bytes: Uint8Array): NotebookFile {
  if (bytes.length > LARGEST) refuse(`at most ${LARGEST} bytes`, `${bytes.length}`);
  const notes: string[] = [];
  const content = parse(decodeText(bytes, notes));
  if (!isRecord(content)) return refuse("a notebook", "JSON of another kind");
  const { nbformat } = content;
  const cells = nbformat === 3 ? cellsOfVersion3(content) : content.cells;
  if (!Array.isArray(cells)) return refuse("a list of cells", "none");
  if (nbformat !== 4) notes.push(`saved in nbformat ${String(nbformat)}`);
  const kernel = kernelOf(content);
  if (kernel !== undefined && kernel !== "deno") {
    notes.push(`saved for the kernel "${kernel}"; graded with "deno"`);
  }
  return { cells: cells.map(toCell), notes };
}

function decodeText(bytes: Uint8Array, notes: string[]): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe || first === 0xfe && second === 0xff) {
    notes.push("saved as UTF-16");
    return new TextDecoder(first === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  }
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    notes.push("begins with a byte order mark");
  }
  return new TextDecoder().decode(bytes); // this removes the byte order mark
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse("the JSON of a notebook", text.trim() === "" ? "an empty file" : reason);
  }
}

function refuse(expected: string, got: string): never {
  throw new NotebookFileError(`Cannot read the notebook: expected ${expected}, got ${got}`);
}

function kernelOf({ metadata }: Record<string, unknown>): string | undefined {
  if (!isRecord(metadata) || !isRecord(metadata.kernelspec)) return undefined;
  return typeof metadata.kernelspec.name === "string" ? metadata.kernelspec.name : undefined;
}

function cellsOfVersion3({ worksheets }: Record<string, unknown>): unknown {
  const [sheet]: unknown[] = Array.isArray(worksheets) ? worksheets : [];
  return isRecord(sheet) ? sheet.cells : undefined;
}

function toCell(cell: unknown): FileCell {
  if (!isRecord(cell)) return refuse("cells that are records", JSON.stringify(cell).slice(0, 40));
  const { cell_type: type, id, metadata } = cell;
  // In nbformat 3 the text of a code cell has another name.
  const source = textOf(cell.source ?? cell.input);
  const nbgrader = isRecord(metadata) && isRecord(metadata.nbgrader) ? metadata.nbgrader : {};
  return {
    type: type === "code" || type === "markdown" ? type : "raw",
    id: typeof id === "string" ? id : "",
    source,
    gradeId: typeof nbgrader.grade_id === "string" ? nbgrader.grade_id : "",
  };
}

function textOf(source: unknown): string {
  const text = Array.isArray(source) ? source.map(String).join("") : String(source ?? "");
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
}
