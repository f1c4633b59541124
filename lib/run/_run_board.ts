import { flatSettings } from "lib/core/mod.ts";
import { TensorBoardLog, type TensorBoardOptions } from "lib/log/mod.ts";
import { inspect } from "lib/model/mod.ts";
import { attentionGrid, renderPng } from "lib/plot/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { EndEvent, EvaluationEvent, Run, SampleEvent, StepEvent } from "lib/train/mod.ts";

/** More maps than that do not fit on a screen. */
const MOST_HEADS = 64;

/** What the optimizer calls its running mean of the gradients, before a parameter's name. */
const MEAN_GRADIENT = /^(m|momentum)\./;

/** Writes what TensorBoard shows of a run. */
export class RunBoard implements Disposable {
  readonly #run: Run;
  readonly #log: TensorBoardLog;

  private constructor(run: Run, log: TensorBoardLog) {
    this.#run = run;
    this.#log = log;
  }

  /** Begins an event file with the run's settings and the charts that its curves belong to. */
  static open(run: Run, folder: string, options: TensorBoardOptions): RunBoard {
    const log = TensorBoardLog.open(folder, options);
    log.layout("Run", [
      { title: "loss", tags: ["loss/train", "loss/validation", "loss/oracle"] },
      { title: "learning rate", tags: ["optimizer/lr"] },
      { title: "gradient norm", tags: ["optimizer/gradNorm"] },
    ]);
    const settings = [...flatSettings(run.config)].map(([path, value]) => {
      const isPlain = typeof value === "number" || typeof value === "boolean";
      return [path, isPlain ? value : String(value)] as const;
    });
    log.settings(Object.fromEntries(settings));
    return new RunBoard(run, log);
  }

  step({ step, loss, lr, gradNorm, tokensPerSecond }: StepEvent): void {
    this.#log.scalars(step, {
      "loss/train": loss,
      "optimizer/lr": lr,
      "optimizer/gradNorm": gradNorm,
      "speed/tokensPerSecond": tokensPerSecond,
    });
  }

  evaluation(event: EvaluationEvent): void {
    const { step, loss, oracleLoss, gap, perplexity, isEarly } = event;
    this.#log.scalars(step, {
      "loss/validation": loss,
      "loss/oracle": oracleLoss,
      "validation/gap": gap,
      "validation/perplexity": perplexity,
    });
    if (isEarly) return;
    this.#log.histograms(step, {
      ...valuesOf(this.#run.state.params, (name) => `weights/${name}`),
      ...valuesOf(this.#run.state.optimizer, gradientTag),
    });
    this.#attention(step);
  }

  samples(event: SampleEvent, lines: readonly string[]): void {
    const { step, grammaticalShare, agreementShare } = event;
    this.#log.text(step, "samples", lines.join("  \n"));
    this.#log.scalars(step, {
      "samples/grammaticalShare": grammaticalShare,
      ...(agreementShare === null ? {} : { "samples/agreementShare": agreementShare }),
    });
  }

  /** Writes the figures by which HParams compares runs, and that this run has ended. */
  end({ step, reason }: EndEvent, best: { readonly loss: number; readonly gap: number }): void {
    this.#log.scalars(step, { "final/bestValidationLoss": best.loss, "final/bestGap": best.gap });
    if (reason !== "interrupted") this.#log.ending("success");
  }

  sync(): void {
    this.#log.sync();
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }

  /** All heads' maps of the first validation sentence. */
  #attention(step: number): void {
    const { config, corpus, state } = this.#run, [words] = corpus.validationSentences;
    if (words === undefined || config.model.layers * config.model.heads > MOST_HEADS) return;
    const ids = corpus.tokenizer.encode(words.join(" ")).slice(0, -1); // nothing follows <eos>
    for (const { attention } of inspect({ config: config.model, params: state.params }, [ids])) {
      const tokens = Array.from(ids, (id) => corpus.tokenizer.tokenOf(id));
      this.#log.image(
        step,
        "attention",
        renderPng(attentionGrid(attention, { tokens }), { scale: 1 }),
      );
    }
  }
}

/** The values of float32 tensors under new names; those without a name are left out. */
function valuesOf(
  params: Params,
  nameOf: (name: string) => string | undefined,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, tensor]) => {
      const tag = nameOf(name);
      return tag === undefined ? [] : [[tag, tensor.dataSync<"float32">()] as const];
    }),
  );
}

/** Adam's and SGD's state has a running mean of the clipped gradients; other state is left out. */
function gradientTag(name: string): string | undefined {
  return MEAN_GRADIENT.test(name) ? name.replace(MEAN_GRADIENT, "gradients/") : undefined;
}
