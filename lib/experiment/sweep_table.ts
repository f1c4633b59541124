import { smallest } from "lib/core/mod.ts";
import type { Arm } from "./compare_arms.ts";
import type { FinishedCell } from "./sweep.ts";

/** The value of a result that is compared. */
export type Measure = "loss" | "gap" | "bestLoss" | "bestGap";

/**
 * Gathers the cells of each combination into an arm, ready to be compared over its seeds.
 *
 * @param finished Cells with their results.
 * @param measure The final validation loss (default) or gap, or the lowest of the run, in nats.
 * @returns An arm for each combination, in the order in which they first come up.
 *
 * @example
 * ```ts
 * import { armsOf, compareArms, type FinishedCell, planCells } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const axes = [{ setting: "train.lr", values: [1e-4, 1e-3] }];
 * const finished = planCells({ axes, seeds: [1, 2, 3] }).map((cell): FinishedCell => ({
 *   cell,
 *   result: {
 *     outcome: "finished", steps: 10, tokens: 100, seconds: 1, trainLosses: [], final: null,
 *     validations: [{ step: 10, tokens: 100, loss: cell.config.train.lr * 1e3 + cell.seed, gap: 0 }],
 *   },
 * }));
 * assertEquals(compareArms(armsOf(finished)).map(({ label, mean }) => [label, mean]), [
 *   ["lr 0.0001", 2.1], ["lr 0.001", 3],
 * ]);
 * ```
 */
export function armsOf(finished: readonly FinishedCell[], measure: Measure = "loss"): Arm[] {
  const arms = new Map<string, Map<number, number>>();
  for (const one of finished) {
    const { label, seed } = one.cell, results = arms.get(label) ?? new Map<number, number>();
    arms.set(label, results.set(seed, measureOf(one, measure)));
  }
  return [...arms].map(([label, results]) => ({ label, results }));
}

function measureOf({ result }: FinishedCell, measure: Measure): number {
  const { outcome, validations } = result;
  if (outcome === "diverged") return Infinity;
  const last = validations.at(-1);
  switch (measure) {
    case "loss":
      return last?.loss ?? NaN;
    case "gap":
      return last?.gap ?? NaN;
    case "bestLoss":
      return smallest(validations.map(({ loss }) => loss));
    case "bestGap":
      return smallest(validations.map(({ gap }) => gap));
  }
}

/** A row of a sweep's table. */
export type SweepRow = Readonly<Record<string, number | string | boolean>>;

/**
 * Makes a table of a sweep's results, a row for each cell: settings, seed, outcome, losses, time.
 *
 * @param finished Cells with their results.
 * @returns Rows with the same columns, for CSV or JSON.
 *
 * @example
 * ```ts
 * import { sweepRows } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sweepRows([]), []);
 * ```
 */
export function sweepRows(finished: readonly FinishedCell[]): SweepRow[] {
  return finished.map((one) => {
    const { cell, result } = one, { outcome, steps, tokens, seconds } = result;
    return {
      ...cell.settings,
      seed: cell.seed,
      outcome,
      loss: measureOf(one, "loss"),
      gap: measureOf(one, "gap"),
      bestLoss: measureOf(one, "bestLoss"),
      steps,
      tokens,
      seconds: Number(seconds.toFixed(3)),
      key: cell.key,
    };
  });
}
