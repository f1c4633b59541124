/**
 * Experiments: sweeps over settings and seeds, cached and resumable; a range test of the learning rate;
 * comparisons that say what luck could have done too.
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
export * from "./cell_store.ts";
export * from "./cells.ts";
export * from "./claim.ts";
export * from "./compare_arms.ts";
export * from "./range_test.ts";
export * from "./successive_halving.ts";
export * from "./sweep.ts";
export * from "./sweep_command.ts";
export * from "./sweep_table.ts";
export * from "./train_cell.ts";
