/**
 * Experiments: sweeps over settings and seeds, cached and resumable; a range test of the learning rate;
 * comparisons that tell a real difference from chance.
 *
 * Rank 5: imports `core`, the folders of rank 1 to 4, and TensorFlow.js.
 *
 * @example
 * ```ts
 * import { compareArms } from "lib/experiment/mod.ts";
 *
 * const of = (...losses: number[]) => new Map(losses.map((loss, seed) => [seed, loss]));
 * for (const { label, mean, verdict } of compareArms([
 *   { label: "dropout 0", results: of(3.70, 3.71, 3.69) },
 *   { label: "dropout 0.1", results: of(3.74, 3.75, 3.72) },
 * ])) console.log(label, mean.toFixed(3), verdict);
 * ```
 *
 * @module
 */
export { CellStore } from "./cell_store.ts";
export { type Axis, type Cell, planCells, type RunSettings, type SweepPlan } from "./cells.ts";
export type { Claim } from "./claim.ts";
export {
  type Arm,
  type ArmDifference,
  type ArmVerdict,
  compareArms,
  type ComparedArm,
  type CompareOptions,
} from "./compare_arms.ts";
export { compareRuns, type RunComparison, type RunFigure, type RunGroup } from "./compare_runs.ts";
export { comparisonPage } from "./comparison_page.ts";
export { type RangePoint, type RangeTest, rangeTest, type RangeTestOptions } from "./range_test.ts";
export { type HalvingPlan, type HalvingRound, successiveHalving } from "./successive_halving.ts";
export {
  collectSweep,
  type FinishedCell,
  sweep,
  type SweepEvent,
  type SweepOptions,
} from "./sweep.ts";
export { formatSweepHelp, parseSweepCommand, type SweepCommand } from "./sweep_command.ts";
export { armsOf, type Measure, type SweepRow, sweepRows } from "./sweep_table.ts";
export { tokensToReach } from "./tokens_to_reach.ts";
export {
  type CellPoint,
  type CellResult,
  CellTrainer,
  type TrainCellOptions,
} from "./train_cell.ts";
