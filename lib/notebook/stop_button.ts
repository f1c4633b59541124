/** A run that starts within this time after Stop was started by Run All, not by a person. */
const QUEUE_MS = 1000;

/** The notebook's Stop button, as a signal for the current run. */
export class StopButton {
  #controller = new AbortController();
  #stoppedAt = -Infinity;
  readonly #now: () => number;

  /**
   * Makes a button that was not pressed.
   *
   * @param now The clock, in milliseconds; default `performance.now`.
   *
   * @example
   * ```ts
   * import { StopButton } from "lib/notebook/stop_button.ts";
   * import { assert } from "@std/assert";
   *
   * const button = new StopButton(), signal = button.freshSignal();
   * button.press();
   * assert(signal.aborted);
   * ```
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Asks the current run to stop. */
  press(): void {
    this.#stoppedAt = this.#now();
    this.#controller.abort(new DOMException("Stopped by the Stop button", "AbortError"));
  }

  /**
   * Notes that a cell ended. A cell that starts right after a stopped one was already in the queue.
   */
  endCell(): void {
    if (this.#controller.signal.aborted) this.#stoppedAt = this.#now();
    this.#controller = new AbortController();
  }

  /**
   * Gives the signal of a new run.
   *
   * @throws {DOMException} If Stop was pressed less than a second ago: Run All puts all cells into
   *   the kernel's queue at once, and Stop is meant for them too.
   */
  freshSignal(): AbortSignal {
    if (this.#now() - this.#stoppedAt < QUEUE_MS) {
      throw new DOMException(
        "Cannot start a run: expected a second to pass after Stop, got the next cell of Run All; " +
          "run this cell again to go on",
        "InvalidStateError",
      );
    }
    this.#controller = new AbortController();
    return this.#controller.signal;
  }
}

const button = new StopButton();

/**
 * Gives the button of this notebook; `setUpNotebook()` connects it to the kernel's interrupt.
 *
 * @example
 * ```ts
 * import { stopButton } from "lib/notebook/stop_button.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(stopButton(), stopButton());
 * ```
 */
export function stopButton(): StopButton {
  return button;
}

/**
 * Gives a signal that the notebook's Stop button aborts; one for each run.
 *
 * A loop notices it only if it yields to the event loop now and then, as by `nextTurn()`.
 *
 * @returns The signal; Stop no longer aborts the signal of an earlier run.
 * @throws {DOMException} If Stop was pressed less than a second ago, so that Run All stops here.
 *
 * @example
 * ```ts
 * import { freshSignal } from "lib/notebook/stop_button.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const signal = freshSignal();
 * let steps = 0;
 * while (!signal.aborted && steps < 3) steps++;
 * assertEquals(steps, 3);
 * ```
 */
export function freshSignal(): AbortSignal {
  return button.freshSignal();
}
