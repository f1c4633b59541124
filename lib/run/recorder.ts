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

/** The columns of `metrics.csv`. Losses are nats per target; rows without a validation leave it empty. */
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

/** What {@linkcode RunRecorder} may be given. */
export interface RecorderOptions {
  /**
   * Told what was wrong with a file that was lost, damaged, or changed by another program under way;
   * its good part stays, or it begins anew. Without this, that is an error.
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
 * It tells the run how far it has written, so that each checkpoint knows the place: a resumed run
 * cuts the files back to it and goes on without a step missing or doubled.
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
  readonly #hold: Disposable | undefined;
  #logs: Logs;
  #row: CsvRow = {};

  private constructor(run: Run, folder: string, options: RecorderOptions) {
    this.#run = run;
    this.#folder = folder;
    this.#onNotice = options.onNotice;
    this.#hold = run.store?.hold(); // before anything is cut off
    const { step, logPositions } = run.state;
    this.#logs = this.#open(logPositions, step === 0 ? 0 : step + 1);
  }

  /**
   * Opens a run's files: new ones, or where its checkpoint left them.
   *
   * @param run The run whose events will come.
   * @param folder The run's folder; it must exist.
   * @param options Who is told of damage.
   * @throws {CheckpointError} If another process is at work on the run.
   * @throws {FileError} If the system refuses a file.
   * @throws {RangeError} If a file is damaged or shorter than the checkpoint says, and nobody is told.
   */
  static open(run: Run, folder: string, options: RecorderOptions = {}): RunRecorder {
    return new RunRecorder(run, folder, options);
  }

  /**
   * Writes what an event says; events that belong in no file are passed over.
   *
   * @param event What `train()` yields.
   * @throws {FileError} If the system refuses, or another program has changed a file and nobody is
   *   told.
   */
  write(event: TrainEvent): void {
    try {
      this.#write(event);
    } catch (error) {
      if (!(error instanceof LogChangedError) || this.#onNotice === undefined) throw error;
      this.#onNotice(error.message);
      this.#close();
      // Only a step's own event comes again; what else was written at the step stays.
      this.#logs = this.#open({}, event.kind === "step" ? event.step : event.step + 1);
      this.#write(event);
    }
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#close();
    this.#hold?.[Symbol.dispose]();
  }

  /** Opens the logs where they were left; the board goes on in a new file, from a step on. */
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
    // A checkpoint follows a validation: what it says of the files must be on the disk before it.
    if (event.kind !== "step") [metrics, board, samples].forEach((log) => log.sync());
    const logPositions = {
      metrics: metrics.position,
      samples: samples.position,
    };
    this.#run.state = { ...this.#run.state, logPositions };
  }

  #writeStep(event: StepEvent): void {
    const { step, epoch, tokens, loss, lr, gradNorm, tokensPerSecond } = event;
    const isThere = this.#row.step === step; // written just before another log was opened anew
    this.#row = { step, epoch, tokens, trainLoss: loss, lr, gradNorm, tokensPerSecond };
    if (isThere) this.#logs.metrics.rewriteLast(this.#row);
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
