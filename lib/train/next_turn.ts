import { setImmediate } from "node:timers";

/** The longest time without a timer's turn: half of what a person notices as a delay. */
const TIMER_EVERY_MS = 200;

/** Longer than a step that does not compile. */
const LONG_SILENCE_MS = 1000;

/** When the latest timer's turn ended. */
let timerAt = -Infinity;

/**
 * Yields to the event loop, so that pending timers run and, at least every 0.2 s, signals, sockets and
 * a notebook's Stop button are served: code that only awaits promises never lets them run.
 *
 * @example
 * ```ts
 * import { nextTurn } from "lib/train/mod.ts";
 * import { assert } from "@std/assert";
 *
 * let isThrough = false;
 * setTimeout(() => isThrough = true, 0);
 * const start = performance.now();
 * while (!isThrough && performance.now() - start < 5000) await nextTurn();
 * assert(isThrough);
 * ```
 */
export async function nextTurn(): Promise<void> {
  const waited = performance.now() - timerAt;
  if (waited < TIMER_EVERY_MS) return new Promise((resolve) => setImmediate(resolve));
  // Deno looks for signals and at its sockets only while it has nothing else to do, or every 60
  // turns; after setImmediate() it always has. A timer makes it wait, by 2 ms: so not at every step.
  // On a busy machine a timer can be due before Deno waits for it. After a long silence, in which
  // somebody may have pressed Ctrl-C, it gets more than one occasion.
  const turns = waited < LONG_SILENCE_MS ? 1 : 4;
  for (let turn = 0; turn < turns; turn++) {
    await new Promise((resolve) => setTimeout(resolve, turn));
  }
  timerAt = performance.now();
}
