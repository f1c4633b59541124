import { createHash } from "node:crypto";
import { ConfigError, Random } from "lib/core/mod.ts";
import { type RunConfig, runConfig } from "lib/train/mod.ts";

/** What may be given to `runConfig`. */
export type RunSettings = NonNullable<Parameters<typeof runConfig>[0]>;

/** A setting that is varied, by its path: `train.lr`. */
export interface Axis {
  /** Section and setting, with a point between: `train.lr`, `model.dropout`. */
  readonly setting: string;
  /** The values that it takes. */
  readonly values: readonly (number | string | boolean)[];
}

/** What is to be tried. */
export interface SweepPlan {
  /**
   * What all cells have in common; what it leaves out has its default, but for `earlyValidations`,
   * which are off.
   */
  readonly base?: RunSettings;
  /** The settings that vary. */
  readonly axes: readonly Axis[];
  /** The seeds of each combination: of data, weights, order and dropout. */
  readonly seeds: readonly number[];
  /** Try only so many combinations, drawn at random; default all. */
  readonly draw?: { readonly count: number; readonly seed: number };
}

/** One training run of a sweep. */
export interface Cell {
  /** The hash of its whole configuration: the same cell of another sweep has the same. */
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

/** Changes when results of the same settings can no longer be compared with older ones. */
const RESULT_FORMAT = 1;

/**
 * Lists the cells of a sweep: each combination of the values, with each seed.
 *
 * Settings of one combination stand together, in the order of the axes; the last axis moves first.
 *
 * @param plan Axes, seeds, and what the cells have in common.
 * @returns The cells, all their settings checked.
 * @throws {ConfigError} If a setting is unknown or impossible, an axis is empty or stands twice, or
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
  if (seeds.length === 0 || new Set(seeds).size < seeds.length) {
    throw new ConfigError(
      `Cannot sweep: expected at least one seed, each once, got ${JSON.stringify(seeds)}`,
    );
  }
}

/** Many short runs would spend much of their time on points of a curve that nobody looks at. */
function withoutExtras(base: RunSettings): RunSettings {
  return { ...base, train: { earlyValidations: false, ...base.train } };
}

/** Puts values at their paths; whether the paths exist is for the schema to say. */
function withSettings(base: RunSettings, settings: Combination): RunSettings {
  const result: Record<string, unknown> = structuredClone(base);
  for (const [path, value] of Object.entries(settings)) {
    const keys = path.split("."), last = keys.pop() ?? path;
    let section = result;
    for (const key of keys) {
      section = (section[key] ??= {}) as Record<string, unknown>; // of a base that has its sections
    }
    section[last] = value;
  }
  return result as RunSettings; // runConfig() refuses what it is not
}

/** The last words of the paths: sections are known to whoever reads. */
function labelOf(settings: Combination): string {
  const parts = Object.entries(settings).map(([path, value]) =>
    `${path.split(".").at(-1)} ${value}`
  );
  return parts.length === 0 ? "as it is" : parts.join(", ");
}

/**
 * Hashes a configuration: equal settings have equal keys, whatever order they were given in.
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
