import type { FileCell } from "./notebook_file.ts";

/** A cell of the notebook that students were given. */
export interface GivenCell {
  /** The kind of cell. */
  readonly type: "code" | "markdown";
  /** The cell's id. */
  readonly id: string;
  /** The cell's text. */
  readonly source: string;
  /** What a student may do with it. */
  readonly role: "check" | "answer" | "written" | "given";
}

/** A cell of a submission, ready to be run. */
export interface RestoredCell {
  /** The kind of cell. */
  readonly type: "code" | "markdown" | "raw";
  /** The cell's id. */
  readonly id: string;
  /** The cell's text. */
  readonly source: string;
  /** `extra` is a cell that the student added. */
  readonly role: GivenCell["role"] | "extra";
}

/** A submission with its checks restored. */
export interface Restoration {
  /** Its cells, in order. */
  readonly cells: readonly RestoredCell[];
  /** What was restored, in words. */
  readonly notes: readonly string[];
}

/**
 * Puts a submission's cells back into the order of the course's notebook. Checks get their original text,
 * whatever the student did to them; answers and other cells keep the student's text; cells that the student
 * added stay after the cell that they followed.
 *
 * @param given The cells that students were given, in order.
 * @param handed The cells that came back.
 *
 * @example
 * ```ts
 * import { restoreChecks } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const given = [
 *   { type: "code", id: "double", source: "// YOUR CODE", role: "answer" },
 *   { type: "code", id: "double-test", source: "check(double);", role: "check" },
 * ] as const;
 * const { cells, notes } = restoreChecks(given, [
 *   { type: "code", id: "double", source: "const double = 2;", gradeId: "double" },
 *   { type: "code", id: "double-test", source: "// nothing", gradeId: "double-test" },
 * ]);
 * assertEquals(cells.map(({ source }) => source), ["const double = 2;", "check(double);"]);
 * assertEquals(notes, ['the check "double-test" was edited']);
 * ```
 */
export function restoreChecks(
  given: readonly GivenCell[],
  handed: readonly FileCell[],
): Restoration {
  const { first, extras, copies } = match(given, handed);
  const notes = [
    ...notesOf(given, handed, first),
    ...copies.map((id) => `the check "${id}" was there more than once`),
  ];
  let added = 0;
  const toExtra = (cell: FileCell): RestoredCell => ({
    ...cell,
    id: `extra-${++added}`,
    role: "extra",
  });
  const before = (extras.get(BEFORE) ?? []).map(toExtra);
  const cells = given.flatMap((cell): RestoredCell[] => {
    const own = first.get(cell.id);
    const source = cell.role === "check" || own === undefined ? cell.source : own.source;
    return [{ ...cell, source }, ...(extras.get(cell.id) ?? []).map(toExtra)];
  });
  return { cells: [...before, ...cells], notes };
}

/** The key of the added cells that come before the first given cell. */
const BEFORE = "";

interface Match {
  /** The first submitted cell of each given id. */
  readonly first: ReadonlyMap<string, FileCell>;
  /** The student's own cells, by the id of the given cell before them. */
  readonly extras: ReadonlyMap<string, readonly FileCell[]>;
  /** The ids of checks that came more than once. */
  readonly copies: readonly string[];
}

function match(given: readonly GivenCell[], handed: readonly FileCell[]): Match {
  const roles = new Map(given.map(({ id, role }) => [id, role]));
  const first = new Map<string, FileCell>(), extras = new Map<string, FileCell[]>();
  const copies: string[] = [];
  let latest = BEFORE;
  for (const cell of handed) {
    const id = idOf(cell, { given, roles, taken: first });
    if (id !== undefined && !first.has(id)) {
      first.set(id, cell);
      latest = id;
    } else if (id !== undefined && roles.get(id) === "check") {
      copies.push(id);
    } else extras.set(latest, [...extras.get(latest) ?? [], cell]);
  }
  return { first, extras, copies };
}

interface Known {
  readonly given: readonly GivenCell[];
  readonly roles: ReadonlyMap<string, unknown>;
  readonly taken: ReadonlyMap<string, unknown>;
}

/** The id of the given cell: found by nbgrader's name, by id, or by the text if ids were lost. */
function idOf(
  { gradeId, id, source }: FileCell,
  { given, roles, taken }: Known,
): string | undefined {
  // A cell that is copied in JupyterLab keeps nbgrader's name and gets a new id.
  if (roles.has(gradeId)) return gradeId;
  if (roles.has(id)) return id;
  if (source.trim() === "") return undefined;
  return given.find((cell) => cell.source === source && !taken.has(cell.id))?.id;
}

function notesOf(
  given: readonly GivenCell[],
  handed: readonly FileCell[],
  first: ReadonlyMap<string, FileCell>,
): string[] {
  const order = new Map(handed.map((cell, i) => [cell, i]));
  let latest = -1;
  return given.flatMap(({ id, role, source }) => {
    const cell = first.get(id), place = cell === undefined ? undefined : order.get(cell);
    const isLate = place !== undefined && place < latest;
    latest = Math.max(latest, place ?? -1);
    if (role === "check") {
      if (cell === undefined) return [`the check "${id}" was deleted`];
      if (cell.source !== source) return [`the check "${id}" was edited`];
      return isLate ? [`the check "${id}" stood before its answer`] : [];
    }
    return cell === undefined && role === "answer" ? [`the cell of "${id}" was deleted`] : [];
  });
}
