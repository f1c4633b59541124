/**
 * Learning-rate schedules: plain functions from the step to a share of the peak rate.
 *
 * Rank 1: may import `core`; no TensorFlow.
 *
 * @example
 * ```ts
 * import { scheduleFromConfig } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const peak = 1e-3;
 * const schedule = scheduleFromConfig({ kind: "linear", warmupSteps: 2, totalSteps: 6 });
 * const rates = [0, 1, 2, 3, 4, 5].map((step) => peak * schedule(step));
 * assertEquals(rates, [0.0005, 0.001, 0.001, 0.00075, 0.0005, 0.00025]);
 * ```
 *
 * @module
 */
export { type DecayOptions, linearDecay } from "./linear_decay.ts";
export type { Schedule } from "./schedule.ts";
export { type ScheduleConfig, scheduleFromConfig } from "./schedule_from_config.ts";
export type { StepDecayOptions } from "./step_decay.ts";
export { warmup } from "./warmup.ts";
export { warmupCosine, type WarmupDecayOptions, warmupLinear } from "./warmup_decay.ts";

// For your own programs:
export { constant } from "./constant.ts";
export { cosineDecay } from "./cosine_decay.ts";
export { join } from "./join.ts";
export { stepDecay } from "./step_decay.ts";
