/**
 * The exercises of notebook 3, and the mistakes that their checks must catch and name.
 *
 * @module
 */
import { LOSS_EXERCISES } from "./_03_loop_loss.ts";
import { OPTIMIZER_EXERCISES } from "./_03_loop_optimizer.ts";
import { PATIENCE_EXERCISES } from "./_03_loop_patience.ts";
import { RESUME_EXERCISES } from "./_03_loop_resume.ts";
import { RUN_EXERCISES } from "./_03_loop_run.ts";
import { SCHEDULE_EXERCISES } from "./_03_loop_schedule.ts";
import { STEP_EXERCISES } from "./_03_loop_step.ts";
import type { Exercise } from "./_exercise.ts";

/** All exercises, by theme. */
export const EXERCISES: readonly Exercise[] = [
  ...LOSS_EXERCISES,
  ...OPTIMIZER_EXERCISES,
  ...STEP_EXERCISES,
  ...SCHEDULE_EXERCISES,
  ...RUN_EXERCISES,
  ...PATIENCE_EXERCISES,
  ...RESUME_EXERCISES,
];
