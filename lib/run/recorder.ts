import { CsvLog, type CsvRow, readCsv, SampleLog, TensorBoardLog } from "lib/log/mod.ts";
import type { EvaluationEvent, SampleEvent, StepEvent, TrainEvent } from "lib/train/mod.ts";
import type { Run } from "lib/train/mod.ts";
import { formatSamples } from "./sample_text.ts";

/** The columns of `metrics.csv`. Losses are nats a target; rows without a validation leave it empty. */
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
  readonly #metrics: CsvLog;
  readonly #board: TensorBoardLog;
  readonly #samples: SampleLog;
  #row: CsvRow = {};

  private constructor(run: Run, folder: string) {
    this.#run = run;
    const { metrics, board, samples } = run.state.logPositions;
    this.#metrics = CsvLog.open(`${folder}/metrics.csv`, METRIC_COLUMNS, at(metrics));
    this.#board = TensorBoardLog.open(folder, at(board));
    this.#samples = SampleLog.open(`${folder}/samples.txt`, at(samples));
    // A run that was stopped between a step and its validation has the step's row already.
    this.#row = readCsv(`${folder}/metrics.csv`).rows.at(-1) ?? {};
  }

  /**
   * Opens a run's files: new ones, or where its checkpoint left them.
   *
   * @param run The run whose events will come.
   * @param folder The run's folder; it must exist.
   * @throws {RangeError} If a file is shorter than the checkpoint says, or is not such a file.
   */
  static open(run: Run, folder: string): RunRecorder {
    return new RunRecorder(run, folder);
  }

  /** Writes what an event says; events that belong in no file are passed over. */
  write(event: TrainEvent): void {
    if (event.kind === "step") this.#writeStep(event);
    else if (event.kind === "evaluation") this.#writeEvaluation(event);
    else if (event.kind === "sample") this.#writeSamples(event);
    else return;
    // A checkpoint follows a validation: what it says of the files must be on the disk before it.
    if (event.kind !== "step") this.#logs.forEach((log) => log.sync());
    const positions = {
      metrics: this.#metrics.position,
      board: this.#board.position,
      samples: this.#samples.position,
    };
    this.#run.state = { ...this.#run.state, logPositions: positions };
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#logs.forEach((log) => log[Symbol.dispose]());
  }

  get #logs() {
    return [this.#metrics, this.#board, this.#samples];
  }

  #writeStep(event: StepEvent): void {
    const { step, epoch, tokens, loss, lr, gradNorm, tokensPerSecond } = event;
    this.#row = { step, epoch, tokens, trainLoss: loss, lr, gradNorm, tokensPerSecond };
    this.#metrics.write(this.#row);
    this.#board.scalars(step, {
      "loss/train": loss,
      "optimizer/lr": lr,
      "optimizer/gradNorm": gradNorm,
      "speed/tokensPerSecond": tokensPerSecond,
    });
  }

  #writeEvaluation(event: EvaluationEvent): void {
    const { step, epoch, tokens, loss, perplexity, oracleLoss, gap, gapStandardError } = event;
    const measured = { validationLoss: loss, perplexity, oracleLoss, gap, gapStandardError };
    if (this.#row.step === step) this.#metrics.rewriteLast({ ...this.#row, ...measured });
    else this.#metrics.write({ step, epoch, tokens, ...measured });
    this.#board.scalars(step, {
      "loss/validation": loss,
      "loss/oracle": oracleLoss,
      "validation/gap": gap,
      "validation/perplexity": perplexity,
    });
  }

  #writeSamples(event: SampleEvent): void {
    const { step, grammaticalShare, agreementShare } = event;
    const { heading, lines } = formatSamples(event);
    this.#samples.write(heading, lines);
    this.#board.text(step, "samples", lines.join("  \n"));
    this.#board.scalars(step, {
      "samples/grammaticalShare": grammaticalShare,
      ...(agreementShare === null ? {} : { "samples/agreementShare": agreementShare }),
    });
  }
}

function at(position: number | undefined): { truncateTo?: number } {
  return position === undefined ? {} : { truncateTo: position };
}
