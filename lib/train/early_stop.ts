/** The state of {@linkcode EarlyStop}: plain numbers, saved with every checkpoint. */
export interface EarlyStopState {
  /** The lowest validation loss so far, in nats; null before the first validation. */
  readonly bestLoss: number | null;
  /** The step of that loss. */
  readonly bestStep: number;
  /** The loss that counts for the patience: the next one must be lower by at least `minChange`. */
  readonly referenceLoss: number | null;
  /** Validations since the last one that was. */
  readonly badCount: number;
}

/** The settings of {@linkcode EarlyStop}. */
export interface EarlyStopOptions {
  /** Validations without improvement after which to stop; 0 means never. */
  readonly patience: number;
  /** Nats by which a loss must lie below the best one to count as an improvement. */
  readonly minChange: number;
}

const START: EarlyStopState = { bestLoss: null, bestStep: 0, referenceLoss: null, badCount: 0 };

/**
 * Watches the validation loss: which one was the best, and whether to stop.
 *
 * The best loss is the lowest one, even if by very little. The patience counts only improvements by
 * `minChange`, so that a loss that falls very slowly does not train for ever.
 *
 * @example
 * ```ts
 * import { EarlyStop } from "lib/train/mod.ts";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const watch = new EarlyStop({ patience: 2, minChange: 0.01 });
 * assert(watch.improves(4, 100));
 * assert(watch.improves(3.995, 200)); // the best so far, yet too little for the patience
 * assertFalse(watch.improves(4.1, 300));
 * assert(watch.isExhausted);
 * ```
 */
export class EarlyStop {
  readonly #options: EarlyStopOptions;
  #state: EarlyStopState;

  /**
   * Begins to watch, or goes on from a saved state.
   *
   * @param options Patience and smallest change.
   * @param state The state that was saved; default a new one.
   * @throws {RangeError} If the patience is no integer from 0, or the change no finite number from 0.
   */
  constructor(options: EarlyStopOptions, state: EarlyStopState = START) {
    const { patience, minChange } = options;
    if (!(Number.isInteger(patience) && patience >= 0 && minChange >= 0 && minChange < Infinity)) {
      throw new RangeError(
        "Cannot watch the loss: expected patience as an integer from 0 and minChange as a number " +
          `from 0, got ${patience} and ${minChange}`,
      );
    }
    this.#options = options;
    this.#state = state;
  }

  /** What to save. */
  get state(): EarlyStopState {
    return this.#state;
  }

  /** Whether the patience is used up. */
  get isExhausted(): boolean {
    return this.#options.patience > 0 && this.#state.badCount >= this.#options.patience;
  }

  /**
   * Counts a validation.
   *
   * @param loss Its loss, in nats; one that is not finite never improves.
   * @param step The step it was made at.
   * @returns Whether it is the lowest so far.
   */
  improves(loss: number, step: number): boolean {
    const { bestLoss, bestStep, referenceLoss, badCount } = this.#state;
    const isBest = isBelow(loss, bestLoss);
    const isEnough = isBelow(loss, referenceLoss, this.#options.minChange);
    this.#state = {
      bestLoss: isBest ? loss : bestLoss,
      bestStep: isBest ? step : bestStep,
      referenceLoss: isEnough ? loss : referenceLoss,
      badCount: isEnough ? 0 : badCount + 1,
    };
    return isBest;
  }
}

function isBelow(loss: number, former: number | null, by = 0): boolean {
  return Number.isFinite(loss) && (former === null || loss < former - by);
}
