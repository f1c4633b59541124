/** How long an all-reduce of a given size took. */
export interface ExchangeTime {
  /** The size of one rank's tensor. */
  readonly bytes: number;
  /** The time of one all-reduce. */
  readonly seconds: number;
}

/** The costs of a network for a ring all-reduce. */
export interface Network {
  /** Seconds for one empty message. */
  readonly latency: number;
  /** Bandwidth from one rank to the next. */
  readonly bytesPerSecond: number;
}

/** How long a step takes on one rank: a + b · sentences. */
export interface StepCost {
  /** a, in seconds: the optimizer and everything else that does not depend on the batch. */
  readonly fixed: number;
  /** b, in seconds per sentence. */
  readonly perSentence: number;
}

/** What is known about a model, its machines and their network. */
export interface ParallelPlan {
  /** The cost of a step on one rank. */
  readonly cost: StepCost;
  /** The network between the ranks. */
  readonly network: Network;
  /** The size of the gradient: 4 per parameter in float32. */
  readonly bytes: number;
}

/** The result for one number of ranks. */
export interface ParallelStep {
  /** How many ranks. */
  readonly ranks: number;
  /** The time of a step, in seconds. */
  readonly seconds: number;
  /** How many times as fast as one rank with the whole batch. */
  readonly speedup: number;
  /** speedup / ranks. */
  readonly efficiency: number;
  /** Share of the step's time that the all-reduce takes. */
  readonly exchangeShare: number;
}

/**
 * The time of a ring all-reduce: t = 2 (n − 1) · (latency + bytes / (n · bytesPerSecond)).
 *
 * Each of n ranks sends 2 (n − 1) pieces of bytes / n to its neighbour: first to add up the sums,
 * then to distribute them.
 *
 * Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms", 2009.
 *
 * @param network Latency and bandwidth.
 * @param bytes The size of the tensor.
 * @param ranks The number of ranks, from 1.
 * @returns Seconds; 0 for one rank.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { allReduceSeconds } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const network = { latency: 1e-4, bytesPerSecond: 1e9 }; // 8 Gbit per second
 * assertAlmostEquals(allReduceSeconds(network, 10e6, 2), 0.0102);
 * ```
 */
export function allReduceSeconds(network: Network, bytes: number, ranks: number): number {
  const { latency, bytesPerSecond } = network;
  checkRanks(ranks, 1);
  checkPositive("bytes", bytes);
  checkPositive("bytesPerSecond", bytesPerSecond);
  if (!(latency >= 0)) throw refusal("a latency from 0", latency);
  return 2 * (ranks - 1) * (latency + bytes / (ranks * bytesPerSecond));
}

/**
 * Finds latency and bandwidth from all-reduces of several sizes, by least squares of the relative
 * errors, so that small and large tensors count equally.
 *
 * @param times At least two sizes.
 * @param ranks How many ranks took part; default 2.
 * @returns The network that fits best; a latency below 0 becomes 0.
 * @throws {RangeError} If there are not two sizes, or the time does not grow with the size.
 *
 * @example
 * ```ts
 * import { allReduceSeconds, fitNetwork } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const network = { latency: 2e-4, bytesPerSecond: 5e8 };
 * const times = [1e4, 1e6, 1e7].map((bytes) => {
 *   return { bytes, seconds: allReduceSeconds(network, bytes, 2) };
 * });
 * assertAlmostEquals(fitNetwork(times).latency, 2e-4, 1e-9);
 * ```
 */
export function fitNetwork(times: readonly ExchangeTime[], ranks: number = 2): Network {
  checkRanks(ranks, 2);
  const line = fitLine(times.map(({ bytes, seconds }) => ({ x: bytes, y: seconds })), "sizes");
  return {
    latency: Math.max(0, line.atZero) / (2 * (ranks - 1)),
    bytesPerSecond: 2 * (ranks - 1) / (ranks * line.slope),
  };
}

/**
 * Finds the cost of a step from the times of steps with several batch sizes, on one rank.
 *
 * @param times At least two sizes.
 * @returns The cost that fits best, by least squares of the relative errors; a fixed part below 0
 *   becomes 0.
 * @throws {RangeError} If there are not two sizes, or the time does not grow with the size.
 *
 * @example
 * ```ts
 * import { fitStepCost } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const cost = fitStepCost([{ sentences: 16, seconds: 0.021 }, { sentences: 64, seconds: 0.069 }]);
 * assertAlmostEquals(cost.fixed, 0.005, 1e-9);
 * assertAlmostEquals(cost.perSentence, 0.001, 1e-9);
 * ```
 */
export function fitStepCost(
  times: readonly { readonly sentences: number; readonly seconds: number }[],
): StepCost {
  const points = times.map(({ sentences, seconds }) => ({ x: sentences, y: seconds }));
  const { atZero, slope } = fitLine(points, "batch sizes");
  return { fixed: Math.max(0, atZero), perSentence: slope };
}

/**
 * Computes the time of a step for several numbers of ranks that share one batch:
 * t(n) = fixed + perSentence · batch / n + all-reduce(n).
 *
 * The exchange begins after the computation, and all ranks are equally fast: the time spent waiting
 * for a slow rank is not included.
 *
 * @param plan The step's cost, the network, the gradient's size.
 * @param batch Sentences of all ranks together.
 * @param ranks The numbers of ranks to compute.
 * @returns One row per number of ranks.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { parallelSteps } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const cost = { fixed: 0, perSentence: 0.01 }, network = { latency: 0, bytesPerSecond: 1e8 };
 * const [one, two] = parallelSteps({ cost, network, bytes: 1e7 }, 20, [1, 2]);
 * assertAlmostEquals(one!.seconds, 0.2);
 * assertAlmostEquals(two!.seconds, 0.1 + 0.1); // what is saved goes into the exchange
 * ```
 */
export function parallelSteps(
  plan: ParallelPlan,
  batch: number,
  ranks: readonly number[],
): ParallelStep[] {
  const { cost: { fixed, perSentence }, network, bytes } = plan;
  checkPositive("batch", batch);
  const alone = fixed + perSentence * batch;
  return ranks.map((count) => {
    const exchange = allReduceSeconds(network, bytes, count);
    const seconds = fixed + perSentence * batch / count + exchange, speedup = alone / seconds;
    return {
      ranks: count,
      seconds,
      speedup,
      efficiency: speedup / count,
      exchangeShare: exchange / seconds,
    };
  });
}

/**
 * The smallest batch for which several ranks are worth using: they reach the given efficiency, or
 * by default are just as fast as one rank.
 *
 * With t(1) = f + p B and t(n) = f + p B / n + a, the efficiency t(1) / (n · t(n)) is e at
 * B = (e n (f + a) − f) / (p (1 − e)); at e = 1 / n, where n ranks are as fast as one, that is
 * B = a n / (p (n − 1)).
 *
 * @param plan The step's cost, the network, the gradient's size.
 * @param ranks The number of ranks, from 2.
 * @param efficiency Speedup per rank, above 0 and below 1; default 1 / ranks: as fast as one rank.
 * @returns Sentences of all ranks together, a whole number, at least one per rank.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { batchThatPays } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cost = { fixed: 0, perSentence: 0.01 }, network = { latency: 0, bytesPerSecond: 1e8 };
 * assertEquals(batchThatPays({ cost, network, bytes: 1e7 }, 2), 20);
 * assertEquals(batchThatPays({ cost, network, bytes: 1e7 }, 2, 0.8), 80);
 * ```
 */
export function batchThatPays(
  plan: ParallelPlan,
  ranks: number,
  efficiency: number = 1 / ranks,
): number {
  const { cost: { fixed, perSentence }, network, bytes } = plan;
  checkRanks(ranks, 2);
  checkPositive("perSentence", perSentence);
  if (!(efficiency > 0 && efficiency < 1)) {
    throw refusal("an efficiency above 0 and below 1", efficiency);
  }
  const exchange = allReduceSeconds(network, bytes, ranks);
  const batch = (efficiency * ranks * (fixed + exchange) - fixed) /
    (perSentence * (1 - efficiency));
  // Slightly reduced, so that a rounding error above a whole number does not add a sentence.
  return Math.max(ranks, Math.ceil(batch * (1 - 1e-12)));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The line that fits best, each point weighted by 1 / y². */
function fitLine(points: readonly Point[], what: string): { atZero: number; slope: number } {
  for (const { x, y } of points) {
    checkPositive(what, x);
    checkPositive("seconds", y);
  }
  if (new Set(points.map(({ x }) => x)).size < 2) {
    throw refusal(`times of at least two ${what}`, points.length);
  }
  const weighted = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point) / point.y ** 2, 0);
  const weight = weighted(() => 1), x = weighted(({ x }) => x) / weight;
  const y = weighted(({ y }) => y) / weight;
  const slope = weighted((point) => (point.x - x) * (point.y - y)) /
    weighted((point) => (point.x - x) ** 2);
  if (!(slope > 0)) throw refusal(`times that grow with the ${what}`, `a slope of ${slope}`);
  return { atZero: y - slope * x, slope };
}

function checkRanks(ranks: number, least: number): void {
  if (!(Number.isInteger(ranks) && ranks >= least)) {
    throw refusal(`a number of ranks from ${least}`, ranks);
  }
}

function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw refusal(`positive ${name}`, value);
}

function refusal(expected: string, got: unknown): RangeError {
  return new RangeError(`Cannot work out data-parallel steps: expected ${expected}, got ${got}`);
}
