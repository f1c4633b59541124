/** Only steps this recent count: long enough to average over an evaluation. */
const WINDOW_MS = 30_000;

/**
 * Of samples that are closer than this, only one is kept, so that a window holds a few hundred.
 */
const SPACING_MS = 100;

/** How long a step takes, measured over the last half minute. */
export class Pace {
  #samples: { readonly step: number; readonly ms: number }[] = [];

  /**
   * Records that `step` steps were done at time `ms`; the first step, which compiles, is not
   * counted.
   */
  add(step: number, ms: number): void {
    const last = this.#samples.at(-1), secondLast = this.#samples.at(-2);
    if (last !== undefined && step < last.step) this.#samples = [];
    if (step === 0) return;
    if (secondLast !== undefined && ms - secondLast.ms < SPACING_MS) this.#samples.pop();
    this.#samples.push({ step, ms });
    const recent = this.#samples.findIndex((sample) => ms - sample.ms <= WINDOW_MS);
    // At least two are kept, even if a step takes longer than the window.
    this.#samples.splice(0, Math.min(recent, this.#samples.length - 2));
  }

  /** Seconds to the last of `total` steps; undefined until two steps were seen. */
  secondsLeft(total: number): number | undefined {
    const first = this.#samples[0], last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.step === first.step) return undefined;
    const msPerStep = (last.ms - first.ms) / (last.step - first.step);
    return msPerStep * (total - last.step) / 1000;
  }
}
