/**
 * A run as its user meets it: command line and config file, the folders of a run, what is written into
 * them, the report, signals that ask to stop.
 *
 * Rank 4: imports `core`, the folders of rank 1 to 3, and TensorFlow.js.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { beginRun, RunRecorder, writeReport } from "lib/run/mod.ts";
 * import { runConfig, train } from "lib/train/mod.ts";
 * import { assert } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 400 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const placed = beginRun(runConfig(settings), { root: Deno.makeTempDirSync() });
 * {
 *   using recorder = RunRecorder.open(placed.run, placed.folder);
 *   for await (const event of train(placed.run)) recorder.write(event);
 * }
 * const { path } = await writeReport(placed, { ending: "finished" });
 * assert(Deno.statSync(path).isFile);
 * ```
 *
 * @module
 */
export { type BestWeights, bestWeights } from "./best_weights.ts";
export { checkMachine, type MachineCheck } from "./check_machine.ts";
export { formatTrainHelp, parseTrainCommand, type TrainCommand } from "./command_line.ts";
export { describeEnvironment } from "./environment.ts";
export { describeFailure } from "./failure.ts";
export { type LoggedRun, readLoggedRun } from "./logged_run.ts";
export {
  type Exported,
  type ExportOptions,
  exportRun,
  type ImportedRun,
  type ImportOptions,
  importRun,
} from "./hugging_face.ts";
export { metricsRow } from "./metrics_row.ts";
export { type MeasureOptions, measureTraining, type TrainingSpeed } from "./measure_training.ts";
export { predictMinutes } from "./notebook_minutes.ts";
export { type RecorderOptions, RunRecorder } from "./recorder.ts";
export { checkRunName } from "./run_folder.ts";
export { openSavedRun, type SavedRun } from "./saved_run.ts";
export { listenForStop, type StopSignals } from "./stop_signals.ts";
export {
  beginRun,
  type PlacedRun,
  type PlaceOptions,
  type ReopenedRun,
  reopenRun,
} from "./workspace.ts";
export { type ReportOptions, type Summary, writeReport } from "./write_report.ts";

// For your own programs:
export { readConfig } from "./config_file.ts";
export { createRunFolder, nextRunName, openRunFolder, writeConfig } from "./run_folder.ts";
