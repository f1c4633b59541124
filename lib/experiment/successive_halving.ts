import { ConfigError, mean } from "lib/core/mod.ts";
import type { CellStore } from "./cell_store.ts";
import { planCells, type RunSettings, type SweepPlan } from "./cells.ts";
import { collectSweep, type FinishedCell, type SweepOptions } from "./sweep.ts";
import { armsOf } from "./sweep_table.ts";

/** Settings of {@linkcode successiveHalving}. */
export interface HalvingPlan extends SweepPlan {
  /** Updates of the last round's runs. */
  readonly steps: number;
  /** Rounds; default 3. */
  readonly rounds?: number;
  /**
   * One of this many combinations goes on to the next round, with this many times the steps;
   * default 3.
   */
  readonly factor?: number;
}

/** One round. */
export interface HalvingRound {
  /** Updates of its runs. */
  readonly steps: number;
  /** Its cells with their results. */
  readonly finished: readonly FinishedCell[];
  /**
   * The labels of the combinations that go on, the best first; in the last round only the best one.
   */
  readonly kept: readonly string[];
}

/**
 * Finds good settings with less work than a full sweep: all combinations get a short run, the best
 * third of them get a run three times as long, and so on.
 *
 * Every run is a whole run of its length, with its schedule to the end; the warm-up is shortened in
 * proportion. The price: a setting that is good only in long runs can be dropped after a short one.
 *
 * @param plan Axes and seeds, the length of the last round, rounds.
 * @param store Where results are kept.
 * @param options As a sweep's.
 * @returns The rounds in their order; fewer if it was stopped.
 * @throws {ConfigError} If the first round would have no steps.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { CellStore, successiveHalving } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const base = {
 *   data: { examples: 200 },
 *   model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
 *   train: { samples: 0, warmup: 0 },
 *   compute: { compile: "graph" },
 * } as const;
 * const axes = [{ setting: "train.lr", values: [1e-5, 1e-2] }];
 * const store = CellStore.open(Deno.makeTempDirSync());
 * const rounds = await successiveHalving(
 *   { base, axes, seeds: [1], steps: 8, rounds: 2, factor: 2 },
 *   store,
 * );
 * assertEquals(rounds.map(({ steps, finished }) => [steps, finished.length]), [[4, 2], [8, 1]]);
 * assertEquals(rounds[1]?.kept, ["lr 0.01"]);
 * ```
 *
 * Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
 * Optimization", 2016
 */
export async function successiveHalving(
  plan: HalvingPlan,
  store: CellStore,
  options: SweepOptions = {},
): Promise<HalvingRound[]> {
  const { rounds = 3, factor = 3 } = plan, done: HalvingRound[] = [];
  let kept: readonly string[] | null = null;
  for (let round = 0; round < rounds; round++) {
    const steps = Math.round(plan.steps / factor ** (rounds - 1 - round));
    if (steps < 1) {
      throw new ConfigError(
        `Cannot halve: expected at least one step in the first round, got ${plan.steps} steps over ` +
          `${rounds} rounds by ${factor}`,
      );
    }
    const all = planCells({ ...plan, base: ofLength(plan, steps) });
    const cells = all.filter(({ label }) => kept?.includes(label) ?? true);
    const finished: FinishedCell[] = await collectSweep(cells, store, options);
    if (finished.length < cells.length) return done;
    const ranked = rank(finished), isLast = round === rounds - 1;
    kept = ranked.slice(0, isLast ? 1 : Math.ceil(ranked.length / factor));
    done.push({ steps, finished, kept });
  }
  return done;
}

/** The base for runs of a length. */
function ofLength({ base = {}, steps: all }: HalvingPlan, steps: number): RunSettings {
  const warmup = base.train?.warmup;
  const shortened = warmup === undefined ? {} : { warmup: Math.floor(warmup * steps / all) };
  return { ...base, train: { ...base.train, ...shortened, steps } };
}

/** The labels, the lowest mean loss over the seeds first; a run that diverged comes last. */
function rank(finished: readonly FinishedCell[]): string[] {
  return armsOf(finished)
    .map(({ label, results }) => ({ label, loss: mean([...results.values()]) }))
    .toSorted((a, b) => (a.loss === b.loss ? 0 : a.loss - b.loss))
    .map(({ label }) => label);
}
