import { disposeParams } from "lib/tensor/mod.ts";
import {
  createOptimizer,
  createRun,
  type Run,
  type RunConfig,
  runConfig,
  train,
} from "lib/train/mod.ts";
import { Ema, fitsFloat32, NonFiniteLossError } from "lib/core/mod.ts";

/** How {@linkcode rangeTest} goes through the rates. */
export interface RangeTestOptions {
  /** The lowest rate, default 1e-6. */
  readonly from?: number;
  /** The highest rate, default 1. */
  readonly to?: number;
  /** Updates from the lowest to the highest rate, default 100. */
  readonly steps?: number;
  /** The test ends when the smoothed loss is this many nats above its lowest value; default 1. */
  readonly rise?: number;
  /** Stops the test when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A step of a range test. */
export interface RangePoint {
  /** The learning rate of the step. */
  readonly lr: number;
  /** The training loss before the step, in nats. */
  readonly loss: number;
  /** The loss, smoothed over about five steps. */
  readonly smoothed: number;
}

/** What a range test found. */
export interface RangeTest {
  /** The steps, rates rising. */
  readonly points: readonly RangePoint[];
  /**
   * The rate at which the smoothed loss fell fastest per factor in the rate; null if it never fell.
   */
  readonly steepest: number | null;
  /** The rate at which the smoothed loss was lowest. */
  readonly lowest: number;
  /** The rate at which training diverged; null if it never did. */
  readonly diverged: number | null;
}

const SMOOTHING = 0.8;

/**
 * Trains with a rate that rises from step to step by a constant factor, until the loss rises: one short
 * run shows which rates are too low to learn and which diverge.
 *
 * @param config The run; its warm-up, schedule and number of steps are replaced.
 * @param options Lowest and highest rate, steps, when to end.
 * @returns Rate and loss of each step, and the notable rates; no tensor is left.
 * @throws {RangeError} If `from` is not above 0, `to` is not above `from`, or there are fewer than
 *   2 steps.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { rangeTest } from "lib/experiment/mod.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = runConfig({
 *   data: { examples: 200 },
 *   model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
 *   compute: { compile: "graph" },
 * });
 * const { points } = await rangeTest(config, { from: 1e-4, to: 1e-2, steps: 5 });
 * assertEquals(points.map(({ lr }) => lr.toExponential(1)), [
 *   "1.0e-4", "3.2e-4", "1.0e-3", "3.2e-3", "1.0e-2",
 * ]);
 * ```
 *
 * Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3
 */
export async function rangeTest(
  config: RunConfig,
  options: RangeTestOptions = {},
): Promise<RangeTest> {
  const { from = 1e-6, to = 1, steps = 100, rise = 1, signal } = options;
  checkRange({ from, to, steps, rise });
  const schedule = (step: number) => from * (to / from) ** (step / (steps - 1));
  const rising = runConfig({
    ...config,
    train: {
      ...config.train,
      steps,
      warmup: 0,
      schedule: "constant",
      lr: 1,
      samples: 0,
      evalEvery: 0,
      earlyValidations: false,
    },
  });
  const plan = { stepsPerEpoch: steps, totalSteps: steps };
  const run = createRun(rising, { transform: createOptimizer(rising, plan, { schedule }) });
  const points: RangePoint[] = [];
  try {
    const diverged = await walk(run, points, { rise, signal });
    return { points, ...standsOut(points), diverged };
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error;
    return { points, ...standsOut(points), diverged: schedule(points.length) };
  } finally {
    disposeParams(run.state.params, run.state.optimizer);
  }
}

function checkRange({ from, to, steps, rise }: Required<Omit<RangeTestOptions, "signal">>): void {
  if (!(from > 0 && to > from && steps >= 2 && [from, to].every(fitsFloat32))) {
    throw new RangeError(
      `Cannot test a range: expected rates that rise from above 0 over 2 steps or more, got ${from} ` +
        `to ${to} over ${steps}`,
    );
  }
  if (!(rise > 0)) { // with NaN the test would never see that training diverges
    throw new RangeError(`Cannot test a range: expected a rise above 0, got ${rise}`);
  }
}

/** Trains and adds a point for each step; gives the rate at which the loss has risen too far, or null. */
async function walk(
  run: Run,
  points: RangePoint[],
  { rise, signal }: { readonly rise: number; readonly signal: AbortSignal | undefined },
): Promise<number | null> {
  const average = new Ema(SMOOTHING);
  let lowest = Infinity;
  for await (const event of train(run, signal === undefined ? {} : { signal })) {
    if (event.kind !== "step") continue;
    const { lr, loss } = event, smoothed = average.update(loss);
    points.push({ lr, loss, smoothed });
    lowest = Math.min(lowest, smoothed);
    if (smoothed >= lowest + rise) return lr;
  }
  return null;
}

/** Where the smoothed loss falls fastest, and where it is lowest. */
function standsOut(points: readonly RangePoint[]): Pick<RangeTest, "steepest" | "lowest"> {
  let steepest: number | null = null, fastest = 0;
  for (const [i, point] of points.entries()) {
    const before = points[i - 1];
    if (before === undefined) continue;
    const fall = (before.smoothed - point.smoothed) / Math.log(point.lr / before.lr);
    if (fall > fastest) [fastest, steepest] = [fall, point.lr];
  }
  const low = points.reduce<RangePoint | undefined>(
    (best, point) => best === undefined || point.smoothed < best.smoothed ? point : best,
    undefined,
  );
  return { steepest, lowest: low?.lr ?? NaN };
}
