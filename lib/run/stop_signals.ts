/** Signals that ask a program to stop, and the exit code of a program that did: 128 + their number. */
const STOP_SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

/** A listener for signals that ask to stop. */
export interface StopSignals extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code that tells of the signal; 0 if none came. */
  readonly exitCode: number;
}

/**
 * Listens for Ctrl-C and SIGTERM: the first aborts a signal, so that work can be saved; the second
 * ends the process at once.
 *
 * @param onStop Told when the first one comes.
 * @returns The listener; dispose it to give the signals back.
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
  const handlers = STOP_SIGNALS.map(([name, code]) => {
    const handler = () => {
      if (exitCode !== 0) Deno.exit(code);
      exitCode = code;
      onStop();
      controller.abort();
    };
    Deno.addSignalListener(name, handler);
    return [name, handler] as const;
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const [name, handler] of handlers) Deno.removeSignalListener(name, handler);
    },
  };
}
