import { checkInteger } from "./_vectors.ts";

/** The probabilities of a model and of the oracle for the same next token. */
export interface Prediction {
  /** The model's probability of each token, [V]. */
  readonly model: ArrayLike<number>;
  /** The oracle's probability of each token, [V]. */
  readonly oracle: ArrayLike<number>;
}

/** Settings of {@linkcode calibrate}. */
export interface CalibrationOptions {
  /** Bins for each factor of 10; default 3. */
  readonly binsPerDecade?: number;
  /**
   * How many factors of 10 below 1 are divided into bins; default 5. All smaller ones share one
   * bin.
   */
  readonly decades?: number;
}

/** All probabilities of about the same size. */
export interface CalibrationBin {
  /** The lower edge: the bin holds probabilities of the model from here on; 0 for the first bin. */
  readonly low: number;
  /** The upper edge: the bin holds probabilities below it; the last bin also holds 1. */
  readonly high: number;
  /** How many probabilities it holds. */
  readonly count: number;
  /** The mean of the model's probabilities. */
  readonly model: number;
  /** The mean of the oracle's probabilities of the same tokens. */
  readonly oracle: number;
}

/** How well a model is calibrated. */
export interface Calibration {
  /** The bins that are not empty, the lowest first. */
  readonly bins: readonly CalibrationBin[];
  /** The share of the probability, from 0 to 1, that lies in a wrong bin. */
  readonly error: number;
  /**
   * The mean of Σ q ln(q / p), nats, with q the oracle's and p the model's probability: the
   * expected gap at these places, which does not depend on the tokens that happened to come.
   */
  readonly divergence: number;
  /** How many predictions were compared. */
  readonly predictions: number;
}

/**
 * Compares a model's probabilities with the oracle's.
 *
 * A model is calibrated if the tokens to which it gives 4 % come in 4 % of the cases. Usually one
 * has to count outcomes; here the oracle knows each probability. Bins are equally wide on a log
 * scale, because probabilities of 1 / 250 and 1 / 25 must fall into different bins.
 *
 * @param predictions The probabilities of both at the same places.
 * @param options The bins.
 * @returns The bins, their error, and the divergence.
 * @throws {RangeError} If there is no prediction, or a setting is not an integer from 1.
 * @throws {TypeError} If model and oracle have different numbers of tokens, or a value is not a
 *   probability.
 *
 * @example
 * ```ts
 * import { calibrate } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const overconfident = { model: [0.9, 0.1], oracle: [0.6, 0.4] };
 * const { bins, error, divergence } = calibrate([overconfident]);
 * assertEquals(bins.map(({ model, oracle }) => [model, oracle]), [[0.1, 0.4], [0.9, 0.6]]);
 * assertAlmostEquals(error, 0.3);
 * assertAlmostEquals(divergence, 0.6 * Math.log(0.6 / 0.9) + 0.4 * Math.log(0.4 / 0.1));
 * ```
 *
 * Source: Guo and others, "On Calibration of Modern Neural Networks", 2017, section 2
 */
export function calibrate(
  predictions: Iterable<Prediction>,
  options: CalibrationOptions = {},
): Calibration {
  const { binsPerDecade = 3, decades = 5 } = options;
  checkInteger(["calibrate", "a number of bins per decade"], binsPerDecade, [1, Infinity]);
  checkInteger(["calibrate", "a number of decades"], decades, [1, Infinity]);
  const edges = edgesOf(binsPerDecade, decades);
  const sums = edges.map(() => ({ count: 0, model: 0, oracle: 0 }));
  let divergence = 0, count = 0;
  for (const { model, oracle } of predictions) {
    checkPrediction(model, oracle);
    for (let id = 0; id < model.length; id++) {
      const p = model[id] ?? NaN, q = oracle[id] ?? NaN;
      const bin = sums[binOf(p, edges)];
      if (bin === undefined || !(q >= 0 && q <= 1)) throw noProbability(bin ? q : p);
      bin.count++;
      bin.model += p;
      bin.oracle += q;
      if (q > 0) divergence += q * Math.log(q / p);
    }
    count++;
  }
  if (count === 0) throw new RangeError("Cannot calibrate: expected predictions, got none");
  const misplaced = sums.reduce((sum, bin) => sum + Math.abs(bin.model - bin.oracle), 0);
  return {
    bins: sums.flatMap((bin, i): CalibrationBin[] =>
      bin.count === 0 ? [] : [{
        low: i === 0 ? 0 : edges[i - 1] ?? 0,
        high: edges[i] ?? 1,
        count: bin.count,
        model: bin.model / bin.count,
        oracle: bin.oracle / bin.count,
      }]
    ),
    error: misplaced / 2 / count,
    divergence: divergence / count,
    predictions: count,
  };
}

/** The upper ends of the bins, rising to 1. */
function edgesOf(binsPerDecade: number, decades: number): number[] {
  const count = binsPerDecade * decades;
  return Array.from({ length: count + 1 }, (_, i) => 10 ** ((i - count) / binsPerDecade));
}

/** The bin of a probability; −1 if the number is not a probability. */
function binOf(p: number, edges: readonly number[]): number {
  // A softmax in float32 sometimes gives a little more than 1.
  if (!(p >= 0 && p <= 1 + 1e-6)) return -1;
  const bin = edges.findIndex((edge) => p < edge);
  return bin === -1 ? edges.length - 1 : bin;
}

function checkPrediction(model: ArrayLike<number>, oracle: ArrayLike<number>): void {
  if (model.length === oracle.length) return;
  throw new TypeError(
    `Cannot calibrate: expected ${model.length} probabilities of the oracle, got ${oracle.length}`,
  );
}

function noProbability(value: number): TypeError {
  return new TypeError(`Cannot calibrate: expected probabilities from 0 to 1, got ${value}`);
}
