import { cosineDecay } from "./cosine_decay.ts";
import { join } from "./join.ts";
import { type DecayOptions, linearDecay } from "./linear_decay.ts";
import type { Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

/** Settings of {@linkcode warmupCosine} and {@linkcode warmupLinear}. */
export interface WarmupDecayOptions {
  /** Updates during which the rate rises to the peak; with 0 the run starts at the peak. */
  readonly warmupSteps: number;
  /** Updates of the whole run, warm-up included. */
  readonly totalSteps: number;
  /** The multiplier reached at step `totalSteps`, 0..1; default 0. */
  readonly end?: number;
}

/**
 * Warms up, then falls along half a cosine until the end of the run.
 *
 * The last step of the warm-up and the first of the decay both use the peak rate.
 *
 * @param options Length of the warm-up and of the whole run, and the end value.
 * @returns {@linkcode warmup} joined with {@linkcode cosineDecay} over the steps that are left.
 * @throws {RangeError} If a length is not a whole number, the warm-up does not end before the run, or
 *   `end` lies outside 0..1.
 *
 * @example
 * ```ts
 * import { warmupCosine } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = warmupCosine({ warmupSteps: 10, totalSteps: 110 });
 * assertEquals([0, 9, 10, 60, 110].map(schedule), [0.1, 1, 1, 0.5, 0]);
 * ```
 */
export function warmupCosine(options: WarmupDecayOptions): Schedule {
  return warmupThen(cosineDecay, options);
}

/**
 * Warms up, then falls in equal steps until the end of the run.
 *
 * The last step of the warm-up and the first of the decay both use the peak rate.
 *
 * @param options Length of the warm-up and of the whole run, and the end value.
 * @returns {@linkcode warmup} joined with {@linkcode linearDecay} over the steps that are left.
 * @throws {RangeError} If a length is not a whole number, the warm-up does not end before the run, or
 *   `end` lies outside 0..1.
 *
 * @example
 * ```ts
 * import { warmupLinear } from "lib/schedule/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = warmupLinear({ warmupSteps: 10, totalSteps: 110 });
 * assertEquals([0, 9, 10, 60, 110].map(schedule), [0.1, 1, 1, 0.5, 0]);
 * ```
 */
export function warmupLinear(options: WarmupDecayOptions): Schedule {
  return warmupThen(linearDecay, options);
}

function warmupThen(
  decay: (options: DecayOptions) => Schedule,
  options: WarmupDecayOptions,
): Schedule {
  const { warmupSteps, totalSteps, end = 0 } = options;
  if (!(warmupSteps < totalSteps)) {
    throw new RangeError(
      `Cannot warm up: expected fewer steps than the run's ${totalSteps}, got ${warmupSteps}`,
    );
  }
  const fall = decay({ steps: totalSteps - warmupSteps, end });
  return warmupSteps === 0 ? fall : join(warmup(warmupSteps), fall, { at: warmupSteps });
}
