/**
 * The comparisons of notebook 5 once more, with a larger model, more sentences and more seeds: what they came to
 * is kept in `full.json`. This trains all of it again, in a few minutes on two cores:
 *
 *     ./denow run -A course/05_experiments/full.ts
 *
 * Finished runs are kept in `experiments/cells`: what was stopped goes on where it was.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import {
  type Arm,
  armsOf,
  type Cell,
  CellStore,
  collectSweep,
  compareArms,
  planCells,
  type RunSettings,
} from "lib/experiment/mod.ts";

/** What all runs have in common: 3 blocks of 96 channels, once over 9,000 sentences in 141 steps. */
const base = {
  data: { examples: 10_000 },
  model: { layers: 3, hiddenSize: 96, feedForwardSize: 192 },
  train: { epochs: 1, lr: 3e-3, warmup: 20, samples: 0 },
  compute: { compile: "graph" },
} satisfies RunSettings;
const SEEDS = [1, 2, 3, 4, 5];

/** A setting and its values; the first one is what the others are compared with. */
interface Comparison {
  readonly setting: string;
  readonly values: readonly (number | string)[];
  /** What is set besides. */
  readonly base?: RunSettings;
}

/** The same at the rate that the small model liked best. */
const fast = { ...base, train: { ...base.train, lr: 1e-2 } } satisfies RunSettings;

/** The comparisons, by what they vary. */
const COMPARISONS = {
  rates: { setting: "train.lr", values: [3e-3, 1e-3, 1e-2] },
  schedules: { setting: "train.schedule", values: ["cosine", "constant"] },
  "schedules at 0.01": {
    setting: "train.schedule",
    values: ["cosine", "constant"],
    base: fast,
  },
  "warm-up at 0.01": { setting: "train.warmup", values: [20, 0], base: fast },
  clipping: { setting: "train.clip", values: [1, 0] },
  dropout: { setting: "model.dropout", values: [0, 0.1] },
} satisfies Record<string, Comparison>;

/** The name of a comparison. */
export type FullName = keyof typeof COMPARISONS;

const NAMES = Object.keys(COMPARISONS) as FullName[]; // its own keys
const RESULTS = fromFileUrl(new URL("full.json", import.meta.url));

/** The gaps of all comparisons, in nats: by name, by value, and one for each seed in their order. */
type Kept = Readonly<Record<FullName, Readonly<Record<string, readonly number[]>>>>;

/**
 * Reads what the full version came to.
 *
 * @param name The comparison.
 * @returns The gap of each seed, for each value of the setting; the first is the baseline.
 */
export function fullArms(name: FullName): Arm[] {
  const kept: Kept = JSON.parse(Deno.readTextFileSync(RESULTS));
  return Object.entries(kept[name]).map(([label, gaps]) => ({
    label,
    results: new Map(gaps.map((gap, i) => [SEEDS[i] ?? NaN, gap])),
  }));
}

/** A setting beside its baseline. */
export interface Difference {
  readonly name: string;
  /** Gap minus the baseline's, seed by seed, in nats. */
  readonly values: readonly number[];
  readonly pValue: number;
}

/** What each setting but the rates does, compared with its own baseline. */
export function differences(): Difference[] {
  return NAMES.filter((name) => name !== "rates").flatMap((name) => {
    const arms = fullArms(name), compared = compareArms(arms), [baseline] = arms;
    return arms.slice(1).map(({ label, results }, i) => ({
      name: name.endsWith("0.01") ? `${label}, lr 0.01` : label,
      values: [...results].map(([seed, gap]) => gap - (baseline?.results.get(seed) ?? NaN)),
      pValue: compared[i + 1]?.difference?.pValue ?? NaN,
    }));
  });
}

function cellsOf(name: FullName, seeds: readonly number[]): Cell[] {
  const { setting, values, base: own = base }: Comparison = COMPARISONS[name];
  return planCells({ base: own, axes: [{ setting, values }], seeds });
}

/** Trains what is not trained yet, seed by seed, and writes the results. */
async function trainAll(): Promise<void> {
  await useBackend();
  const store = CellStore.open("experiments/cells");
  const all = SEEDS.flatMap((seed) => NAMES.flatMap((name) => cellsOf(name, [seed])));
  const cells = [...new Map(all.map((cell) => [cell.key, cell])).values()];
  const start = performance.now();
  let done = 0;
  const options = {
    onStep(step: number, totalSteps: number) {
      if (step < totalSteps) return;
      const minutes = (performance.now() - start) / 60_000;
      console.log(`run ${++done} of at most ${cells.length}, ${minutes.toFixed(1)} minutes`);
    },
  };
  await collectSweep(cells, store, options);
  const kept = await Promise.all(NAMES.map(async (name) => {
    const arms = armsOf(await collectSweep(cellsOf(name, SEEDS), store), "gap");
    const rounded = ({ results }: Arm) =>
      [...results.values()].map((gap) => Number(gap.toFixed(5)));
    return [name, Object.fromEntries(arms.map((arm) => [arm.label, rounded(arm)]))];
  }));
  writeFileAtomically(
    RESULTS,
    `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`,
  );
}

if (import.meta.main) await trainAll();
