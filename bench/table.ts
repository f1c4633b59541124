/**
 * A bench report as a person reads it.
 *
 * @module
 */
import { type Report, type Row, type Section, summarize } from "./report.ts";

/** Characters of a bar that stand for the baseline, and the most that are drawn. */
const BAR_UNIT = 10, BAR_MOST = 30;

/** The machine, the versions and the load: what the figures depend on. */
export function formatHead({ date, machine, versions, load }: Omit<Report, "sections">): string {
  return [
    date,
    ...Object.values(machine),
    ...versions,
    `load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after; figures to be quoted ` +
    "need an idle machine",
  ].join("\n");
}

/** A section: its title, a table with a heading for each group, and the remarks. */
export function formatSection(section: Section): string {
  const { title, unit, better, rows, remarks } = section;
  const names = [...new Set(rows.flatMap(({ facts }) => Object.keys(facts)))];
  const best = better === "lower" ? "min" : "max";
  const table = align([
    [unit, "median", best, "ratio", "n", ...names, ""],
    ...rows.map((row) => cellsOf(section, row, names)),
  ]);
  const [head = "", ...lines] = table;
  const body = rows.flatMap((row, i) => {
    const isFirst = row.group !== rows[i - 1]?.group && row.group !== "";
    return [...isFirst ? [row.group] : [], lines[i] ?? ""];
  });
  return [`${section.part}: ${title}`, head, ...body, ...remarks.map((text) => `  ${text}`)]
    .join("\n");
}

function cellsOf(section: Section, row: Row, names: readonly string[]): string[] {
  const { median, best, ratio } = summarize(section, row);
  return [
    `  ${row.name}`,
    formatNumber(median),
    formatNumber(best),
    Number.isFinite(ratio) ? ratio.toFixed(2) : "-",
    String(row.samples.length),
    ...names.map((name) => row.facts[name] ?? ""),
    row.note ?? bar(ratio),
  ];
}

function bar(ratio: number): string {
  if (!Number.isFinite(ratio)) return "";
  const length = Math.round(ratio * BAR_UNIT);
  return length > BAR_MOST ? `${"█".repeat(BAR_MOST)}▸` : "█".repeat(Math.max(1, length));
}

/** Three digits that count, and no more decimals than that takes. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const decimals = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1))));
  return value.toFixed(decimals);
}

/** Lines up columns: the first and the last to the left, all between to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) =>
      i === 0 || i === row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)
    ).join("  ").trimEnd()
  );
}
