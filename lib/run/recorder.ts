import { CsvLog, type CsvRow, LogChangedError, readCsv, SampleLog } from "lib/log/mod.ts";
import type {
  EndEvent,
  EvaluationEvent,
  SampleEvent,
  StepEvent,
  TrainEvent,
} from "lib/train/mod.ts";
import type { Run } from "lib/train/mod.ts";
import { RunBoard } from "./_run_board.ts";
import { formatSamples } from "./sample_text.ts";

/** The columns of `metrics.csv`. Losses are in nats per target; what was not measured is empty. */
export const METRIC_COLUMNS = [
  "step",
  "epoch",
  "tokens",
  "trainLoss",
  "validationLoss",
  "perplexity",
  "oracleLoss",
  "gap",
  "gapStandardError",
  "lr",
  "gradNorm",
  "tokensPerSecond",
] as const;

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
}

/**
 * Writes a run's events into its folder: `metrics.csv`, TensorBoard events, `samples.txt`.
 *
 * After each event it puts the lengths of its files into `run.state.logPositions`, so each checkpoint
 * has them. A resumed run cuts the files back to these lengths and goes on: no step is missing, and
 * none is there twice.
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
export class RunRecorder implements Disposable {
  readonly #run: Run;
  readonly #folder: string;
  readonly #onNotice: ((message: string) => void) | undefined;
  readonly #lock: Disposable | undefined;
  #logs: Logs;
  /** The last row of `metrics.csv`: a validation adds its columns to the row of its step. */
  #row: CsvRow = {};

  private constructor(run: Run, folder: string, options: RecorderOptions) {
    this.#run = run;
    this.#folder = folder;
    this.#onNotice = options.onNotice;
    this.#lock = run.store?.hold(); // before the files are cut back: no other process may write them
    const { step, logPositions } = run.state;
    this.#logs = this.#open(logPositions, step === 0 ? 0 : step + 1);
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

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#close();
    this.#lock?.[Symbol.dispose]();
  }

  /** Opens the files at the given lengths; TensorBoard's goes on in a new file, from `startStep`. */
  #open({ metrics, samples }: Readonly<Record<string, number>>, startStep: number): Logs {
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
    };
    // A run that was stopped between a step and its validation has the step's row already.
    this.#row = readCsv(path).rows.at(-1) ?? {};
    return logs;
  }

  #close(): void {
    Object.values(this.#logs).forEach((log) => log[Symbol.dispose]());
  }

  #write(event: TrainEvent): void {
    const { metrics, board, samples } = this.#logs;
    if (event.kind === "step") this.#writeStep(event);
    else if (event.kind === "evaluation") this.#writeEvaluation(event);
    else if (event.kind === "sample") this.#writeSamples(event);
    else if (event.kind === "end") this.#writeEnd(event);
    else return;
    // A checkpoint follows a validation; the rows that it counts must be on the disk before it.
    if (event.kind !== "step") [metrics, board, samples].forEach((log) => log.sync());
    const logPositions = {
      metrics: metrics.position,
      samples: samples.position,
    };
    this.#run.state = { ...this.#run.state, logPositions };
  }

  #writeStep(event: StepEvent): void {
    const { step, epoch, tokens, loss, lr, gradNorm, tokensPerSecond } = event;
    // True if the row was written just before an error in another file made write() start again.
    const isWritten = this.#row.step === step;
    this.#row = { step, epoch, tokens, trainLoss: loss, lr, gradNorm, tokensPerSecond };
    if (isWritten) this.#logs.metrics.rewriteLast(this.#row);
    else this.#logs.metrics.write(this.#row);
    this.#logs.board.step(event);
  }

  #writeEvaluation(event: EvaluationEvent): void {
    const { step, epoch, tokens, loss, perplexity, oracleLoss, gap, gapStandardError } = event;
    const measured = { validationLoss: loss, perplexity, oracleLoss, gap, gapStandardError };
    if (this.#row.step === step) this.#logs.metrics.rewriteLast({ ...this.#row, ...measured });
    else this.#logs.metrics.write({ step, epoch, tokens, ...measured });
    this.#logs.board.evaluation(event);
  }

  #writeSamples(event: SampleEvent): void {
    const { heading, lines } = formatSamples(event);
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
