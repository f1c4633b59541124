import { constant } from "./constant.ts";
import { join } from "./join.ts";
import type { Schedule } from "./schedule.ts";
import { stepDecay } from "./step_decay.ts";
import { warmup } from "./warmup.ts";
import { warmupCosine, warmupLinear } from "./warmup_decay.ts";

/** What a run's settings say about the rate, for {@linkcode scheduleFromConfig}. */
export interface ScheduleConfig {
  /** How the rate falls after the warm-up. */
  readonly kind: "cosine" | "linear" | "constant" | "step";
  /** Updates during which the rate rises to the peak; with 0 the run starts at the peak. */
  readonly warmupSteps: number;
  /** Updates of the whole run, warm-up included. */
  readonly totalSteps: number;
  /** The multiplier at the end of the run, 0..1 (`cosine` and `linear`); default 0. */
  readonly endFactor?: number;
  /** Updates between two drops, counted from the end of the warm-up (`step`); default 200. */
  readonly stepEvery?: number;
  /** The factor of each drop (`step`); default 0.5. */
  readonly stepFactor?: number;
}

/**
 * Makes the schedule that a run's settings name, after its warm-up.
 *
 * @param config The settings; those of another kind are ignored.
 * @returns The schedule over the whole run.
 * @throws {RangeError} If the kind is unknown, the warm-up does not end before the run, or a
 *   setting of this kind is out of its range.
 *
 * @example
 * ```ts
 * import { scheduleFromConfig } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = scheduleFromConfig({ kind: "cosine", warmupSteps: 100, totalSteps: 846 });
 * assertEquals([0, 99, 100, 846].map(schedule), [0.01, 1, 1, 0]);
 * ```
 */
export function scheduleFromConfig(config: ScheduleConfig): Schedule {
  const { kind, warmupSteps, totalSteps, endFactor = 0 } = config;
  if (!(warmupSteps < totalSteps)) {
    throw new RangeError(
      `Cannot make a schedule: expected a warm-up shorter than the run's ${totalSteps} steps, ` +
        `got ${warmupSteps}`,
    );
  }
  switch (kind) {
    case "cosine":
      return warmupCosine({ warmupSteps, totalSteps, end: endFactor });
    case "linear":
      return warmupLinear({ warmupSteps, totalSteps, end: endFactor });
    case "constant":
      return afterWarmup(warmupSteps, constant());
    case "step": {
      const { stepEvery = 200, stepFactor = 0.5 } = config;
      return afterWarmup(warmupSteps, stepDecay({ every: stepEvery, factor: stepFactor }));
    }
    default:
      // A typed caller cannot reach this line; settings that were read from a file can.
      throw new RangeError(
        `Cannot make a schedule: expected cosine, linear, constant or step, got ${String(kind)}`,
      );
  }
}

function afterWarmup(steps: number, schedule: Schedule): Schedule {
  return steps === 0 ? schedule : join(warmup(steps), schedule, { at: steps });
}
