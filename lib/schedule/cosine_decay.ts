import { checkShare, checkSteps } from "./_check.ts";
import type { DecayOptions } from "./linear_decay.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Falls from 1 to `end` along half a cosine: slow at first, fast in the middle, slow at the end.
 *
 * end + (1 − end) · (1 + cos(π · min(step, steps) / steps)) / 2
 *
 * In the paper's notation this is one cycle without restart: η_max = 1, η_min = `end`, T_i =
 * `steps`. After it, the value stays `end`; PyTorch's `CosineAnnealingLR` would rise again.
 *
 * @param options Length and end of the decay.
 * @returns A schedule that is 1 at step 0 and `end` from step `steps` on.
 * @throws {RangeError} If `steps` is not an integer from 1, or `end` lies outside 0..1.
 *
 * @example
 * ```ts
 * import { cosineDecay } from "lib/schedule/mod.ts";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const schedule = cosineDecay({ steps: 100, end: 0.1 });
 * assertEquals([0, 100, 101].map(schedule), [1, 0.1, 0.1]);
 * assertAlmostEquals(schedule(50), 0.55);
 * ```
 *
 * Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017,
 * equation 5, https://arxiv.org/abs/1608.03983
 */
export function cosineDecay(options: DecayOptions): Schedule {
  const { steps, end = 0 } = options;
  checkSteps("decay along a cosine", "steps", steps);
  checkShare("decay along a cosine", "end", end);
  return (step) => end + (1 - end) * (1 + Math.cos(Math.PI * Math.min(step, steps) / steps)) / 2;
}
