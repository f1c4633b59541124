import {
  bytesField,
  doubleField,
  explainFile,
  floatField,
  intField,
  joinBytes,
} from "lib/core/mod.ts";
import { LogFile } from "./_log_file.ts";
import type { LogOptions } from "./log_options.ts";
import { frame, wholeLength } from "./_tf_record.ts";

/** The number that `types.proto` gives to text. */
const DT_STRING = 7;

/** How an event file is opened. */
export interface TensorBoardOptions extends LogOptions {
  /** The clock, in milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * An event file that TensorBoard reads: `events.out.tfevents.<seconds>.<host>`.
 *
 * It is a sequence of TFRecords, each an `Event` message: wall time, step, and a `Summary` with
 * values by tag. Scalars are float32, as TensorBoard keeps them.
 *
 * @example
 * ```ts
 * import { TensorBoardLog } from "lib/log/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * using log = TensorBoardLog.open(Deno.makeTempDirSync());
 * log.scalars(1, { "loss/train": 6.91, "rate/lr": 1e-5 });
 * log.text(1, "samples", "The old cat sleeps quietly");
 * assertMatch(log.path, /events\.out\.tfevents\.\d+\./);
 * ```
 *
 * Source: `event.proto`, `summary.proto` and `record_writer.h` of TensorFlow.
 */
export class TensorBoardLog implements Disposable {
  readonly #file: LogFile;
  readonly #now: () => number;

  private constructor(file: LogFile, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /**
   * Opens the event file of a folder, or begins one.
   *
   * @param folder The run's folder; it must exist.
   * @param options Where to go on, and the clock.
   * @throws {RangeError} If the file is shorter than `truncateTo`, damaged, or ends within a record,
   *   and nobody is told of damage.
   */
  static open(folder: string, options: TensorBoardOptions = {}): TensorBoardLog {
    const now = options.now ?? Date.now;
    const name = findEvents(folder) ??
      `events.out.tfevents.${Math.floor(now() / 1000)}.${Deno.hostname()}`;
    const path = `${folder}/${name}`;
    const file = LogFile.open(path, options, {
      problemOf: (kept) =>
        wholeLength(kept) === kept.length
          ? undefined
          : `expected whole records, got a broken one within ${kept.length} bytes`,
      mend: (kept) => kept.subarray(0, wholeLength(kept)),
    });
    const log = new TensorBoardLog(file, now);
    if (file.position === 0) log.#write(bytesField(3, "brain.Event:2"));
    return log;
  }

  /** The event file. */
  get path(): string {
    return this.#file.path;
  }

  /** Bytes written so far: what a checkpoint keeps for `truncateTo`. */
  get position(): number {
    return this.#file.position;
  }

  /**
   * Appends the values of a step, in one write.
   *
   * @param step A whole number.
   * @param values By tag; `group/name` puts charts into groups.
   * @throws {RangeError} If the step is not a whole number.
   */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    const summary = Object.entries(values).map(([tag, value]) =>
      bytesField(1, joinBytes([bytesField(1, tag), floatField(2, value)]))
    );
    this.#write(stepField(step), bytesField(5, joinBytes(summary)));
  }

  /**
   * Appends a text (Markdown), shown under TensorBoard's tab of that name.
   *
   * @param step A whole number.
   * @param tag Its name.
   * @param text What to show.
   * @throws {RangeError} If the step is not a whole number.
   */
  text(step: number, tag: string, text: string): void {
    const plugin = bytesField(1, bytesField(1, "text"));
    const tensor = joinBytes([intField(1, DT_STRING), bytesField(8, text)]);
    const value = joinBytes([bytesField(1, tag), bytesField(8, tensor), bytesField(9, plugin)]);
    this.#write(stepField(step), bytesField(5, bytesField(1, value)));
  }

  /** Waits until all is on the disk. */
  sync(): void {
    this.#file.sync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #write(...fields: readonly Uint8Array[]): void {
    this.#file.append(frame(joinBytes([doubleField(1, this.#now() / 1000), ...fields])));
  }
}

function stepField(step: number): Uint8Array {
  if (Number.isSafeInteger(step) && step >= 0) return intField(2, step);
  throw new RangeError(`Cannot log: expected a step from 0, got ${step}`);
}

/** The newest event file; its name begins with the time, so it is the last by name. */
function findEvents(folder: string): string | undefined {
  const names = explainFile(
    `look into ${folder}`,
    () => [...Deno.readDirSync(folder)].map((entry) => entry.name),
  );
  return names.filter((name) => name.startsWith("events.out.tfevents.")).sort().at(-1);
}
