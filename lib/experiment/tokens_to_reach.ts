import type { CellResult } from "./train_cell.ts";

/**
 * Tells how many targets a run had learned from when its gap was first small enough. Between two
 * validations, the gap is taken to change linearly.
 *
 * @param result A run's result; with more validations the answer is more exact.
 * @param gap The gap to reach, in nats.
 * @returns Targets; `Infinity` if no validation of the run reached the gap.
 *
 * @example
 * ```ts
 * import { tokensToReach } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const validations = [[0, 4], [100, 0.2], [200, 0.1], [300, 0.02]]
 *   .map(([tokens = 0, gap = 0]) => ({ step: tokens / 10, tokens, gap, loss: gap + 3 }));
 * assertEquals(tokensToReach({ validations }, 0.15), 150);
 * assertEquals(tokensToReach({ validations }, 0.01), Infinity);
 * ```
 */
export function tokensToReach(
  { validations }: Pick<CellResult, "validations">,
  gap: number,
): number {
  const place = validations.findIndex((point) => point.gap <= gap);
  const point = validations[place], before = validations[place - 1];
  if (point === undefined) return Infinity;
  if (before === undefined) return point.tokens;
  const part = (before.gap - gap) / (before.gap - point.gap);
  return before.tokens + part * (point.tokens - before.tokens);
}
