import {
  confidenceInterval95,
  type Interval,
  mean,
  tProbability,
  tQuantile,
  variance,
} from "lib/core/mod.ts";

/** One way to train, and its result with each seed. */
export interface Arm {
  /** What it is called, such as "lr 0.001". */
  readonly label: string;
  /** The result of each seed; a value that is not finite counts as diverged, or as not reached. */
  readonly results: ReadonlyMap<number, number>;
}

/** How an arm differs from the baseline. */
export interface ArmDifference {
  /** Mean of the arm minus mean of the baseline. */
  readonly mean: number;
  /** The 95 % interval of that difference, for this comparison alone. */
  readonly interval: Interval;
  /**
   * The p-value of a two-sided t-test: how likely a difference at least this large is if there is
   * none.
   */
  readonly pValue: number;
  /** The p-value, corrected for the number of comparisons by Holm's method. */
  readonly adjustedPValue: number;
  /** Whether the seeds were compared one by one: both arms have the same ones. */
  readonly isPaired: boolean;
}

/** The verdict of a comparison on an arm. */
export type ArmVerdict =
  | "baseline"
  | "better"
  | "worse"
  | "no significant difference"
  | "diverged"
  | "not reached"
  | "too few seeds";

/** An arm and how it compares. */
export interface ComparedArm {
  /** What it is called. */
  readonly label: string;
  /** How many seeds have a finite result. */
  readonly count: number;
  /** How many seeds diverged, or did not reach the goal. */
  readonly diverged: number;
  /** The mean of the finite results; NaN if there are none. */
  readonly mean: number;
  /** The 95 % interval of the mean; null with fewer than two results. */
  readonly interval: Interval | null;
  /** How it differs from the baseline; null for the baseline, and where no test is possible. */
  readonly difference: ArmDifference | null;
  /** The finding. */
  readonly verdict: ArmVerdict;
}

/** How {@linkcode compareArms} compares. */
export interface CompareOptions {
  /** The label of the arm that the others are compared with; default the first one. */
  readonly baseline?: string;
  /** The share of comparisons without a difference that may be called significant; default 0.05. */
  readonly level?: number;
  /** Whether a larger result is better; default false, as for losses. */
  readonly isLargerBetter?: boolean;
  /** What a result that is not finite means: the run diverged (default), or never reached a goal. */
  readonly missing?: "diverged" | "not reached";
}

/**
 * Compares ways to train over several seeds: means with their intervals, and whether an arm differs
 * from the baseline by more than chance.
 *
 * Two arms with the same seeds are compared seed by seed (a paired t-test): a seed affects data and
 * weights in the same way on both sides, so its effect cancels out. Other arms are compared by
 * Welch's test, its degrees of freedom rounded down. With more arms it is likelier that one of them
 * looks better by chance. So p-values are corrected by Holm's method, which keeps the chance of any
 * false finding at `level`.
 *
 * @param arms At least one arm, with different labels.
 * @param options Baseline, level, direction.
 * @returns A row for each arm, in their order.
 * @throws {RangeError} If there is no arm, two labels are alike, or the baseline is not among them.
 *
 * @example
 * ```ts
 * import { compareArms } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const of = (...losses: number[]) => new Map(losses.map((loss, seed) => [seed, loss]));
 * const rows = compareArms([
 *   { label: "no warm-up", results: of(3.80, 3.82, 3.79) },
 *   { label: "warm-up", results: of(3.70, 3.71, 3.69) },
 *   { label: "longer warm-up", results: of(3.79, 3.84, 3.78) },
 * ]);
 * assertEquals(rows.map(({ verdict }) => verdict), [
 *   "baseline", "better", "no significant difference",
 * ]);
 * ```
 *
 * Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979; Welch, "The
 * Generalization of Student's Problem when Several Different Population Variances Are Involved", 1947
 */
export function compareArms(arms: readonly Arm[], options: CompareOptions = {}): ComparedArm[] {
  const { level = 0.05, isLargerBetter = false, missing = "diverged" } = options;
  const baseline = findBaseline(arms, options.baseline);
  const tests = arms.map((arm) => arm === baseline ? null : testArms(arm, baseline));
  const adjusted = adjustByHolm(tests.map((test) => test?.pValue ?? null));
  return arms.map((arm, i) => {
    const test = tests[i] ?? null, adjustedPValue = adjusted[i] ?? NaN;
    const difference = test === null ? null : { ...test, adjustedPValue };
    const finite = finiteResults(arm);
    const row = {
      label: arm.label,
      count: finite.length,
      diverged: arm.results.size - finite.length,
      mean: finite.length === 0 ? NaN : mean(finite),
      interval: finite.length < 2 ? null : confidenceInterval95(finite),
      difference,
    };
    if (arm === baseline) return { ...row, verdict: "baseline" };
    if (row.diverged > 0) return { ...row, verdict: missing };
    if (difference === null) return { ...row, verdict: "too few seeds" };
    if (!(adjustedPValue < level)) return { ...row, verdict: "no significant difference" };
    return { ...row, verdict: difference.mean > 0 === isLargerBetter ? "better" : "worse" };
  });
}

function findBaseline(arms: readonly Arm[], label: string | undefined): Arm {
  const labels = arms.map((arm) => arm.label),
    twice = labels.find((l, i) => labels.indexOf(l) !== i);
  if (twice !== undefined) {
    throw new RangeError(`Cannot compare: expected different labels, got "${twice}" twice`);
  }
  const baseline = label === undefined ? arms[0] : arms.find((arm) => arm.label === label);
  if (baseline !== undefined) return baseline;
  throw new RangeError(
    label === undefined
      ? "Cannot compare: expected at least one arm, got none"
      : `Cannot compare: expected a baseline among ${labels.join(", ")}, got "${label}"`,
  );
}

function finiteResults({ results }: Arm): number[] {
  return [...results.values()].filter(Number.isFinite);
}

type Test = Omit<ArmDifference, "adjustedPValue">;

/** Tests two arms; null where there are too few results, or one of them diverged. */
function testArms(arm: Arm, baseline: Arm): Test | null {
  const isAllFinite = [arm, baseline].every((one) =>
    finiteResults(one).length === one.results.size
  );
  if (!isAllFinite) return null;
  const pairs = [...arm.results].map(([seed, result]) =>
    [result, baseline.results.get(seed)] as const
  );
  const isPaired = arm.results.size === baseline.results.size &&
    pairs.every(([, other]) => other !== undefined);
  return isPaired
    ? testPairs(pairs.map(([result, other]) => result - (other ?? NaN)))
    : testByWelch(finiteResults(arm), finiteResults(baseline));
}

function testPairs(differences: readonly number[]): Test | null {
  if (differences.length < 2) return null;
  const error = Math.sqrt(variance(differences) / differences.length);
  return { ...testMean(mean(differences), error, differences.length - 1), isPaired: true };
}

function testByWelch(a: readonly number[], b: readonly number[]): Test | null {
  if (a.length < 2 || b.length < 2) return null;
  const [shareA, shareB] = [variance(a) / a.length, variance(b) / b.length];
  const square = shareA + shareB;
  const freedom = square ** 2 / (shareA ** 2 / (a.length - 1) + shareB ** 2 / (b.length - 1));
  const whole = Number.isFinite(freedom) ? Math.max(1, Math.floor(freedom)) : 1;
  return { ...testMean(mean(a) - mean(b), Math.sqrt(square), whole), isPaired: false };
}

function testMean(difference: number, error: number, freedom: number): Omit<Test, "isPaired"> {
  const reach = tQuantile(0.95, freedom) * error;
  const interval = { low: difference - reach, high: difference + reach };
  // Without any variation, the arms differ for certain or not at all.
  const t = error === 0 ? (difference === 0 ? 0 : Infinity) : Math.abs(difference) / error;
  return { mean: difference, interval, pValue: 1 - tProbability(t, freedom) };
}

/**
 * Multiplies the smallest p-value by the number of comparisons, the next by one less, and so on; an
 * adjusted value is never below the one before.
 */
function adjustByHolm(pValues: readonly (number | null)[]): (number | null)[] {
  const known = pValues.flatMap((pValue, i) => pValue === null ? [] : [{ pValue, i }])
    .toSorted((a, b) => a.pValue - b.pValue);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let largest = 0;
  for (const [rank, { pValue, i }] of known.entries()) {
    largest = Math.max(largest, Math.min(1, (known.length - rank) * pValue));
    adjusted[i] = largest;
  }
  return adjusted;
}
