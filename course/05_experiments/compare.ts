/**
 * What notebook 5 shows of its comparisons.
 *
 * @module
 */
import type { Arm, ComparedArm, FinishedCell } from "lib/experiment/mod.ts";
import { compareGuess, show } from "lib/notebook/mod.ts";
import { displayPlot, intervalChart } from "lib/plot/mod.ts";

/** A sweep over one setting: its runs, their gaps by value, and how the values compare. */
export interface Comparison {
  readonly finished: readonly FinishedCell[];
  readonly arms: readonly Arm[];
  readonly compared: readonly ComparedArm[];
}

/** A guess about a comparison and what became of it. */
export interface Outcome {
  readonly guess: number | null;
  readonly truth: number;
  /** Digits behind the point; default as many as the numbers have. */
  readonly digits?: number;
  readonly unit?: string;
}

/** The verdict with its p-value, corrected for the number of comparisons. */
export function verdictOf({ verdict, difference }: ComparedArm): string {
  if (difference === null) return verdict;
  const p = difference.adjustedPValue;
  return `${verdict}, p ${p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`}`;
}

/** A row per value: the gap of each seed, the mean with its interval, and the verdict. */
export function intervals({ arms, compared }: Pick<Comparison, "arms" | "compared">) {
  const rows = arms.map(({ label, results }, i) => {
    const row = compared[i];
    return {
      name: shortName(label),
      values: [...results.values()],
      ...row !== undefined && { note: verdictOf(row) },
    };
  });
  return displayPlot(intervalChart(rows, { label: "gap to the oracle, nats per target token" }));
}

/** "lr 0.01" as it is, but "cosine" for "schedule cosine": words speak for themselves. */
function shortName(label: string): string {
  const [, words] = /^\w+ ([a-z][a-z-]*)$/.exec(label) ?? [];
  return words ?? label;
}

/** Prints the guess beside the truth and shows the comparison; without a guess it only asks for one. */
export async function reveal(
  comparison: Pick<Comparison, "arms" | "compared">,
  { guess, truth, digits, unit = "" }: Outcome,
): Promise<void> {
  const format = (value: number) => digits === undefined ? `${value}` : value.toFixed(digits);
  console.log(compareGuess(guess, truth, { unit, format }));
  if (guess !== null) await show(intervals(comparison));
}

/** The arm with the lowest mean. */
export function bestOf(compared: readonly ComparedArm[]): ComparedArm {
  const [best] = compared.toSorted((a, b) => a.mean - b.mean);
  if (best === undefined) throw new RangeError("Cannot choose: expected an arm, got none");
  return best;
}

/** The number in an arm's label: 0.01 of "lr 0.01". */
export function valueOf({ label }: Pick<Arm, "label">): number {
  return Number(label.split(" ").at(-1));
}

/** The mean difference of an arm from the baseline, in nats, by its place; NaN for the baseline. */
export function differenceOf({ compared }: Pick<Comparison, "compared">, place: number): number {
  return compared[place]?.difference?.mean ?? NaN;
}
