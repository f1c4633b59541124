import { flatSettings, largest } from "lib/core/mod.ts";
import type { LoggedRun } from "lib/run/mod.ts";
import { validationDue } from "lib/train/mod.ts";
import { type Arm, compareArms, type ComparedArm } from "./compare_arms.ts";

/** A figure of each run that is compared. */
export type RunFigure = "gap" | "validationLoss";

/** Runs that differ only in their seed. */
export interface RunGroup {
  /** The settings in which it differs from other groups: `lr 0.001, warmup 0`. */
  readonly label: string;
  /** Its runs. */
  readonly runs: readonly LoggedRun[];
}

/** Several runs side by side. */
export interface RunComparison {
  /** The runs by their settings, in the order in which they were named. */
  readonly groups: readonly RunGroup[];
  /** The settings that are not equal in all groups, by path: a value for each group. */
  readonly differing: ReadonlyMap<string, readonly unknown[]>;
  /** How the groups compare by the lowest validation loss minus the oracle's. */
  readonly gap: readonly ComparedArm[];
  /** How the groups compare by the lowest validation loss. */
  readonly validationLoss: readonly ComparedArm[];
  /** What the user should know: runs that repeat others are left out. */
  readonly notices: readonly string[];
}

/**
 * Compares runs that were trained one by one: which settings differ, and whether the results differ
 * by more than the seed's chance.
 *
 * Runs that differ only in the seed are one group. Every group is compared with the first one by
 * {@linkcode compareArms}, seed by seed where both have the same seeds. A run's figure is that of
 * its best weights: the validation with the lowest loss.
 *
 * @param runs At least two, with different names.
 * @returns Groups, differing settings, comparisons.
 * @throws {RangeError} If there are fewer than two runs, one is given twice, or one has no
 *   validation.
 *
 * @example
 * ```ts
 * import { compareRuns } from "lib/experiment/mod.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const run = (name: string, lr: number, seed: number, loss: number) => ({
 *   name, config: runConfig({ seed, train: { lr } }),
 *   rows: [{ step: 9, validationLoss: 3.7 + loss, gap: loss }],
 * });
 * const { groups, gap } = compareRuns([
 *   run("a", 1e-3, 1, 0.05), run("b", 1e-3, 2, 0.06), run("c", 1e-2, 1, 0.35), run("d", 1e-2, 2, 0.37),
 * ]);
 * assertEquals(groups.map(({ label }) => label), ["lr 0.001", "lr 0.01"]);
 * assertEquals(gap.map(({ verdict }) => verdict), ["baseline", "worse"]);
 * ```
 */
export function compareRuns(runs: readonly LoggedRun[]): RunComparison {
  checkRuns(runs);
  const settings = runs.map(({ config }) => flatSettings({ ...config, seed: undefined }));
  const paths = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const differs = paths.filter((path) => {
    const values = settings.map((one) => JSON.stringify(one.get(path)));
    return new Set(values).size > 1;
  });
  const byKey = new Map<string, { values: unknown[]; runs: LoggedRun[] }>();
  const notices: string[] = [];
  for (const [i, run] of runs.entries()) {
    const values = differs.map((path) => settings[i]?.get(path)), key = JSON.stringify(values);
    const group = byKey.get(key) ?? { values, runs: [] };
    const same = group.runs.find(({ config }) => config.seed === run.config.seed);
    if (same === undefined) group.runs.push(run);
    else notices.push(`${run.name} has the settings and the seed of ${same.name}, and is left out`);
    byKey.set(key, group);
  }
  const found = [...byKey.values()];
  const groups = found.map(({ values, runs }) => ({ label: labelOf(differs, values), runs }));
  return {
    groups,
    differing: new Map(differs.map((path, i) => [path, found.map(({ values }) => values[i])])),
    gap: compareArms(groups.map((group) => armOf(group, "gap"))),
    validationLoss: compareArms(groups.map((group) => armOf(group, "validationLoss"))),
    notices,
  };
}

function checkRuns(runs: readonly LoggedRun[]): void {
  const names = runs.map(({ name }) => name), twice = names.find((n, i) => names.indexOf(n) !== i);
  if (runs.length < 2 || twice !== undefined) {
    throw new RangeError(
      "Cannot compare: expected at least two runs, each once, got " +
        (twice === undefined ? String(runs.length) : `${twice} twice`),
    );
  }
  const blank = runs.find((run) => !Number.isFinite(figureOf(run, "validationLoss")));
  if (blank === undefined) return;
  throw new RangeError(
    `Cannot compare: expected a validation in each run, got none in ${blank.name}`,
  );
}

/** Uses only the last words of the paths, where these are different. */
function labelOf(paths: readonly string[], values: readonly unknown[]): string {
  const words = paths.map((path) => path.split(".").at(-1) ?? path);
  const names = new Set(words).size === words.length ? words : paths;
  return names.map((name, i) => `${name} ${values[i]}`).join(", ") || "all alike but for the seed";
}

function armOf({ label, runs }: RunGroup, figure: RunFigure): Arm {
  const results = new Map(runs.map((run) => [run.config.seed, figureOf(run, figure)]));
  return { label, results };
}

/**
 * Gives a run's figure at its best validation.
 *
 * @param run The run.
 * @param figure Which one, in nats per target.
 * @returns The figure; NaN if there is no validation.
 */
export function figureOf({ config, rows }: LoggedRun, figure: RunFigure): number {
  const lastStep = (some: LoggedRun["rows"]) => largest(some.map(({ step }) => step), 0);
  const stepsPerEpoch = lastStep(rows.filter(({ epoch }) => epoch === 1)) || Infinity;
  const plan = { stepsPerEpoch, totalSteps: lastStep(rows) };
  // Weights of an early validation are not kept, so they are not a result of the run.
  const best = rows.filter(({ step }) => validationDue({ config, plan }, step) !== "early")
    .filter(({ validationLoss }) => Number.isFinite(validationLoss ?? NaN))
    .toSorted((a, b) => Number(a.validationLoss) - Number(b.validationLoss))[0];
  return best?.[figure] ?? NaN;
}
