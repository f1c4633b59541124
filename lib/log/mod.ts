/**
 * What a run writes and shows: CSV, TensorBoard events, samples, the progress line.
 *
 * Rank 1: imports `core`, and no TensorFlow. Everything here takes plain records. A log has a
 * `position`; if it is opened again with that number as `truncateTo`, it continues there, so that a
 * resumed run has every step exactly once.
 *
 * @example
 * ```ts
 * import { CsvLog, readCsv, TensorBoardLog } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * using csv = CsvLog.open(`${folder}/metrics.csv`, ["step", "trainLoss"]);
 * using events = TensorBoardLog.open(folder);
 * csv.write({ step: 1, trainLoss: 6.91 });
 * events.scalars(1, { "loss/train": 6.91 });
 * assertEquals(readCsv(`${folder}/metrics.csv`).rows, [{ step: 1, trainLoss: 6.91 }]);
 * ```
 *
 * @module
 */
export { CsvLog, type CsvRow, type CsvTable, type CsvValue, readCsv } from "./csv.ts";
export { LogChangedError } from "./log_changed_error.ts";
export {
  createProgress,
  type Progress,
  type ProgressFields,
  type ProgressOptions,
} from "./progress.ts";
export type { LogOptions } from "./log_options.ts";
export { RecordLog } from "./record_log.ts";
export { SampleLog } from "./sample_log.ts";
export {
  type BoardChart,
  type BoardStatus,
  TensorBoardLog,
  type TensorBoardOptions,
} from "./tensorboard.ts";
export { terminal, type TerminalStream } from "./terminal.ts";
export { type Versions, versions } from "./versions.ts";
