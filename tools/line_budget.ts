/**
 * How long the files are: a house stays readable only if somebody looks.
 *
 * @module
 */

/** The lines of one file. */
export interface FileLines {
  /** From the root. */
  readonly path: string;
  readonly lines: number;
  /** Lines with code on them. */
  readonly code: number;
  /** Lines with nothing but comment on them. */
  readonly comments: number;
}

/** Counts the lines of one TypeScript file. */
export function countLines(path: string, text: string): FileLines {
  const lines = text.trimEnd().split("\n").map((line) => line.trim());
  const code = lines.filter((line) => !/^($|\/\/|\/\*|\*)/.test(line)).length;
  const empty = lines.filter((line) => line === "").length;
  return { path, lines: lines.length, code, comments: lines.length - code - empty };
}

/** The header of {@linkcode budgetRows}. */
export const BUDGET_HEADER = [
  "folder",
  "files",
  "lines",
  "code",
  "comment",
  "median",
  "longest",
  "tests/code",
];

/**
 * Sums files up by folder: a row for each folder of lib, for the other sources, and for all.
 *
 * @param files All source files and tests, by their paths from the root.
 * @returns Cells in the order of {@linkcode BUDGET_HEADER}.
 */
export function budgetRows(files: readonly FileLines[]): string[][] {
  const sources = Map.groupBy(
    files.filter(({ path }) => !path.startsWith("tests/")),
    ({ path }) => folderOf(path),
  );
  const rows = [...sources].toSorted().map(([folder, group]) => {
    const mirror = `tests/${folder.replace(/^lib\//, "")}/`;
    return budgetRow(folder, group, files.filter(({ path }) => path.startsWith(mirror)));
  });
  const tests = files.filter(({ path }) => path.startsWith("tests/"));
  return [...rows, budgetRow("all", [...sources.values()].flat(), tests)];
}

function folderOf(path: string): string {
  const parts = path.split("/").slice(0, -1);
  return parts.slice(0, parts[0] === "lib" ? 2 : 1).join("/") || ".";
}

function budgetRow(folder: string, files: FileLines[], tests: FileLines[]): string[] {
  const sum = (group: FileLines[], key: "lines" | "code" | "comments") =>
    group.reduce((total, file) => total + file[key], 0);
  const byLength = files.toSorted((a, b) => a.lines - b.lines);
  const code = sum(files, "code"), comments = sum(files, "comments"), longest = byLength.at(-1);
  return [
    folder,
    files.length,
    sum(files, "lines"),
    code,
    `${Math.round(100 * comments / (code + comments))} %`,
    byLength[byLength.length >> 1]?.lines ?? 0,
    `${longest?.path.split("/").at(-1)} ${longest?.lines}`,
    (sum(tests, "code") / code).toFixed(1),
  ].map(String);
}
