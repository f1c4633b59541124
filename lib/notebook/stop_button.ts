/** A run that starts so soon after Stop was not started by a person, but by Run All. */
const QUEUE_MS = 1000;

/** The notebook's Stop button, as a signal for the run under way. */
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

  /** Asks the run under way to stop. */
  press(): void {
    this.#stoppedAt = this.#now();
    this.#controller.abort(new DOMException("Stopped by the Stop button", "AbortError"));
  }

  /** Notes that a cell ended: what follows at once after a stopped one stood in the queue. */
  endCell(): void {
    if (this.#controller.signal.aborted) this.#stoppedAt = this.#now();
    this.#controller = new AbortController();
  }

  /**
   * Gives the signal of a new run.
   *
   * @throws {DOMException} If Stop was pressed less than a second ago: Run All puts all cells into
   *   the kernel's queue at once, and Stop means them too.
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
 * Gives the button of this notebook, which `setUpNotebook()` ties to the kernel's interrupt.
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
 * A loop hears of it only if it lets a turn of the event loop pass now and then, as by `nextTurn()`.
 *
 * @returns The signal; that of an earlier run is not aborted any more.
 * @throws {DOMException} If Stop was pressed less than a second ago, so that Run All goes no further.
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
