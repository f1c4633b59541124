import { checkWarmupCosine, type WarmupCosine } from "lib/grade/mod.ts";
import { warmupCosine } from "lib/schedule/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

/** A schedule from its two halves. */
const joined = (
  rise: (step: number, warmup: number) => number,
  fall: (late: number, steps: number, total: number) => number,
): WarmupCosine =>
({ warmupSteps, totalSteps, end = 0 }) =>
(step) => {
  if (step < warmupSteps) return rise(step, warmupSteps);
  const late = step - warmupSteps;
  return end + (1 - end) * fall(late, totalSteps - warmupSteps, totalSteps);
};
const half = (done: number) => (1 + Math.cos(Math.PI * Math.min(1, done))) / 2;
const rise = (step: number, warmup: number) => (step + 1) / warmup;
const fall = (late: number, steps: number) => half(late / steps);

const SCHEDULE = exercise<WarmupCosine>("warmupCosine", checkWarmupCosine, [
  ["warm-up from zero", joined((step, warmup) => step / warmup, fall), /starts from 0/],
  [
    "peak one step late",
    joined((step, warmup) => (step + 1) / (warmup + 1), fall),
    /warm-up is off by one/,
  ],
  [
    "cosine that does not reach the end",
    joined(rise, (late, _steps, total) => half(late / total)),
    /does not reach the end/,
  ],
  [
    "cosine counted from the start of the run",
    joined(rise, (late, steps, total) => half((late + total - steps) / total)),
    /does not start at the peak/,
  ],
  [
    "schedule off by one",
    joined(rise, (late, steps) => half((late + 1) / steps)),
    /cosine is off by one/,
  ],
  [
    "cosine during the warm-up",
    ({ warmupSteps, totalSteps, end = 0 }) => (step) =>
      Math.min(1, (step + 1) / warmupSteps) * (end + (1 - end) * half(step / totalSteps)),
    /falls during the warm-up/,
  ],
  [
    "a line",
    joined(rise, (late, steps) => 1 - Math.min(1, late / steps)),
    /straight line/,
  ],
  [
    "rising after the end",
    joined(rise, (late, steps) => (1 + Math.cos(Math.PI * late / steps)) / 2),
    /not rise again/,
  ],
  [
    "a warm-up of 0 steps divides",
    ({ warmupSteps, totalSteps, end = 0 }) => (step) => {
      const right = warmupCosine({ warmupSteps, totalSteps, end })(step);
      return step < warmupSteps ? right : right + 0 * (1 / warmupSteps);
    },
    /a warm-up of 0 steps is allowed/,
  ],
  [
    "end ignored",
    ({ warmupSteps, totalSteps }) => warmupCosine({ warmupSteps, totalSteps }),
    /`end` is not used/,
  ],
]);

/** The exercise about the schedule. */
export const SCHEDULE_EXERCISES: readonly Exercise[] = [SCHEDULE];
