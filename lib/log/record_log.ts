import { LogFile, type LogFormat } from "./_log_file.ts";
import type { LogOptions } from "./log_options.ts";

const LINE_FEED = 10;

const FORMAT: LogFormat = {
  problemOf: (kept) =>
    kept.length === wholeLength(kept)
      ? undefined
      : "expected whole records to the end, got another",
  mend: (kept) => kept.subarray(0, wholeLength(kept)),
};

/** The number of bytes of the whole records at the beginning, up to the first that is not whole. */
function wholeLength(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let whole = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, whole)) {
    try {
      JSON.parse(decoder.decode(bytes.subarray(whole, end)));
    } catch {
      break; // not UTF-8, or not JSON
    }
    whole = end + 1;
  }
  return whole;
}

/**
 * A file that grows by records, with one line of JSON per record (JSON Lines).
 *
 * @example
 * ```ts
 * import { RecordLog } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/samples.jsonl`;
 * using log = RecordLog.open(path);
 * log.write({ step: 100, text: "The old cat sleeps quietly" });
 * assertEquals(JSON.parse(Deno.readTextFileSync(path)).step, 100);
 * ```
 */
export class RecordLog implements Disposable {
  readonly #file: LogFile;

  private constructor(file: LogFile) {
    this.#file = file;
  }

  /**
   * Opens the file, or begins a new one.
   *
   * @param path The file; its folder must exist.
   * @param options Where to continue; by default at the end.
   * @throws {RangeError} If there is no `onMend`, and the file is shorter than `truncateTo` or a
   *   record in it is damaged.
   */
  static open(path: string, options: LogOptions = {}): RecordLog {
    return new RecordLog(LogFile.open(path, options, FORMAT));
  }

  /** Bytes written so far; a checkpoint keeps this number for `truncateTo`. */
  get position(): number {
    return this.#file.position;
  }

  /**
   * Appends a record, in one write.
   *
   * @param record Any record that `JSON.stringify()` can write.
   */
  write(record: Readonly<Record<string, unknown>>): void {
    this.#file.append(new TextEncoder().encode(`${JSON.stringify(record)}\n`));
  }

  /** Waits until all is on the disk. */
  sync(): void {
    this.#file.sync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
