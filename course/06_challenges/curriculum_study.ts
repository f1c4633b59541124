/**
 * Does a curriculum help? The four arms of Wu, Dyer and Neyshabur, "When Do Curricula Work?", 2021, on
 * two levels, with a whole and with a quarter of the budget.
 *
 * @module
 */
import {
  type Cell,
  compareArms,
  type ComparedArm,
  type FinishedCell,
  planCells,
  type RunSettings,
  tokensToReach,
} from "lib/experiment/mod.ts";

/** The arms: what differs between two runs of the same level, budget and seed. */
export const ARMS = {
  "standard": { curriculum: "none" },
  "curriculum": { curriculumOrder: "easy-first" },
  "anti-curriculum": { curriculumOrder: "hard-first" },
  "random order, same pacing": { curriculumOrder: "random" },
} as const;

/** An arm's name. */
export type ArmName = keyof typeof ARMS;

/** The budgets in targets, and the share of the whole that each is. */
export const BUDGETS = { full: 280_000, quarter: 70_000 } as const;

/** A budget's name. */
export type BudgetName = keyof typeof BUDGETS;

/** Levels, and what makes a sentence of theirs difficult: in `agreement` all are equally long. */
export const STUDY_LEVELS = { variable: "length", agreement: "words" } as const;

/** A level of the study. */
export type StudyLevel = keyof typeof STUDY_LEVELS;

/** The gap to be reached, in nats. */
export const GOAL = 0.05;

/** The seeds. */
export const SEEDS: readonly number[] = [1, 2, 3, 4, 5];

/** One run of the study, as the file of results has it. */
export interface StudyRun {
  readonly level: StudyLevel;
  readonly budget: BudgetName;
  readonly arm: ArmName;
  readonly seed: number;
  /** Targets learned from in all. */
  readonly tokens: number;
  /** The validations: targets so far, and the gap. */
  readonly points: readonly (readonly [tokens: number, gap: number])[];
}

/** A cell, and where it stands in the study. */
export interface StudyCell extends Pick<StudyRun, "level" | "budget" | "arm"> {
  readonly cell: Cell;
}

/** The cells of the study, seed by seed, so that a part of the seeds is a whole study. */
export function studyCells(seeds: readonly number[] = SEEDS): StudyCell[] {
  const names = <Name extends string>(record: Readonly<Record<Name, unknown>>) =>
    Object.keys(record) as Name[]; // a record's keys are its names
  return seeds.flatMap((seed) =>
    names(STUDY_LEVELS).flatMap((level) =>
      names(BUDGETS).flatMap((budget) =>
        names(ARMS).flatMap((arm) =>
          planCells({ base: settingsOf({ level, budget, arm }), axes: [], seeds: [seed] })
            .map((cell): StudyCell => ({ level, budget, arm, cell }))
        )
      )
    )
  );
}

/** All sentences take part after two fifths of the budget: in steps of about 230 targets. */
const PACING_STEPS = { full: 490, quarter: 122 } as const;

function settingsOf(
  { level, budget, arm }: Pick<StudyCell, "level" | "budget" | "arm">,
): RunSettings {
  return {
    data: {
      level,
      examples: 10_000,
      validationShare: 0.05,
      lengthBuckets: false,
      curriculum: STUDY_LEVELS[level],
      pacing: "linear",
      pacingStart: 0.2,
      pacingSteps: PACING_STEPS[budget],
      ...ARMS[arm],
    },
    model: { layers: 2, hiddenSize: 64, feedForwardSize: 128 },
    train: {
      batchSize: 32,
      tokens: BUDGETS[budget],
      lr: 4e-3,
      warmup: budget === "full" ? 80 : 20,
      evalEvery: 60,
      earlyValidations: false,
      samples: 0,
    },
  };
}

/** What a finished cell leaves in the file of results. */
export function studyRun(
  { level, budget, arm, cell }: StudyCell,
  { result }: FinishedCell,
): StudyRun {
  const points = result.validations.map(({ tokens, gap }) =>
    [tokens, Number(gap.toFixed(4))] as const
  );
  return { level, budget, arm, seed: cell.seed, tokens: result.tokens, points };
}

/** What is compared: the targets that it took to come within the goal, or the gap at the end. */
export type StudyMeasure = "tokens to the goal" | "gap at the end";

/** Compares the arms of a level and a budget, seed by seed, with `standard`. */
export function compareStudy(
  runs: readonly StudyRun[],
  { level, budget, measure }: {
    readonly level: StudyLevel;
    readonly budget: BudgetName;
    readonly measure: StudyMeasure;
  },
): ComparedArm[] {
  const chosen = runs.filter((run) => run.level === level && run.budget === budget);
  const arms = Object.keys(ARMS).map((label) => ({
    label,
    results: new Map(
      chosen.filter(({ arm }) => arm === label).map((run) => [run.seed, valueOf(run, measure)]),
    ),
  }));
  return compareArms(arms, { missing: "not reached" });
}

function valueOf({ points }: StudyRun, measure: StudyMeasure): number {
  if (measure === "gap at the end") return points.at(-1)?.[1] ?? NaN;
  const validations = points.map(([tokens, gap]) => ({ tokens, gap, step: 0, loss: 0 }));
  return tokensToReach({ validations }, GOAL);
}

/** One line for people: the mean of an arm with its interval, and the finding. */
export function describeArm(
  row: ComparedArm,
  { unit, digits }: { readonly unit: number; readonly digits: number },
): string {
  const of = (value: number) => (value / unit).toFixed(digits);
  const { label, count, diverged, interval, verdict } = row;
  const range = interval === null ? "" : `  95 % from ${of(interval.low)} to ${of(interval.high)}`;
  const missing = diverged === 0 ? "" : `  (${count} of ${count + diverged} seeds)`;
  const value = count === 0 ? "not reached" : of(row.mean) + range;
  return `${label.padEnd(26)} ${value}${missing}  ${verdict}`;
}
