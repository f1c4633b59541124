/**
 * A made class: submissions of notebook 1 of every kind that a grader must bear, each with the points
 * that it must get. They are written from the course's source, so that they stay small and up to date.
 *
 * @module
 */
import { sourceCells } from "../../scripts/_hidden_tests.ts";
import { toNotebook } from "lib/authoring/mod.ts";

/** A cell as a notebook file has it. */
export interface MadeCell {
  readonly cell_type: string;
  readonly id?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: string | readonly string[];
  readonly [key: string]: unknown;
}

/** A notebook file. */
export interface MadeNotebook {
  readonly cells: readonly MadeCell[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** One submission. */
export interface Made {
  /** The points that it must get. */
  readonly points: number;
  /** What it does to a solved notebook. */
  readonly change?: (notebook: MadeNotebook) => MadeNotebook;
  /** What the file's bytes are, where they are not the notebook as JSON; null for no file. */
  readonly write?: (notebook: MadeNotebook) => string | Uint8Array | null;
  /** What the report must say of it. */
  readonly tells?: RegExp;
}

/** The exercises that a made submission has solved, if nothing else is said: 12 points. */
const SOLVED = [
  ...["buildVocabulary", "encode", "decode", "shiftExample"],
  ...["padBatch", "meanLoss", "entropy", "perplexity"],
];

/** A notebook with some exercises solved, or all. */
export function solvedNotebook(
  names: readonly string[] | "all" = SOLVED,
  notebook = "01_data",
): MadeNotebook {
  const source = sourceCells(notebook), student = toNotebook(source, "student");
  const solutions = new Map(toNotebook(source, "solution").cells.map((cell) => [cell.id, cell]));
  const exercises = new Set(source.flatMap(({ options: { solution } }) => solution ?? []));
  const cells = student.cells.map((cell): MadeCell => {
    const isSolved = exercises.has(cell.id) && (names === "all" || names.includes(cell.id));
    return { ...cell, source: isSolved ? solutions.get(cell.id)?.source ?? [] : cell.source };
  });
  return { ...student, cells };
}

/** Gives a cell another text. */
export function edited(id: string, source: string): NonNullable<Made["change"]> {
  return (notebook) => ({
    ...notebook,
    cells: notebook.cells.map((cell) => cell.id === id ? { ...cell, source: [source] } : cell),
  });
}

/** Puts a cell of the student's own behind another one. */
export function added(source: string, after = "imports"): NonNullable<Made["change"]> {
  const cell = { cell_type: "code", id: "own", metadata: {}, source: [source] };
  const extra = { ...cell, execution_count: null, outputs: [] };
  return (notebook) => ({
    ...notebook,
    cells: notebook.cells.flatMap((one) => one.id === after ? [one, extra] : [one]),
  });
}

/** Leaves a cell out. */
export function deleted(id: string): NonNullable<Made["change"]> {
  return (notebook) => ({ ...notebook, cells: notebook.cells.filter((cell) => cell.id !== id) });
}

/** One change after the other. */
export function both(
  first: NonNullable<Made["change"]>,
  second: NonNullable<Made["change"]>,
): NonNullable<Made["change"]> {
  return (notebook) => second(first(notebook));
}

/** The file that a made submission is; null for none. */
export function bytesOf({ change, write }: Made, solved = solvedNotebook()): Uint8Array | null {
  const notebook = change?.(solved) ?? solved;
  const content = write === undefined ? JSON.stringify(notebook, null, 1) : write(notebook);
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
