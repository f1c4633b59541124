import { FileError, isSystemError, readText, reasonOf, writeFileAtomically } from "lib/core/mod.ts";
import { renderReport, type RunReport } from "lib/plot/mod.ts";
import {
  type EndEvent,
  evaluate,
  type Evaluation,
  judgeFit,
  modelOf,
  validationDue,
  type Verdict,
} from "lib/train/mod.ts";
import { bestWeights } from "./best_weights.ts";
import { writeProjector } from "./_projector.ts";
import { readMetrics } from "./logged_run.ts";
import { readSampleRecord } from "./sample_text.ts";
import type { PlacedRun } from "./workspace.ts";

/** Options of {@linkcode writeReport}. */
export interface ReportOptions {
  /** How the run ended. */
  readonly ending: EndEvent["reason"];
  /** What the user should know: fall-backs, suspicious numbers. */
  readonly notices?: readonly string[];
  /** Versions and device. */
  readonly environment?: Readonly<Record<string, string | number>>;
  /** Asks to stop; polled between batches. */
  readonly signal?: AbortSignal;
}

/** The result of a run, measured on its best weights: those with the lowest validation loss. */
export interface Summary {
  /** The step of these weights. */
  readonly step: number;
  /** Their losses on the validation sentences. */
  readonly validation: Evaluation;
  /** Their losses on as many training sentences. */
  readonly train: Evaluation;
  /** The verdict. */
  readonly verdict: Verdict;
  /** The report's path. */
  readonly path: string;
}

const FILES = [
  { path: "config.json", meaning: "all settings, seed, versions and device" },
  { path: "metrics.csv", meaning: "the numbers of every step" },
  { path: "events.out.tfevents.*", meaning: "the same for TensorBoard (deno task tensorboard)" },
  { path: "embeddings.tsv, words.tsv", meaning: "token embeddings, for TensorBoard's Projector" },
  { path: "samples.txt", meaning: "sentences that the model made, over training" },
  { path: "samples.jsonl", meaning: "the same for programs, one line of JSON per validation" },
];

/**
 * Measures the best weights of a run, gives the verdict, and writes `report.html` into the run's folder, with
 * the embeddings for TensorBoard's Projector.
 *
 * @param placed The run and its folder, its log files written.
 * @param options How it ended, and what else to tell.
 * @returns The measurements and the verdict; null, and no report, if it was asked to stop.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { beginRun, RunRecorder, writeReport } from "lib/run/mod.ts";
 * import { runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const placed = beginRun(runConfig(settings), { root: Deno.makeTempDirSync() });
 * using recorder = RunRecorder.open(placed.run, placed.folder);
 * for await (const event of train(placed.run)) recorder.write(event);
 * const { verdict } = await writeReport(placed, { ending: "finished" });
 * assertEquals(verdict.kind, "underfitting"); // three steps teach it little
 * ```
 */
export function writeReport(
  placed: PlacedRun,
  options: Omit<ReportOptions, "signal">,
): Promise<Summary>;
/** Writes the report, unless it is asked to stop before the model is measured. */
export function writeReport(placed: PlacedRun, options: ReportOptions): Promise<Summary | null>;
export async function writeReport(
  placed: PlacedRun,
  options: ReportOptions,
): Promise<Summary | null> {
  const { run, name, folder } = placed, best = await measureBest(placed, options.signal);
  if (best === null) return null;
  const { step, validation, train } = best;
  const bestLoss = run.state.earlyStop.bestLoss ?? validation.loss;
  const { environment = {}, ending } = options, { samples, notices, ...logs } = readLogs(folder);
  const metrics = logs.metrics.map((row) =>
    validationDue(run, row.step) === "early" ? { ...row, isEarly: true } : row
  );
  const validations = metrics.flatMap(({ step, isEarly = false, validationLoss: loss }) =>
    loss == null || isEarly ? [] : [{ step, loss }]
  );
  const verdict = judgeFit({ train, validation, bestLoss, validations, ending, step });
  const { clip } = run.config.train;
  const report: RunReport = {
    name,
    ending,
    metrics,
    totalSteps: run.plan.totalSteps,
    seconds: run.state.seconds,
    ladder: run.corpus.ladder,
    evaluation: validation,
    evaluatedStep: step,
    samples,
    verdict,
    notices: [...options.notices ?? [], ...best.notices, ...notices],
    ...(clip > 0 ? { clip } : {}),
    config: run.config,
    environment,
    files: [...FILES, { path: `../../checkpoints/${name}/`, meaning: "best, last and previous" }],
    resumeCommand: `./denow task train --resume --name ${name}`,
  };
  const path = `${folder}/report.html`;
  writeFileAtomically(path, renderReport(report));
  return { step, validation, train, verdict, path };
}

/** Measures the best weights and writes their embeddings for the Projector; null if asked to stop. */
async function measureBest({ run, folder }: PlacedRun, signal: AbortSignal | undefined) {
  using best = bestWeights(run);
  const model = { ...modelOf(run), params: best.params };
  const validation = await evaluate(model, run.corpus.validation, signal);
  const train = await evaluate(model, run.corpus.trainSample, signal);
  if (validation !== null && train !== null) writeProjector(folder, best.params, run.corpus);
  const notices = best.warning === undefined ? [] : [best.warning];
  return validation && train && { step: best.step, notices, validation, train };
}

/** Reads the logs; if one cannot be read, the report says so and leaves its part out. */
function readLogs(folder: string): Pick<RunReport, "metrics" | "samples"> & { notices: string[] } {
  const notices: string[] = [];
  const readOr = <T>(nothing: T, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      const isOfFile = error instanceof SyntaxError || error instanceof FileError;
      if (!isOfFile && !isSystemError(error)) throw error;
      notices.push(`${reasonOf(error)}: the report does without`);
      return nothing;
    }
  };
  const records = readOr("", () => readText(`${folder}/samples.jsonl`)).split("\n");
  return {
    metrics: readOr([], () => readMetrics(`${folder}/metrics.csv`)),
    samples: records.filter((line) => line !== "").flatMap((line) =>
      readOr([], () => [readSampleRecord(line)])
    ),
    notices,
  };
}
