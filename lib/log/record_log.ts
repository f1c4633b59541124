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

/** How many bytes the records at the beginning take, up to the first that is not whole. */
function wholeLength(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let whole = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, whole)) {
    try {
      JSON.parse(decoder.decode(bytes.subarray(whole, end)));
    } catch {
      break; // no UTF-8, or no JSON
    }
    whole = end + 1;
  }
  return whole;
}

/**
 * A file that grows by records, one line of JSON each (JSON Lines).
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
   * Opens the file, or begins one.
   *
   * @param path The file; its folder must exist.
   * @param options Where to go on; by default at the end.
   * @throws {RangeError} If the file is shorter than `truncateTo`, or a record in it is damaged, and
   *   nobody is told of damage.
   */
  static open(path: string, options: LogOptions = {}): RecordLog {
    return new RecordLog(LogFile.open(path, options, FORMAT));
  }

  /** Bytes written so far: what a checkpoint keeps for `truncateTo`. */
  get position(): number {
    return this.#file.position;
  }

  /**
   * Appends a record, in one write.
   *
   * @param record What `JSON.stringify()` can write.
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
