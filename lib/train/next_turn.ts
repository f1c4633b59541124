import { setImmediate } from "node:timers";

/**
 * Waits for the next turn of the event loop, so that signals, timers that are due and a notebook's
 * Stop button get through: work that only awaits promises never lets them.
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
export function nextTurn(): Promise<void> {
  // A timer of 0 ms takes two: at every step, that would be a twentieth of a run.
  return new Promise((resolve) => setImmediate(resolve));
}
