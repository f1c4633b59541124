import { LogFile, type LogFormat } from "./_log_file.ts";
import type { LogOptions } from "./log_options.ts";

/** Paragraphs end with an empty line. */
const FORMAT: LogFormat = {
  problemOf: (kept) =>
    kept.length === wholeLength(kept) ? undefined : "expected a whole last paragraph, got a part",
  mend: (kept) => kept.subarray(0, wholeLength(kept)),
};

/** The number of bytes of the whole paragraphs. */
function wholeLength(bytes: Uint8Array): number {
  const lineFeed = 10;
  for (let end = bytes.length; end > 1; end--) {
    if (bytes[end - 1] === lineFeed && bytes[end - 2] === lineFeed) return end;
  }
  return 0;
}

/**
 * A text file that grows by paragraphs: the sentences that a model generates during training.
 *
 * @example
 * ```ts
 * import { SampleLog } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/samples.txt`;
 * using log = SampleLog.open(path);
 * log.write("step 100 (2 of 2 grammatical)", ["The old cat sleeps quietly", "The red car stops"]);
 * assertEquals(Deno.readTextFileSync(path).split("\n")[1], "  The old cat sleeps quietly");
 * ```
 */
export class SampleLog implements Disposable {
  readonly #file: LogFile;

  private constructor(file: LogFile) {
    this.#file = file;
  }

  /**
   * Opens the file, or begins a new one.
   *
   * @param path The file; its folder must exist.
   * @param options Where to continue; by default at the end.
   * @throws {RangeError} If there is no `onMend`, and the file is shorter than `truncateTo` or ends
   *   within a paragraph.
   */
  static open(path: string, options: LogOptions = {}): SampleLog {
    return new SampleLog(LogFile.open(path, options, FORMAT));
  }

  /** Bytes written so far; a checkpoint keeps this number for `truncateTo`. */
  get position(): number {
    return this.#file.position;
  }

  /**
   * Appends a heading and its lines, in one write.
   *
   * @param heading For example the step and the share of grammatical sentences.
   * @param lines The samples, one per line.
   */
  write(heading: string, lines: readonly string[]): void {
    const text = [heading, ...lines.map((line) => `  ${line}`), "", ""].join("\n");
    this.#file.append(new TextEncoder().encode(text));
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
