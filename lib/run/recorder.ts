import {
  CsvLog,
  type CsvRow,
  LogChangedError,
  readCsv,
  RecordLog,
  SampleLog,
} from "lib/log/mod.ts";
import type {
  EndEvent,
  EvaluationEvent,
  Run,
  RunLogs,
  SampleEvent,
  StepEvent,
  TrainEvent,
} from "lib/train/mod.ts";
import { RunBoard } from "./_run_board.ts";
import { METRIC_COLUMNS, metricsRow } from "./metrics_row.ts";
import { formatSamples } from "./sample_text.ts";

/** Options of {@linkcode RunRecorder}. */
export interface RecorderOptions {
  /**
   * Called with a message if a file was lost, damaged, or changed by another program during the run.
   * The good part of the file is kept; if there is none, a new file begins. Without this function,
   * such a file is an error.
   */
  readonly onNotice?: (message: string) => void;
}

interface Logs {
  readonly metrics: CsvLog;
  readonly board: RunBoard;
  readonly samples: SampleLog;
  readonly records: RecordLog;
}

/**
 * Writes a run's events into its folder: `metrics.csv`, TensorBoard events, `samples.txt` for people
 * and `samples.jsonl` for programs.
 *
 * Each checkpoint asks it for the lengths of its files (`run.logs`). A resumed run cuts the files back
 * to these lengths and goes on: no step is missing, and none is there twice.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { readCsv } from "lib/log/mod.ts";
 * import { RunRecorder } from "lib/run/mod.ts";
 * import { createRun, runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const run = createRun(runConfig(settings)), folder = Deno.makeTempDirSync();
 * using recorder = RunRecorder.open(run, folder);
 * for await (const event of train(run)) recorder.write(event);
 * assertEquals(readCsv(`${folder}/metrics.csv`).rows.length, 1 + run.plan.totalSteps);
 * ```
 */
export class RunRecorder implements RunLogs, Disposable {
  readonly #run: Run;
  readonly #folder: string;
  readonly #onNotice: ((message: string) => void) | undefined;
  readonly #lock: Disposable | undefined;
  #logs: Logs;
  #positions: Readonly<Record<string, number>>;
  /** The last row of `metrics.csv`: a validation adds its columns to the row of its step. */
  #row: CsvRow = {};

  private constructor(run: Run, folder: string, options: RecorderOptions) {
    this.#run = run;
    this.#folder = folder;
    this.#onNotice = options.onNotice;
    this.#lock = run.store?.hold(); // before the files are cut back: no other process may write them
    const { step, logPositions } = run.state;
    this.#logs = this.#open(logPositions, step === 0 ? 0 : step + 1);
    this.#positions = positionsOf(this.#logs);
    run.logs = this;
  }

  /**
   * Opens a run's files: new ones, or the existing ones cut back to where the checkpoint left them.
   *
   * @param run The run whose events will be written.
   * @param folder The run's folder; it must exist.
   * @param options Where messages about damaged files go.
   * @throws {CheckpointError} If another process trains the run.
   * @throws {FileError} If the system refuses a file.
   * @throws {RangeError} If a file is damaged or shorter than the checkpoint says, and there is no
   *   `onNotice`.
   */
  static open(run: Run, folder: string, options: RecorderOptions = {}): RunRecorder {
    return new RunRecorder(run, folder, options);
  }

  /**
   * Writes an event; events that belong in no file are ignored.
   *
   * @param event What `train()` yields.
   * @throws {FileError} If the system refuses, or another program has changed a file and there is no
   *   `onNotice`.
   */
  write(event: TrainEvent): void {
    try {
      this.#write(event);
    } catch (error) {
      if (!(error instanceof LogChangedError) || this.#onNotice === undefined) throw error;
      this.#onNotice(error.message);
      this.#close();
      // Of this step's records, only those of the event itself are written again; the others stay.
      this.#logs = this.#open({}, event.kind === "step" ? event.step : event.step + 1);
      this.#write(event);
    }
  }

  /** How far each file was written after the latest event, in bytes. */
  get positions(): Readonly<Record<string, number>> {
    return this.#positions;
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#close();
    this.#lock?.[Symbol.dispose]();
  }

  /** Opens the files at the given lengths; TensorBoard's goes on in a new file, from `startStep`. */
  #open({ metrics, samples, records }: Readonly<Record<string, number>>, startStep: number): Logs {
    const at = (position: number | undefined) => ({
      ...(position !== undefined && { truncateTo: position }),
      ...(this.#onNotice && { onMend: this.#onNotice }),
    });
    const path = `${this.#folder}/metrics.csv`;
    const logs = {
      metrics: CsvLog.open(path, METRIC_COLUMNS, at(metrics)),
      board: RunBoard.open(this.#run, this.#folder, {
        startStep,
        ...(this.#onNotice && { onMend: this.#onNotice }),
      }),
      samples: SampleLog.open(`${this.#folder}/samples.txt`, at(samples)),
      records: RecordLog.open(`${this.#folder}/samples.jsonl`, at(records)),
    };
    // A run that was stopped between a step and its validation has the step's row already.
    this.#row = readCsv(path).rows.at(-1) ?? {};
    return logs;
  }

  #close(): void {
    Object.values(this.#logs).forEach((log) => log[Symbol.dispose]());
  }

  #write(event: TrainEvent): void {
    const { metrics, board, samples, records } = this.#logs;
    if (event.kind === "step") this.#writeStep(event);
    else if (event.kind === "evaluation") this.#writeEvaluation(event);
    else if (event.kind === "sample") this.#writeSamples(event);
    else if (event.kind === "end") this.#writeEnd(event);
    else return;
    // A checkpoint follows a validation; the rows that it counts must be on the disk before it.
    if (event.kind !== "step") [metrics, board, samples, records].forEach((log) => log.sync());
    this.#positions = positionsOf(this.#logs);
  }

  #writeStep(event: StepEvent): void {
    // True if the row was written just before an error in another file made write() start again.
    const isWritten = this.#row.step === event.step;
    this.#row = csvRow(event);
    if (isWritten) this.#logs.metrics.rewriteLast(this.#row);
    else this.#logs.metrics.write(this.#row);
    this.#logs.board.step(event);
  }

  #writeEvaluation(event: EvaluationEvent): void {
    const row = csvRow(event), { step, epoch, tokens } = this.#row;
    if (step === event.step) {
      this.#logs.metrics.rewriteLast({ ...this.#row, ...row, epoch, tokens });
    } else this.#logs.metrics.write(row);
    this.#logs.board.evaluation(event);
  }

  #writeSamples(event: SampleEvent): void {
    const { heading, lines } = formatSamples(event);
    this.#logs.records.write({ ...event });
    this.#logs.samples.write(heading, lines);
    this.#logs.board.samples(event, lines);
  }

  #writeEnd(event: EndEvent): void {
    const { bestLoss, bestStep } = this.#run.state.earlyStop;
    const { rows } = readCsv(`${this.#folder}/metrics.csv`);
    const gap = Number(rows.find(({ step }) => step === bestStep)?.gap ?? NaN);
    if (bestLoss !== null) this.#logs.board.end(event, { loss: bestLoss, gap });
  }
}

function positionsOf({ metrics, samples, records }: Logs): Record<string, number> {
  return { metrics: metrics.position, samples: samples.position, records: records.position };
}

/** What of an event has a column. */
function csvRow(event: StepEvent | EvaluationEvent): CsvRow {
  const row = metricsRow(event);
  return Object.fromEntries(METRIC_COLUMNS.flatMap((column) => {
    const reading = row[column];
    return reading === undefined ? [] : [[column, reading]];
  }));
}
