import { onSignal, systemOf } from "lib/core/mod.ts";

/** A listener for signals that ask to stop. */
export interface StopSignals extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code for the signal; 0 if none came. */
  readonly exitCode: number;
}

/**
 * Listens for Ctrl-C, SIGTERM (on Windows Ctrl-Break), and SIGHUP, which a closed terminal sends: the
 * first aborts a signal, so that work can be saved; one that comes 0.2 s later or more ends the process
 * at once.
 *
 * @param onStop Called when the first one comes.
 * @returns The listener; dispose of it to stop listening.
 *
 * @example
 * ```ts
 * import { listenForStop } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * using stop = listenForStop(() => {});
 * assertEquals([stop.signal.aborted, stop.exitCode], [false, 0]);
 * ```
 */
export function listenForStop(onStop: () => void): StopSignals {
  const controller = new AbortController();
  let exitCode = 0;
  const listeners = systemOf().stopSignals.map(([name, code]) =>
    onSignal(name, () => {
      if (exitCode !== 0) return; // the worker handles the second one
      exitCode = code;
      controller.abort();
      tellSafely(onStop);
    })
  );
  const second = new Worker(new URL("./_second_press.ts", import.meta.url), { type: "module" });
  // Where it may not call the system, a second signal waits for the end of the first one's work.
  second.onerror = (event) => event.preventDefault();
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      second.terminate();
      for (const listener of listeners) listener[Symbol.dispose]();
    },
  };
}

/** A closed terminal refuses the message; the work must be saved all the same. */
function tellSafely(onStop: () => void): void {
  try {
    onStop();
  } catch {
    // The signal has been noted, which is what matters.
  }
}
