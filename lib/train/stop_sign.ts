import { type Replicas, sumNumbers } from "./replicas.ts";

/**
 * Whether training is to stop: each rank may ask for it, and all stop at the same step. Where a process
 * works alone, its wish is the decision.
 */
export class StopSign {
  /** This process's own signal, for work that polls it. */
  readonly signal: AbortSignal | undefined;
  readonly #replicas: Replicas | null;
  #isDecided = false;

  constructor(signal: AbortSignal | undefined, replicas: Replicas | null) {
    this.signal = signal;
    this.#replicas = replicas;
  }

  /** This process's own wish. */
  get isAsked(): boolean {
    return this.signal?.aborted === true;
  }

  /** What all ranks know: one of them wished it, and said so. */
  get isDecided(): boolean {
    return this.#replicas === null ? this.isAsked : this.#isDecided;
  }

  /** Takes note of how many ranks have asked, as their sum tells. */
  note(asking: number): void {
    this.#isDecided ||= asking > 0;
  }

  /**
   * Asks all ranks at once.
   *
   * @param isCut Whether this rank has broken something off.
   * @returns Whether any has.
   */
  async agree(isCut: boolean): Promise<boolean> {
    if (this.#replicas === null) return isCut;
    const [asking = 0] = await sumNumbers(this.#replicas, Float32Array.of(isCut ? 1 : 0));
    this.note(asking);
    return asking > 0;
  }
}
