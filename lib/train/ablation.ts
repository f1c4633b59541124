import { headMask, type HeadPlace, type ModelConfig } from "lib/model/mod.ts";
import { meanOverTargets, type SentenceLoss, sentenceLosses } from "./_sentence_losses.ts";
import type { EvaluationSet, Measured } from "./evaluate.ts";

/** How much the loss of some targets rises without some heads. */
export interface AblationLoss {
  /** Which targets: the slot, such as `verb`. */
  readonly slot: string;
  /** The whole model's mean loss there, in nats. */
  readonly loss: number;
  /** The mean loss with the heads switched off. */
  readonly lossOff: number;
  /** lossOff − loss. */
  readonly rise: number;
  /** Standard error of the rise, from its spread over the sentences. */
  readonly standardError: number;
  /** How many targets. */
  readonly targets: number;
}

/** Settings of {@linkcode measureAblation}. */
export interface AblationOptions {
  /** The model's settings. */
  readonly config: ModelConfig;
  /** The heads to switch off. */
  readonly headsOff: readonly HeadPlace[];
  /**
   * Gives the name under which a target is counted, from a sentence's slots and the target's position
   * among them; default its slot. If a slot occurs twice, such as the verb of `copy`, this function can
   * give the two different names.
   */
  readonly nameOf?: (slots: readonly string[], target: number) => string;
  /** Asks to stop; polled between batches. */
  readonly signal?: AbortSignal;
}

/**
 * Measures, slot by slot, how much a model's loss rises without some of its heads.
 *
 * A head that a slot's prediction needs makes the loss rise there and leaves the other slots as they
 * are. A head may attend to a word and still not be needed: other heads can give the same prediction.
 *
 * @param model The model, as `modelOf` gives it.
 * @param set Sentences.
 * @param options Settings, heads, names of targets.
 * @returns The rises in the order in which the targets' names first come up; null if asked to stop.
 * @throws {RangeError} If the model has no such head.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, measureAblation, modelOf, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0 } };
 * const run = createRun(runConfig(settings));
 * const options = { config: run.config.model, headsOff: [{ layer: 0, head: 2 }] };
 * const rises = await measureAblation(modelOf(run), run.corpus.validation, options);
 * assertEquals(rises?.map(({ slot }) => slot)[3], "verb");
 * ```
 *
 * Source: Michel and others, "Are Sixteen Heads Really Better than One?", 2019, section 3
 */
export async function measureAblation(
  model: Measured,
  set: EvaluationSet,
  options: AblationOptions,
): Promise<AblationLoss[] | null> {
  const { config, headsOff, nameOf = (slots, target) => slots[target] ?? "", signal } = options;
  const mask = headMask(config, headsOff);
  try {
    const whole = await sentenceLosses(model, set, signal);
    const cut = whole && await sentenceLosses({ ...model, headMask: mask }, set, signal);
    return cut && compare(whole, cut, nameOf);
  } finally {
    mask.dispose();
  }
}

function compare(
  whole: readonly SentenceLoss[],
  cut: readonly SentenceLoss[],
  nameOf: NonNullable<AblationOptions["nameOf"]>,
): AblationLoss[] {
  const byName = new Map<string, { loss: number; rises: { sum: number; targets: number }[] }>();
  for (const [sentence, { losses, reference: { slots } }] of whole.entries()) {
    const off = cut[sentence]?.losses ?? [],
      own = new Map<string, { sum: number; targets: number }>();
    for (const target of slots.keys()) {
      const name = nameOf(slots, target), loss = losses[target] ?? NaN;
      const known = byName.get(name) ?? { loss: 0, rises: [] };
      known.loss += loss;
      byName.set(name, known);
      const rise = own.get(name) ?? { sum: 0, targets: 0 };
      own.set(name, { sum: rise.sum + (off[target] ?? NaN) - loss, targets: rise.targets + 1 });
    }
    for (const [name, rise] of own) byName.get(name)?.rises.push(rise);
  }
  return [...byName].map(([slot, sums]) => {
    const { mean: rise, standardError, targets } = meanOverTargets(sums.rises);
    const loss = sums.loss / targets;
    return { slot, loss, lossOff: loss + rise, rise, standardError, targets };
  });
}
