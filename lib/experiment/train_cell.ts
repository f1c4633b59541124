import { NonFiniteLossError } from "lib/core/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import {
  type Corpus,
  createCorpus,
  createRun,
  type Evaluation,
  planSteps,
  type Programs,
  type Run,
  type RunConfig,
  train,
} from "lib/train/mod.ts";

/** A validation of a cell's run. */
export interface CellPoint {
  /** Updates made. */
  readonly step: number;
  /** Targets learned from. */
  readonly tokens: number;
  /** Validation loss, in nats. */
  readonly loss: number;
  /** Validation loss minus the oracle's on the same targets. */
  readonly gap: number;
}

/** The result of a cell's run. Plain JSON. */
export interface CellResult {
  /** "finished" if it trained to its end; "diverged" if a loss or weight was not finite. */
  readonly outcome: "finished" | "diverged";
  /** Updates made. */
  readonly steps: number;
  /** Targets learned from. */
  readonly tokens: number;
  /** Time spent training and validating, compilation included. */
  readonly seconds: number;
  /** The validations in their order. */
  readonly validations: readonly CellPoint[];
  /** Training losses by step: [step, loss], at most about 200 of them. */
  readonly trainLosses: readonly (readonly [step: number, loss: number])[];
  /** The last validation with its slots; null if it diverged before one. */
  readonly final: Evaluation | null;
}

const MOST_TRAIN_LOSSES = 200;

/**
 * Trains cells one after the other in one process, and keeps what several of them share: the
 * sentences of a seed, and the compiled step of a model and optimizer.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { CellTrainer, planCells } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const base = {
 *   data: { examples: 200 },
 *   model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
 *   train: { epochs: 1, warmup: 0, samples: 0 },
 *   compute: { compile: "graph" },
 * } as const;
 * const axes = [{ setting: "train.lr", values: [1e-3, 1e-2] }];
 * const trainer = new CellTrainer();
 * for (const { config } of planCells({ base, axes, seeds: [1] })) {
 *   assertEquals((await trainer.train(config))?.outcome, "finished");
 * }
 * ```
 */
export class CellTrainer {
  readonly #corpora = new Map<string, Corpus>();
  readonly #programs = new Map<string, Programs>();

  /**
   * Trains a run from its start to its end.
   *
   * @param config Its settings.
   * @param options A signal that stops it, and a function to call with each step.
   * @returns The result; null if it was stopped. Its tensors are freed.
   */
  async train(config: RunConfig, options: TrainCellOptions = {}): Promise<CellResult | null> {
    const { signal, onStep } = options, run = this.#createRun(config);
    const record = new CellRecord(run.plan.totalSteps);
    try {
      for await (const event of train(run, signal === undefined ? {} : { signal })) {
        if (event.kind === "step") {
          record.step(event.step, event.loss);
          onStep?.(event.step, run.plan.totalSteps);
        } else if (event.kind === "evaluation") record.validation(event);
        if (event.kind === "end" && event.reason === "interrupted") return null;
      }
      return record.result("finished", run);
    } catch (error) {
      if (!(error instanceof NonFiniteLossError)) throw error;
      return record.result("diverged", run);
    } finally {
      disposeParams(run.state.params, run.state.optimizer);
    }
  }

  /**
   * Tells how many updates a run has, without training it.
   *
   * @param config Its settings.
   */
  stepsOf(config: RunConfig): number {
    return planSteps(config, this.#corpusOf(config).loader).totalSteps;
  }

  #corpusOf(config: RunConfig): Corpus {
    return remember(this.#corpora, corpusKey(config), () => createCorpus(config));
  }

  #createRun(config: RunConfig): Run {
    const corpus = this.#corpusOf(config);
    const key = programKey(config), programs = this.#programs.get(key);
    const run = createRun(config, { corpus, ...programs !== undefined && { programs } });
    this.#programs.set(key, run.programs);
    return run;
  }
}

/** Options of {@linkcode CellTrainer.train}. */
export interface TrainCellOptions {
  /** Stops the training when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called after each update, with the total number of updates. */
  readonly onStep?: (step: number, totalSteps: number) => void;
}

/** The settings that decide the sentences and their batches. */
function corpusKey({ seed, data, model, train }: RunConfig): string {
  const { vocabSize, maxLength } = model;
  const { batchSize, accumulation } = train;
  return JSON.stringify([seed, data, vocabSize, maxLength, batchSize, accumulation]);
}

/** The settings that a compiled step contains: all except those that are inputs of each step. */
function programKey({ model, train, compute }: RunConfig): string {
  const { optimizer, weightDecay, beta1, beta2, epsilon, momentum, clip, labelSmoothing } = train;
  const { initialization: _, initStd: _std, ...shape } = model; // only for the first weights
  return JSON.stringify([
    shape,
    [optimizer, weightDecay, beta1, beta2, epsilon, momentum, clip, labelSmoothing],
    compute,
  ]);
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}

/** Collects the events of a run into a result. */
class CellRecord {
  readonly #every: number;
  readonly #trainLosses: [step: number, loss: number][] = [];
  readonly #validations: CellPoint[] = [];
  #final: Evaluation | null = null;

  constructor(totalSteps: number) {
    this.#every = Math.ceil(totalSteps / MOST_TRAIN_LOSSES);
  }

  step(step: number, loss: number): void {
    if (step === 1 || step % this.#every === 0) this.#trainLosses.push([step, loss]);
  }

  validation(event: Evaluation & { readonly step: number; readonly tokens: number }): void {
    const { step, tokens, loss, perplexity, oracleLoss, gap, gapStandardError, targets, slots } =
      event;
    this.#final = { loss, perplexity, oracleLoss, gap, gapStandardError, targets, slots };
    this.#validations.push({ step, tokens, loss, gap });
  }

  result(outcome: CellResult["outcome"], { state }: Run): CellResult {
    return {
      outcome,
      steps: state.step,
      tokens: state.tokens,
      seconds: state.seconds,
      validations: this.#validations,
      trainLosses: this.#trainLosses,
      final: this.#final,
    };
  }
}
