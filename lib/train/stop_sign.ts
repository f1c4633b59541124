import { type Replicas, sumNumbers } from "./replicas.ts";

/**
 * Whether training is to stop: each rank may ask for it, and all stop at the same step. A process that
 * works alone decides for itself.
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

  /** Whether this process was asked to stop. */
  get isAsked(): boolean {
    return this.signal?.aborted === true;
  }

  /** Whether any rank was asked to stop, as far as all ranks know: equal on each of them. */
  get isDecided(): boolean {
    return this.#replicas === null ? this.isAsked : this.#isDecided;
  }

  /** Notes how many ranks were asked to stop, as the sum over the ranks says. */
  note(asking: number): void {
    this.#isDecided ||= asking > 0;
  }

  /**
   * Asks all ranks at once.
   *
   * @param isCut Whether this rank has stopped its work before the end.
   * @returns Whether any has.
   */
  async agree(isCut: boolean): Promise<boolean> {
    if (this.#replicas === null) return isCut;
    const [asking = 0] = await sumNumbers(this.#replicas, Float32Array.of(isCut ? 1 : 0));
    this.note(asking);
    return asking > 0;
  }
}
