import { quote, readBytes, readText } from "lib/core/mod.ts";
import { csvFormat, findLastRow, fromField, parseCsv, toValue } from "./_csv_format.ts";
import { LogFile } from "./_log_file.ts";
import type { LogOptions } from "./log_options.ts";

/** A field of a row; null stands for a missing value. */
export type CsvValue = string | number | null;

/** One row by column name; columns left out are missing values. */
export type CsvRow = Readonly<Record<string, CsvValue>>;

/**
 * A table that grows by one row per write, in the format of RFC 4180 with line feeds as line ends.
 *
 * Numbers are written in the shortest form that reads back to the same bits, missing values as
 * empty fields. Text that would be read as a number or as a missing value is quoted.
 *
 * @example
 * ```ts
 * import { CsvLog } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/metrics.csv`;
 * using log = CsvLog.open(path, ["step", "trainLoss", "validationLoss"]);
 * log.write({ step: 1, trainLoss: 6.91 });
 * assertEquals(Deno.readTextFileSync(path), "step,trainLoss,validationLoss\n1,6.91,\n");
 * ```
 */
export class CsvLog implements Disposable {
  /** The names of the columns, in order. */
  readonly columns: readonly string[];
  readonly #file: LogFile;
  /** Where the last row begins; undefined while there is none. */
  #lastRow: number | undefined;

  private constructor(file: LogFile, columns: readonly string[], lastRow?: number) {
    this.#file = file;
    this.columns = columns;
    this.#lastRow = lastRow;
  }

  /**
   * Opens a table, or begins a new one with its header row.
   *
   * @param path The file; its folder must exist.
   * @param columns The names of the columns, in order.
   * @param options Where to continue; by default at the end.
   * @throws {RangeError} If the names are not distinct; without `onMend` also if the file has other
   *   columns, a damaged row, or is shorter than `truncateTo`.
   */
  static open(path: string, columns: readonly string[], options: LogOptions = {}): CsvLog {
    if (columns.length === 0 || new Set(columns).size < columns.length) {
      throw new RangeError(`Cannot open ${path}: expected distinct columns, got ${columns}`);
    }
    const header = toLine(columns);
    const format = csvFormat(columns, header), file = LogFile.open(path, options, format);
    if (file.position === 0) file.append(new TextEncoder().encode(header));
    return new CsvLog(file, columns, findLastRow(readBytes(path), header));
  }

  /** Bytes written so far; a checkpoint keeps this number for `truncateTo`. */
  get position(): number {
    return this.#file.position;
  }

  /**
   * Appends one row, in one write.
   *
   * @param row Values by column; a value that is left out, undefined or null becomes an empty
   *   field.
   * @throws {RangeError} If a value's column is not one of the table's.
   */
  write(row: Readonly<Record<string, CsvValue | undefined>>): void {
    const unknown = Object.keys(row).find((name) => !this.columns.includes(name));
    if (unknown !== undefined) {
      throw new RangeError(
        `Cannot write to ${this.#file.path}: expected columns ${this.columns.join(", ")}, ` +
          `got ${unknown}`,
      );
    }
    const line = toLine(this.columns.map((name) => row[name] ?? null));
    this.#lastRow = this.#file.position;
    this.#file.append(new TextEncoder().encode(line));
  }

  /**
   * Replaces the last row, for values that become known later than the rest.
   *
   * @param row All values of the row, including those written before.
   * @throws {RangeError} If there is no row, or a column is unknown.
   */
  rewriteLast(row: Readonly<Record<string, CsvValue | undefined>>): void {
    if (this.#lastRow === undefined) {
      throw new RangeError(
        `Cannot rewrite the last row of ${this.#file.path}: expected a row, got none`,
      );
    }
    this.#file.truncate(this.#lastRow);
    this.write(row);
  }

  /** Waits until all rows are on the disk. */
  sync(): void {
    this.#file.sync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** A table that was read. */
export interface CsvTable {
  /** The names of the columns, in order. */
  readonly columns: readonly string[];
  /**
   * The rows; a quoted field is text, an empty one null; other fields are numbers if they have the
   * form of one.
   */
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a table that {@linkcode CsvLog} wrote, and gives the same values; it also reads other CSV
 * files.
 *
 * @param path The file.
 * @returns Columns and rows.
 * @throws {SyntaxError} If a row has more or fewer fields than the header, two columns have the
 *   same name, or a quote is not closed.
 *
 * @example
 * ```ts
 * import { readCsv } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/words.csv`;
 * Deno.writeTextFileSync(path, 'word,count\n"a, b",2\n');
 * assertEquals(readCsv(path).rows, [{ word: "a, b", count: 2 }]);
 * ```
 */
export function readCsv(path: string): CsvTable {
  const [header, ...lines] = parseCsv(readText(path), path);
  const columns = (header ?? []).map(({ text }) => text);
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SyntaxError(
      `Cannot read ${path}: expected distinct columns, got ${quote(twice)} twice`,
    );
  }
  const rows = lines.map((fields, index) => {
    if (fields.length !== columns.length) {
      throw new SyntaxError(
        `Cannot read ${path}: expected ${columns.length} fields in row ${index + 1}, ` +
          `got ${fields.length}`,
      );
    }
    const values = fields.map(toValue);
    return Object.fromEntries(columns.map((name, column) => [name, values[column] ?? null]));
  });
  return { columns, rows };
}

function toLine(values: readonly CsvValue[]): string {
  return values.map(toField).join(",") + "\n";
}

function toField(value: CsvValue): string {
  if (value === null) return "";
  // String() would drop the sign of -0.
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  const isPlain = !/[",\r\n]/.test(value) && fromField(value) === value;
  return isPlain ? value : `"${value.replaceAll('"', '""')}"`;
}
