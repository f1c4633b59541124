import { writeFileAtomically } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { type MetricsRow, renderReport, type RunReport } from "lib/plot/mod.ts";
import { evaluate } from "lib/train/mod.ts";
import type { EndEvent, Evaluation } from "lib/train/mod.ts";
import { modelOf } from "lib/train/mod.ts";
import { parseSamples } from "./sample_text.ts";
import { judgeFit, type Verdict } from "lib/train/mod.ts";
import type { PlacedRun } from "./workspace.ts";

/** What {@linkcode writeReport} is told besides the run. */
export interface ReportOptions {
  /** How the run ended. */
  readonly ending: EndEvent["reason"];
  /** What a person should know: fall-backs, suspicions. */
  readonly notices?: readonly string[];
  /** Versions and device. */
  readonly environment?: Readonly<Record<string, string | number>>;
}

/** What a run came to. */
export interface Summary {
  /** The final model on the validation sentences. */
  readonly validation: Evaluation;
  /** The final model on as many training sentences. */
  readonly train: Evaluation;
  /** The judgement. */
  readonly verdict: Verdict;
  /** The report's path. */
  readonly path: string;
}

const FILES = [
  { path: "config.json", meaning: "all settings, seed, versions and device" },
  { path: "metrics.csv", meaning: "the numbers of every step" },
  { path: "events.out.tfevents.*", meaning: "the same for TensorBoard (deno task tensorboard)" },
  { path: "samples.txt", meaning: "sentences that the model made, over training" },
];

/**
 * Measures the model that a run leaves, judges it, and writes `report.html` into the run's folder.
 *
 * @param placed The run and its folder, its log files written.
 * @param options How it ended, and what else to tell.
 * @returns The measurements and the verdict.
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
export async function writeReport(placed: PlacedRun, options: ReportOptions): Promise<Summary> {
  const { run, name, folder } = placed;
  const model = modelOf(run);
  const validation = await evaluate(model, run.corpus.validation);
  const train = await evaluate(model, run.corpus.trainSample);
  if (validation === null || train === null) {
    throw new RangeError("Cannot report: expected measurements, got none"); // no signal was given
  }
  const bestLoss = run.state.earlyStop.bestLoss ?? validation.loss;
  const { environment = {}, notices = [], ending } = options;
  const metrics = readMetrics(`${folder}/metrics.csv`);
  const validations = metrics.flatMap(({ step, validationLoss }) =>
    validationLoss == null ? [] : [{ step, loss: validationLoss }]
  );
  const verdict = judgeFit({ train, validation, bestLoss, validations, ending });
  const { clip } = run.config.train;
  const report: RunReport = {
    name,
    ending,
    metrics,
    totalSteps: run.plan.totalSteps,
    seconds: run.state.seconds,
    ladder: run.corpus.ladder,
    evaluation: validation,
    samples: parseSamples(Deno.readTextFileSync(`${folder}/samples.txt`)),
    verdict,
    notices,
    ...(clip > 0 ? { clip } : {}),
    config: run.config,
    environment,
    files: [...FILES, { path: `../../checkpoints/${name}/`, meaning: "best, last and previous" }],
    resumeCommand: `./denow task train --resume --name ${name}`,
  };
  const path = `${folder}/report.html`;
  writeFileAtomically(path, renderReport(report));
  return { validation, train, verdict, path };
}

function readMetrics(path: string): MetricsRow[] {
  return readCsv(path).rows.map((row) => {
    const { step, ...readings } = row;
    // The recorder writes numbers only; an empty field reads as null.
    return { step: Number(step), ...readings } as MetricsRow;
  });
}
