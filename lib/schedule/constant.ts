import type { Schedule } from "./schedule.ts";

/**
 * Keeps the peak rate at every step.
 *
 * @returns A schedule that is always 1.
 *
 * @example
 * ```ts
 * import { constant } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 1, 1_000_000].map(constant()), [1, 1, 1]);
 * ```
 */
export function constant(): Schedule {
  return () => 1;
}
