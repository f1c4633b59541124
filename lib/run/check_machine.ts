import {
  diagnose,
  type DiagnoseOptions,
  type Finding,
  type PreparedStep,
} from "lib/backend/mod.ts";
import { createPrograms, createRun, runConfig, stepInput } from "lib/train/mod.ts";
import { measureTraining, type TrainingSpeed } from "./measure_training.ts";
import { predictMinutes } from "./notebook_minutes.ts";

/** What {@linkcode checkMachine} found. */
export interface MachineCheck {
  /** In the order in which one thing needs another. */
  readonly findings: readonly Finding[];
  /** Whether there is no problem, training among the rest. */
  readonly isHealthy: boolean;
  /** What a short training showed; undefined where there is no backend, or it threw. */
  readonly training: TrainingSpeed | undefined;
}

/**
 * The exercise's model with one layer, on a few sentences: the other layers and larger batches have
 * the same operations, and only take longer to compile. With dropout, so that its draws are seen to
 * agree.
 */
const LAYERS = 1, BATCH_SIZE = 8, EXAMPLES = 100, DROPOUT = 0.1;

/**
 * Looks at everything that training needs, proves that the backend computes correctly, and trains the
 * exercise's model for a few steps: it says how fast, how long the notebooks will take, and what would
 * make it faster.
 *
 * @param options As for `diagnose()`, which it begins with; `seconds` is the time for the training's
 *   steps too.
 * @returns What was found; what fails becomes a problem in it.
 *
 * @example
 * ```ts
 * import { checkMachine } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { findings } = await checkMachine({ seconds: 0 });
 * assertEquals(findings.some(({ subject }) => subject === "training"), true);
 * ```
 */
export async function checkMachine(
  options: Omit<DiagnoseOptions, "steps"> = {},
): Promise<MachineCheck> {
  const steps = [{ subject: "training step", prepare: trainingStep }];
  const { findings, hasBackend, advice } = await diagnose({ ...options, steps });
  const all = [...findings];
  const note = (finding: Finding) => {
    all.push(finding);
    options.onFinding?.(finding);
  };
  const training = hasBackend ? await trainShortly(note, options) : undefined;
  if (training !== undefined) note(notebooksFinding(training));
  if (advice.length > 0) note({ subject: "faster with", detail: advice.join("\n") });
  return { findings: all, isHealthy: all.every(({ problem }) => problem === undefined), training };
}

async function trainShortly(
  note: (finding: Finding) => void,
  { seconds }: Pick<DiagnoseOptions, "seconds">,
): Promise<TrainingSpeed | undefined> {
  try {
    const training = await measureTraining(seconds === undefined ? {} : { seconds });
    note(trainingFinding(training));
    return training;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    note({ subject: "training", detail: "failed", problem });
    return undefined;
  }
}

function trainingFinding(training: TrainingSpeed): Finding {
  const { tokensPerSecond, firstLoss, lastLoss, steps, hasLearned } = training;
  const losses = `${firstLoss.toFixed(2)} to ${lastLoss.toFixed(2)} nats`;
  const detail = `${tokensPerSecond.toFixed(0)} tokens/s; the loss went from ${losses} ` +
    `in ${steps} steps`;
  if (hasLearned) return { subject: "training", detail };
  return {
    subject: "training",
    detail,
    problem: `Cannot trust training here: expected the loss to fall by 0.5 nats, got ${losses}\n` +
      "Cure: see the lines marked !! above; else train op by op, with --compile off",
  };
}

function notebooksFinding({ tokensPerSecond }: TrainingSpeed): Finding {
  const minutes = Object.entries(predictMinutes(tokensPerSecond));
  const total = minutes.reduce((sum, [, each]) => sum + each, 0);
  const each = minutes.map(([name, value]) => `${name} ${value.toFixed(1)}`).join(", ");
  return {
    subject: "notebooks",
    detail: `about ${total.toFixed(0)} minutes to run all six with their solutions:\n${each}`,
  };
}

/** Prepares the first step of such a run. */
function trainingStep(): PreparedStep {
  const settings = {
    data: { examples: EXAMPLES },
    model: { layers: LAYERS, dropout: DROPOUT },
    train: { batchSize: BATCH_SIZE, warmup: 0 },
  };
  const run = createRun(runConfig(settings));
  const input = stepInput(run, [...run.corpus.loader.batches(run.state.cursor).take(1)]);
  return {
    input,
    compile: (options) => {
      const { update } = createPrograms(run.settings, { precision: "float32", ...options });
      return () => update(input);
    },
  };
}
