import type { LogFormat } from "./_log_file.ts";
import { joinBytes } from "lib/core/mod.ts";
import type { CsvValue } from "./csv.ts";

/** The value of an unquoted field. */
export function fromField(text: string): CsvValue {
  if (text === "") return null;
  const isNumber = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|-?Infinity|NaN)$/.test(text);
  return isNumber ? Number(text) : text;
}

/** The byte at which the last row begins; undefined if there is none. */
export function findLastRow(bytes: Uint8Array, header: string): number | undefined {
  const start = new TextEncoder().encode(header).length;
  return [...rowsOf(bytes, start)].at(-1)?.start;
}

/**
 * The byte ranges of the rows; a line feed inside quotes (after an odd number of them) ends no row.
 */
function* rowsOf(bytes: Uint8Array, first: number): Generator<{ start: number; end: number }> {
  const lineEnd = 10, quote = 34;
  let start = first, isQuoted = false;
  for (let at = first; at < bytes.length; at++) {
    if (bytes[at] === quote) isQuoted = !isQuoted;
    if (bytes[at] !== lineEnd || isQuoted) continue;
    yield { start, end: at + 1 };
    start = at + 1;
  }
}

/** The rules for a table's bytes: its header, then rows with one field per column. */
export function csvFormat(columns: readonly string[], header: string): LogFormat {
  const first = new TextEncoder().encode(header);
  const hasHeader = (kept: Uint8Array) => first.every((byte, i) => kept[i] === byte);
  const isGood = (row: string) => hasFields(row, columns.length);
  return {
    problemOf(kept) {
      if (kept.length === 0) return undefined;
      if (!hasHeader(kept)) {
        const found = decode(kept.subarray(0, MOST_SHOWN)).split("\n", 1)[0];
        return `expected columns ${header.trimEnd()}, got ${found}`;
      }
      const bad = rowTexts(kept, first.length).find((row) => !isGood(row));
      if (bad !== undefined) {
        const got = JSON.stringify(bad.slice(0, MOST_SHOWN));
        return `expected ${columns.length} fields per row, got ${got}`;
      }
      const rest = decode(
        kept.subarray([...rowsOf(kept, first.length)].at(-1)?.end ?? first.length),
      );
      if (rest === "") return undefined;
      return `expected its last row to be whole, got "${rest.slice(0, MOST_SHOWN)}"`;
    },
    mend(kept) {
      if (!hasHeader(kept)) return new Uint8Array();
      const good = rowTexts(kept, first.length).filter(isGood);
      return joinBytes([first, ...good.map((row) => new TextEncoder().encode(row))]);
    },
  };
}

/** The most characters of a damaged row that a message shows. */
const MOST_SHOWN = 200;

function rowTexts(bytes: Uint8Array, first: number): string[] {
  return [...rowsOf(bytes, first)].map(({ start, end }) => decode(bytes.subarray(start, end)));
}

function hasFields(row: string, count: number): boolean {
  if (row.includes("\0")) return false;
  try {
    return parseCsv(row, "").every(({ length }) => length === count);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A field as it is written in the file, but without its quotes. */
export interface CsvField {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** The value of a field. */
export function toValue({ text, isQuoted }: CsvField): CsvValue {
  return isQuoted ? text : fromField(text);
}

/** Reads the fields of all rows. */
export function parseCsv(text: string, path: string): CsvField[][] {
  const rows: CsvField[][] = [];
  let row: CsvField[] = [];
  // A field, quoted or not, and what ends it; matches follow each other without a gap.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length || row.length > 0) {
    const at = field.lastIndex, match = field.exec(text);
    if (match === null) {
      const got = text.slice(at, at + 20).split("\n", 1)[0];
      throw new SyntaxError(`Cannot read ${path}: expected a field, got ${got}`);
    }
    const [, quoted, plain = ""] = match;
    row.push({ text: quoted?.replaceAll('""', '"') ?? plain, isQuoted: quoted !== undefined });
    if (match[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
