import {
  bytesField,
  doubleField,
  explainFile,
  intField,
  joinBytes,
  largest,
} from "lib/core/mod.ts";
import { LogFile, setAsideNoFile } from "./_log_file.ts";
import type { LogOptions } from "./log_options.ts";
import {
  histogramValue,
  imageValue,
  pluginValue,
  scalarValue,
  settingValue,
  textValue,
} from "./_summaries.ts";
import { frame } from "./_tf_record.ts";

/** How an event file is opened. */
export interface TensorBoardOptions extends Pick<LogOptions, "onMend"> {
  /**
   * The first step that will be written: TensorBoard then discards what it has already read of the
   * run from that step on. Default 0, as for a new run.
   */
  readonly startStep?: number;
  /** The clock, in milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/** Curves that are drawn in one chart. */
export interface BoardChart {
  /** The title above the chart. */
  readonly title: string;
  /** The scalars' tags. */
  readonly tags: readonly string[];
}

/** How a run ended, in TensorBoard's words. */
export type BoardStatus = "success" | "failure";

/** Numbers of `status.proto` and `SessionLog`. */
const SUCCESS = 1, FAILURE = 2, START = 1;

/**
 * Event files that TensorBoard reads: `events.out.tfevents.<seconds>.<host>`.
 *
 * A file is a sequence of TFRecords. Each record is an `Event` message: wall time, step, and a
 * `Summary` with values by tag. Scalars are float32, as TensorBoard keeps them. A file only grows:
 * a resumed run writes a new file, because TensorBoard may be reading the old one.
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
 * Source: `event.proto`, `summary.proto` and `record_writer.h` of TensorFlow; `plugin_data.proto`
 * of TensorBoard's HParams, `layout.proto` of its custom scalars.
 */
export class TensorBoardLog implements Disposable {
  readonly #file: LogFile;
  readonly #now: () => number;

  private constructor(file: LogFile, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  /**
   * Begins a new event file in a folder.
   *
   * @param folder The run's folder; it must exist.
   * @param options The first step of a resumed run, the clock, and the function that is told if a
   *   folder or a pipe has the name of an event file.
   * @throws {FileError} If the system refuses it.
   * @throws {RangeError} If the step is not a whole number.
   */
  static open(folder: string, options: TensorBoardOptions = {}): TensorBoardLog {
    const { now = Date.now, startStep = 0, onMend } = options;
    const path = `${folder}/${newName(folder, { now, onMend })}`;
    const file = LogFile.open(path, {}, { problemOf: () => undefined, mend: (kept) => kept });
    const log = new TensorBoardLog(file, now);
    log.#write(bytesField(3, "brain.Event:2"));
    // Also for a new run: TensorBoard does not count the first start as a restart, whatever its
    // step.
    log.#write(stepField(startStep), bytesField(7, intField(1, START)));
    return log;
  }

  /** The event file. */
  get path(): string {
    return this.#file.path;
  }

  /**
   * Appends the values of a step, in one write.
   *
   * @param step A whole number.
   * @param values By tag; `group/name` puts charts into groups.
   * @throws {RangeError} If the step is not a whole number.
   */
  scalars(step: number, values: Readonly<Record<string, number>>): void {
    this.#summary(step, Object.entries(values).map(([tag, value]) => scalarValue(tag, value)));
  }

  /**
   * Appends a text (Markdown), shown in TensorBoard's "Text" tab.
   *
   * @param step A whole number.
   * @param tag Its name.
   * @param text What to show.
   * @throws {RangeError} If the step is not a whole number.
   */
  text(step: number, tag: string, text: string): void {
    this.#summary(step, [textValue(tag, "text", text)]);
  }

  /**
   * Appends histograms of values, in one write; tensors without a value are left out.
   *
   * @param step A whole number.
   * @param tensors Finite values by tag.
   * @throws {RangeError} If the step is not a whole number.
   */
  histograms(step: number, tensors: Readonly<Record<string, Float32Array>>): void {
    const filled = Object.entries(tensors).filter(([, values]) => values.length > 0);
    this.#summary(step, filled.map(([tag, values]) => histogramValue(tag, values)));
  }

  /**
   * Appends an image.
   *
   * @param step A whole number.
   * @param tag Its name.
   * @param png A PNG file.
   * @throws {RangeError} If the step is not a whole number.
   */
  image(step: number, tag: string, png: Uint8Array): void {
    this.#summary(step, [imageValue(tag, png)]);
  }

  /**
   * Says which curves are drawn in one chart; shown under "Custom Scalars".
   *
   * @param title The title above the charts.
   * @param charts The charts.
   */
  layout(title: string, charts: readonly BoardChart[]): void {
    const category = joinBytes([
      bytesField(1, title),
      joinBytes(charts.map(({ title, tags }) => {
        const curves = joinBytes(tags.map((tag) => bytesField(1, `^${tag}$`))); // regular expressions
        return bytesField(2, joinBytes([bytesField(1, title), bytesField(2, curves)]));
      })),
    ]);
    this.#summary(0, [
      textValue("custom_scalars__config__", "custom_scalars", bytesField(2, category)),
    ]);
  }

  /**
   * Writes a run's settings for TensorBoard's HParams, which compares them with the last values of
   * scalars.
   *
   * @param settings By name.
   */
  settings(settings: Readonly<Record<string, number | string | boolean>>): void {
    const entries = Object.entries(settings).map(([name, value]) =>
      bytesField(1, joinBytes([bytesField(1, name), bytesField(2, settingValue(value))]))
    );
    const start = joinBytes([joinBytes(entries), doubleField(5, this.#now() / 1000)]);
    this.#summary(0, [
      pluginValue("_hparams_/session_start_info", "hparams", bytesField(3, start)),
    ]);
  }

  /**
   * Writes for TensorBoard's HParams that a run has ended.
   *
   * @param status Whether all went well.
   */
  ending(status: BoardStatus): void {
    const end = joinBytes([
      intField(1, status === "success" ? SUCCESS : FAILURE),
      doubleField(2, this.#now() / 1000),
    ]);
    this.#summary(0, [pluginValue("_hparams_/session_end_info", "hparams", bytesField(4, end))]);
  }

  /** Waits until all is on the disk. */
  sync(): void {
    this.#file.sync();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #summary(step: number, values: readonly Uint8Array[]): void {
    this.#write(
      stepField(step),
      bytesField(5, joinBytes(values.map((value) => bytesField(1, value)))),
    );
  }

  #write(...fields: readonly Uint8Array[]): void {
    this.#file.append(frame(joinBytes([doubleField(1, this.#now() / 1000), ...fields])));
  }
}

function stepField(step: number): Uint8Array {
  if (Number.isSafeInteger(step) && step >= 0) return intField(2, step);
  throw new RangeError(`Cannot log: expected a step from 0, got ${step}`);
}

/**
 * A name that sorts after those of all event files there: TensorBoard reads files in order of name.
 */
function newName(
  folder: string,
  { now, onMend }: Required<Pick<TensorBoardOptions, "now">> & { onMend: LogOptions["onMend"] },
): string {
  const names = explainFile(
    `look into ${folder}`,
    () => [...Deno.readDirSync(folder)].map((entry) => entry.name),
  ).filter((name) => name.startsWith(PREFIX));
  // A folder or a pipe with such a name would stop TensorBoard.
  if (onMend !== undefined) names.forEach((name) => setAsideNoFile(`${folder}/${name}`, onMend));
  const times = names.map((name) => Number.parseInt(name.slice(PREFIX.length), 10) || 0);
  const seconds = Math.max(Math.floor(now() / 1000), largest(times, -1) + 1);
  return `${PREFIX}${seconds}.${Deno.hostname()}`;
}

const PREFIX = "events.out.tfevents.";
