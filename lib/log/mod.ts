/**
 * What a run leaves and shows: CSV, TensorBoard events, samples, its folder, the progress line.
 *
 * Rank 1: imports `core`, and no TensorFlow. Everything here takes plain records; a log tells its
 * `position`, and opened again with `truncateTo` it goes on from there, so that a resumed run has
 * every step once.
 *
 * @example
 * ```ts
 * import { createRunFolder, CsvLog, readCsv, TensorBoardLog } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = createRunFolder(Deno.makeTempDirSync(), "plain-001");
 * using csv = CsvLog.open(`${folder}/metrics.csv`, ["step", "trainLoss"]);
 * using events = TensorBoardLog.open(folder);
 * csv.write({ step: 1, trainLoss: 6.91 });
 * events.scalars(1, { "loss/train": 6.91 });
 * assertEquals(readCsv(`${folder}/metrics.csv`).rows, [{ step: 1, trainLoss: 6.91 }]);
 * ```
 *
 * @module
 */
export * from "./csv.ts";
export * from "./log_options.ts";
export * from "./progress.ts";
export * from "./run_folder.ts";
export * from "./sample_log.ts";
export * from "./tensorboard.ts";
export * from "./terminal.ts";
export * from "./versions.ts";
