import { createHash } from "node:crypto";
import { ConfigError, quote, Random } from "lib/core/mod.ts";
import { type RunConfig, runConfig } from "lib/train/mod.ts";

/** The most runs of a sweep: far more than anybody trains, and few enough to be listed at once. */
export const MOST_CELLS = 100_000;

/** The settings that `runConfig` takes. */
export type RunSettings = NonNullable<Parameters<typeof runConfig>[0]>;

/** A setting that is varied, by its path: `train.lr`. */
export interface Axis {
  /** Section and setting with a dot between them: `train.lr`, `model.dropout`. */
  readonly setting: string;
  /** The values that it takes. */
  readonly values: readonly (number | string | boolean)[];
}

/** The settings and seeds to try. */
export interface SweepPlan {
  /**
   * The settings that all cells share. A setting that is not given has its default, except
   * `earlyValidations`, which are off.
   */
  readonly base?: RunSettings;
  /** The settings that vary. */
  readonly axes: readonly Axis[];
  /** The seeds of each combination: they decide data, weights, order and dropout. */
  readonly seeds: readonly number[];
  /** Try only `count` combinations, drawn at random; default all. */
  readonly draw?: { readonly count: number; readonly seed: number };
}

/** One training run of a sweep. */
export interface Cell {
  /** The hash of its whole configuration: the same cell has the same key in every sweep. */
  readonly key: string;
  /** Its combination in words: "lr 0.001, warmup 0". */
  readonly label: string;
  /** What was varied, by setting. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** Its seed. */
  readonly seed: number;
  /** All its settings. */
  readonly config: RunConfig;
}

/**
 * Increase it when a change to the code makes new results differ from old ones with the same
 * settings.
 */
const RESULT_FORMAT = 1;

/**
 * Lists the cells of a sweep: every combination of the values with every seed.
 *
 * The cells of one combination are neighbours. Combinations come in the order of the axes; the last
 * axis varies fastest.
 *
 * @param plan Axes, seeds, and the settings that all cells share.
 * @returns The cells, all their settings checked.
 * @throws {ConfigError} If a setting is unknown or impossible, an axis is empty or given twice, or
 *   there is no seed.
 *
 * @example
 * ```ts
 * import { planCells } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cells = planCells({
 *   axes: [{ setting: "train.lr", values: [1e-4, 1e-3] }, { setting: "model.dropout", values: [0] }],
 *   seeds: [1, 2, 3],
 * });
 * assertEquals(cells.length, 6);
 * assertEquals(cells[0]?.label, "lr 0.0001, dropout 0");
 * assertEquals(cells[5]?.config.train.lr, 1e-3);
 * ```
 */
export function planCells(plan: SweepPlan): Cell[] {
  const { base = {}, axes, seeds, draw } = plan;
  checkPlan(plan);
  const all = axes.reduce<Combination[]>(
    (combinations, { setting, values }) =>
      combinations.flatMap((one) => values.map((value) => ({ ...one, [setting]: value }))),
    [{}],
  );
  const chosen = draw === undefined ? all : new Random(draw.seed).shuffle(all).slice(0, draw.count);
  return chosen.flatMap((settings) =>
    seeds.map((seed) => {
      const config = runConfig(withSettings(withoutExtras({ ...base, seed }), settings));
      return { key: keyOf(config), label: labelOf(settings), settings, seed, config };
    })
  );
}

type Combination = Readonly<Record<string, number | string | boolean>>;

function checkPlan({ axes, seeds }: SweepPlan): void {
  const names = axes.map(({ setting }) => setting);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new ConfigError(`Cannot sweep: expected each setting once, got ${twice} twice`);
  }
  const empty = axes.find(({ values }) => values.length === 0);
  if (empty !== undefined) {
    throw new ConfigError(`Cannot sweep: expected values of ${empty.setting}, got none`);
  }
  const combinations = axes.reduce((product, { values }) => product * values.length, 1);
  if (combinations * seeds.length > MOST_CELLS) {
    throw new ConfigError(
      `Cannot sweep: expected at most ${MOST_CELLS} runs, got ${combinations} combinations with ` +
        `${seeds.length} seeds each; give fewer values or seeds`,
    );
  }
  if (seeds.length === 0 || new Set(seeds).size < seeds.length) {
    throw new ConfigError(
      `Cannot sweep: expected at least one seed, each once, got ${quote(seeds)}`,
    );
  }
}

/** Early validations are off by default: many short runs would spend much of their time on them. */
function withoutExtras(base: RunSettings): RunSettings {
  return { ...base, train: { earlyValidations: false, ...base.train } };
}

/** Puts values at their paths; the schema checks later whether the paths exist. */
function withSettings(base: RunSettings, settings: Combination): RunSettings {
  const result: Record<string, unknown> = structuredClone(base);
  for (const [path, value] of Object.entries(settings)) {
    const keys = path.split("."), last = keys.pop() ?? path;
    let section = result;
    for (const key of keys) {
      section = (section[key] ??= {}) as Record<string, unknown>; // `base` has only sections here
    }
    section[last] = value;
  }
  return result as RunSettings; // runConfig() checks it
}

/** Uses only the last word of each path: the reader knows the section. */
function labelOf(settings: Combination): string {
  const parts = Object.entries(settings).map(([path, value]) =>
    `${path.split(".").at(-1)} ${value}`
  );
  return parts.length === 0 ? "as it is" : parts.join(", ");
}

/**
 * Hashes a configuration: equal settings have equal keys, in whatever order they were given.
 *
 * @param config All settings of a run.
 * @returns 16 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { keyOf } from "lib/experiment/cells.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * assertEquals(keyOf(runConfig({ train: { lr: 1.5e-3 } })), keyOf(runConfig())); // the default
 * assertNotEquals(keyOf(runConfig({ seed: 2 })), keyOf(runConfig()));
 * ```
 */
export function keyOf(config: RunConfig): string {
  const text = JSON.stringify({ format: RESULT_FORMAT, config });
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
