// %% [markdown] id="intro"
// # 5. Experiments: which settings matter, and how sure can you be?
//
// A run gives one number. Run it again with another seed, and it gives another one. So when a setting
// makes the loss 0.02 lower, is that the setting, or luck? In this notebook you vary everything that a
// training run has (rates, batches, optimizers, regularization, schedules, first weights) and you
// learn to tell a difference from noise.
//
// **You will learn** seeds, intervals, paired comparisons and the correction for many of them; the
// learning-rate range test; budgets in tokens; momentum; dropout, label smoothing and clipping;
// schedules; sweeps that can be stopped and go on.
//
// **Time.** Full track: 10 exercises and an open one, about 2 hours. 10-minute track: run the cells in
// order, skip the exercises, make the five guesses, and read what came out. No later section needs an
// exercise.
//
// **Before.** Notebook 3: loss, AdamW, schedule, clipping. From statistics, the mean.
//
// **How it works.** Replace the `throw` line of an exercise, run the cell, run the check below it.
// Each sweep trains dozens of small models, in a minute or less. Results are kept in `experiments/`:
// a cell that is run again is done at once, and after the Stop button it goes on where it was.

// %% id="setup"
import { setUpNotebook, show } from "lib/notebook/mod.ts";
await setUpNotebook();

// %% id="imports"
import * as Plot from "@observablehq/plot";
import * as tf from "@tensorflow/tfjs";
import { check } from "course/check.ts";
import { type Random, tQuantile } from "lib/core/mod.ts";
import * as experiment from "lib/experiment/mod.ts";
import { compareGuess, sweepInNotebook } from "lib/notebook/mod.ts";
import {
  displayPlot,
  intervalChart,
  learningRateCurve,
  PALETTE,
  rateChart,
  runGrid,
} from "lib/plot/mod.ts";
import { runConfig } from "lib/train/mod.ts";

// %% [markdown] id="noise"
// ## 5.1 What luck does
//
// All runs here train a small model: 2 blocks of 64 channels, on 3,000 sentences of `plain`, in 129
// steps. It learns enough in seconds for settings to matter. The *seed* decides the sentences, the
// first weights and the order of the batches. Nothing else differs between the three runs below.

// %% id="base"
const base = {
  data: { examples: 3000 },
  model: { layers: 2, hiddenSize: 64, feedForwardSize: 128 },
  train: { epochs: 3, lr: 3e-3, warmup: 20, samples: 0 },
};
const seeds = [1, 2, 3];
const noise = await sweepInNotebook(experiment.planCells({ base, axes: [], seeds }));

// %% id="noise-read"
for (const { cell, result } of noise) {
  const { loss = NaN, gap = NaN } = result.final ?? {};
  console.log(`seed ${cell.seed}   validation ${loss.toFixed(4)}   gap ${gap.toFixed(4)}`);
}

// %% [markdown] id="noise-lesson"
// - The losses differ in the second digit. Most of that is the sentences: each seed holds out others.
// - The *gap* to the oracle, measured on the same sentences, takes that out.

// %% [markdown] id="intervalOf-text"
// ### 5.1a Mean and interval
//
// With n results, the mean is known to about
//
// $$t \cdot \frac{s}{\sqrt{n}}, \qquad s^2 = \frac{\sum (x - \bar{x})^2}{n - 1}$$
//
// on both sides. For 95 %, t comes from Student's distribution with n − 1 degrees of freedom: 12.7 for
// two results, 4.3 for three, 2 for many. `tOf(freedom)` gives it.

// %% solution="intervalOf" difficulty=2 importance=5 minutes=8
/** Mean and 95 % interval of at least two results. */
export function intervalOf(
  values: readonly number[],
  tOf: (freedom: number) => number,
): { mean: number; low: number; high: number } {
  // BEGIN SOLUTION
  const n = values.length, mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const reach = tOf(n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - reach, high: mean + reach };
  // END SOLUTION
}

// %% test="intervalOf-test" points=2
await check("intervalOf", intervalOf);

// %% [markdown] hint="intervalOf"
// First the mean. Then the sum of `(value - mean) ** 2`, divided by `n - 1`. The reach is
// `tOf(n - 1) * Math.sqrt(variance / n)`.

// %% id="intervalOf-play"
const t95 = (freedom: number) => tQuantile(0.95, freedom);
for (const count of [2, 3]) {
  const gaps = noise.slice(0, count).map(({ result }) => result.final?.gap ?? NaN);
  const { mean, low, high } = intervalOf(gaps, t95);
  console.log(
    `${count} seeds: gap ${mean.toFixed(4)}, 95 % from ${low.toFixed(4)} to ${high.toFixed(4)}`,
  );
}

// %% [markdown] id="pairs"
// ### 5.1b Pairs
//
// To compare two settings, use the same seeds on both sides, and look at the difference *seed by
// seed*. What a seed does to the sentences and the first weights is the same on both sides, so it
// falls out. A seed that only one side has is an error: say so by a `RangeError`.

// %% solution="pairedDifferences" difficulty=2 importance=4 minutes=8
/** Arm minus baseline for each seed, in the arm's order; both map seeds to results. */
export function pairedDifferences(
  arm: ReadonlyMap<number, number>,
  baseline: ReadonlyMap<number, number>,
): number[] {
  // BEGIN SOLUTION
  if (arm.size !== baseline.size) throw new RangeError("Cannot pair: expected the same seeds");
  return [...arm].map(([seed, result]) => {
    const other = baseline.get(seed);
    if (other === undefined) throw new RangeError(`Cannot pair: seed ${seed} has no partner`);
    return result - other;
  });
  // END SOLUTION
}

// %% test="pairedDifferences-test" points=2
await check("pairedDifferences", pairedDifferences);

// %% [markdown] hint="pairedDifferences"
// `[...arm]` is a list of pairs `[seed, result]`. `baseline.get(seed)` is `undefined` if there is
// none; a result of 0 is not `undefined`. The sizes must be alike too: the baseline could have a seed
// more.

// %% [markdown] id="many"
// ### 5.1c Many comparisons
//
// A *p-value* says how likely a difference this large is if there is none. Below 0.05 counts as
// *significant*: wrong once in 20. Compare 20 settings that make no difference, and one will look
// good. How likely is at least one false finding in 20?

// %% id="predict-false" kind="predict"
const guessedFalse: number | null = 20; // your guess: percent

// %% id="false-truth"
console.log(compareGuess(guessedFalse, Math.round(100 * (1 - 0.95 ** 20)), { unit: " %" }));

// %% [markdown] id="holm"
// The cure is *Holm's method*. Sort the p-values. The smallest of n is multiplied by n, the next by
// n − 1, and so on, the largest by 1. None may become smaller than the one before it, nor larger
// than 1. What is still below 0.05 counts. The results stay in the order of the input.

// %% solution="adjustByHolm" difficulty=3 importance=3 minutes=12
/** Corrects p-values for their number; each result stands where its p-value stood. */
export function adjustByHolm(pValues: readonly number[]): number[] {
  // BEGIN SOLUTION
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = pValues.map(() => 0);
  let largest = 0;
  for (const [rank, place] of order.entries()) {
    const corrected = (pValues.length - rank) * (pValues[place] ?? 0);
    largest = Math.max(largest, Math.min(1, corrected));
    adjusted[place] = largest;
  }
  return adjusted;
  // END SOLUTION
}

// %% test="adjustByHolm-test" points=3
await check("adjustByHolm", adjustByHolm);

// %% [markdown] hint="adjustByHolm"
// Sort the *places*, not the values: `[...pValues.keys()].sort((a, b) => pValues[a] - pValues[b])`.
// Walk through them, keep the largest corrected value so far, and write it to
// `adjusted[place]`.

// %% [markdown] id="compare"
// The library's `compareArms` does all three: intervals, paired tests, Holm's correction. "No
// significant difference" is a result too: it says that these runs do not show one. The cell below
// makes what every section needs: a sweep over one setting, with the three seeds.

// %% id="sweep-one"
/** Trains with each value of a setting; the first value is what the others are compared with. */
export async function compareValues(
  setting: string,
  values: (number | string)[],
  more: experiment.RunSettings = base,
) {
  const plan = { base: more, axes: [{ setting, values }], seeds };
  const finished = await sweepInNotebook(experiment.planCells(plan));
  const arms = experiment.armsOf(finished, "gap"), compared = experiment.compareArms(arms);
  return { finished, arms, compared };
}

/** A row per value: each seed, the interval, and what the comparison says. */
export function intervals({ arms, compared }: Awaited<ReturnType<typeof compareValues>>) {
  const rows = arms.map(({ label, results }, i) => {
    const verdict = compared[i]?.verdict ?? "";
    return { name: label, values: [...results.values()], note: verdict };
  });
  return displayPlot(intervalChart(rows, { label: "gap to the oracle, nats per target token" }));
}

// %% [markdown] id="rates"
// ## 5.2 The learning rate
//
// The most important setting. Too low, and nothing is learned in the time there is. Too high, and the
// weights jump over every minimum: the loss rises, and the run *diverges*. A *range test* finds both
// ends in one short run: the rate rises from step to step by one factor, until the loss does.

// %% solution="risingRates" difficulty=1 importance=3 minutes=5
/** `steps` learning rates, the first is `from`, the last is `to`, each the same factor above the one before. */
export function risingRates(
  { from, to, steps }: { readonly from: number; readonly to: number; readonly steps: number },
): number[] {
  // BEGIN SOLUTION
  return Array.from({ length: steps }, (_, step) => from * (to / from) ** (step / (steps - 1)));
  // END SOLUTION
}

// %% test="risingRates-test" points=1
await check("risingRates", risingRates);

// %% [markdown] hint="risingRates"
// From the first to the last rate there are `steps - 1` factors. So at `step` the rate is
// `from * (to / from) ** (step / (steps - 1))`.

// %% [markdown] id="diverged-text"
// ### 5.2b When has it diverged?
//
// When the loss lies `rise` nats or more above its lowest value *so far*, or is no number any more.
// Mind the trap: every comparison with NaN is false, so `loss >= bound` lets NaN pass.

// %% solution="divergedAt" difficulty=2 importance=4 minutes=8
/** The first step, from 0, whose loss is `rise` or more above the lowest before it, or no finite number; else null. */
export function divergedAt(losses: readonly number[], rise: number): number | null {
  // BEGIN SOLUTION
  let lowest = Infinity;
  for (const [step, loss] of losses.entries()) {
    if (!(loss < lowest + rise)) return step;
    lowest = Math.min(lowest, loss);
  }
  return null;
  // END SOLUTION
}

// %% test="divergedAt-test" points=2
await check("divergedAt", divergedAt);

// %% [markdown] hint="divergedAt"
// Write the test the other way round: as long as `loss < lowest + rise` all is well, and NaN is never
// smaller than anything. Start with `lowest = Infinity`.

// %% [markdown] id="range-run"
// The library's range test trains our small model from 1e-5 to 10 in 120 steps, without clipping. At
// which rate will the loss be 1 nat above its lowest?

// %% id="predict-diverge" kind="predict"
const guessedDiverge: number | null = 0.1; // your guess: the rate at which it diverges

// %% id="range"
const rangeConfig = runConfig({ ...base, train: { ...base.train, clip: 0 } });
const range = await experiment.rangeTest(rangeConfig, { from: 1e-5, to: 10, steps: 120 });
console.log(
  compareGuess(guessedDiverge, range.diverged ?? NaN, { format: (x) => x.toPrecision(2) }),
);
console.log(
  `fell fastest at ${range.steepest?.toPrecision(2)}, lowest at ${range.lowest.toPrecision(2)}`,
);

// %% id="range-picture"
await show(displayPlot({
  height: 300,
  marginBottom: 44,
  x: { type: "log", label: "learning rate" },
  y: { grid: true, label: "training loss, nats per target token" },
  marks: [
    Plot.line(range.points, { x: "lr", y: "loss", stroke: PALETTE.reference }),
    Plot.line(range.points, { x: "lr", y: "smoothed", stroke: PALETTE.train, strokeWidth: 2 }),
  ],
  ariaLabel: "Training loss against a rising learning rate: flat, falling, then rising steeply",
}));

// %% [markdown] id="range-lesson"
// Flat, falling, rising. A usual choice lies between the steepest place and the lowest one: at the
// lowest the rate is already too high to go on with. Now whole runs, each with one peak rate. Which of
// 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03 and 0.3 will be best?

// %% id="predict-rate" kind="predict"
const guessedRate: number | null = 0.003; // your guess: the best of the seven rates

// %% id="rates-sweep"
const rates = await compareValues("train.lr", [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 3e-1]);
const byRate = rates.arms.map(({ label, results }) => ({
  lr: Number(label.slice("lr ".length)),
  losses: [...results.values()],
}));
const rateOptions = { floor: 0, uniform: 3, label: "gap to the oracle, nats per target token" };
await show(displayPlot(rateChart(byRate, rateOptions)));

// %% id="rates-truth"
const [best] = rates.compared.toSorted((a, b) => a.mean - b.mean);
const bestRate = Number(best?.label.slice("lr ".length));
console.log(compareGuess(guessedRate, bestRate, { format: (x) => x.toPrecision(1) }));

// %% [markdown] id="rates-lesson"
// - Too low a rate costs 2.6 nats, more than all other settings below together.
// - The best, 0.01, lies between the steepest and the lowest point of the range test.
// - With clipping even 0.3 does not blow up: it only learns badly.
// - All other sections keep 0.003, a rate that is a little too low: you will see what that does.

// %% [markdown] id="batches"
// ## 5.3 The batch size
//
// A larger batch has a steadier gradient, and fewer steps come out of the same data. To compare sizes
// honestly, give all of them the same *budget*: the same number of tokens to learn from, not the same
// number of steps.

// %% solution="stepsForBudget" difficulty=1 importance=3 minutes=5
/** How many whole updates a budget of target tokens allows, at least 1. */
export function stepsForBudget(
  tokens: number,
  { batchSize, accumulation, targetsPerSentence }: {
    readonly batchSize: number; // sentences per micro-batch
    readonly accumulation: number; // micro-batches per update
    readonly targetsPerSentence: number; // in the mean
  },
): number {
  // BEGIN SOLUTION
  const perStep = batchSize * accumulation * targetsPerSentence;
  return Math.max(1, Math.floor(tokens / perStep));
  // END SOLUTION
}

// %% test="stepsForBudget-test" points=1
await check("stepsForBudget", stepsForBudget);

// %% [markdown] hint="stepsForBudget"
// One update takes `batchSize * accumulation` sentences, each with `targetsPerSentence` tokens. Divide
// the budget by that, round down, and take at least 1.

// %% [markdown] id="batches-predict"
// All sizes learn from the same 48,600 tokens with the rate 0.003. Batches of 16 make 507 small steps,
// batches of 256 make 33 large ones. Which has the lowest gap?

// %% id="predict-batch" kind="predict"
const guessedBatch: number | null = 64; // your guess: 16, 64 or 256

// %% id="batches-sweep"
const batches = await compareValues("train.batchSize", [64, 16, 256]);
await show(intervals(batches));

// %% id="batches-truth"
const [bestBatch] = batches.compared.toSorted((a, b) => a.mean - b.mean);
console.log(compareGuess(guessedBatch, Number(bestBatch?.label.slice("batchSize ".length))));
for (const { cell, result } of batches.finished.filter(({ cell }) => cell.seed === 1)) {
  console.log(`${cell.label}: ${result.steps} steps, ${result.seconds.toFixed(1)} s`);
}

// %% [markdown] id="batches-rate"
// But is that the batch size, or the rate? With few steps each must go further. A rule of thumb
// multiplies the rate by 2 when the batch is 4 times as large (the *square-root rule*).

// %% id="batches-rate-sweep"
const larger = { ...base, train: { ...base.train, batchSize: 256 } };
await show(intervals(await compareValues("train.lr", [3e-3, 6e-3, 1.2e-2], larger)));

// %% [markdown] id="batches-lesson"
// - With one rate for all, small batches win clearly.
// - With 4 times the rate, the large batch comes from 1.1 down to 0.10, and beats batches of 64 at 0.003.
// - So "small batches are better" was mostly "this rate is too low for few steps". A comparison is fair
//   only if each side has its own best rate.

// %% [markdown] id="optimizers"
// ## 5.4 Optimizers
//
// Plain gradient descent goes down the slope it stands on. With *momentum* it keeps a velocity, like
// a ball: v ← momentum · v + gradient, and the weights move by −lr · v. Small gradients that agree add
// up, those that alternate cancel.

// %% solution="momentumMove" difficulty=2 importance=3 minutes=8
/** One move with momentum; the learning rate is a scalar tensor, since a compiled step takes it in anew. */
export function momentumMove(
  { gradient, velocity }: { readonly gradient: tf.Tensor; readonly velocity: tf.Tensor },
  { lr, momentum }: { readonly lr: tf.Tensor; readonly momentum: number },
): { update: tf.Tensor; velocity: tf.Tensor } {
  // BEGIN SOLUTION
  const next = velocity.mul(momentum).add(gradient);
  return { update: next.mul(lr).neg(), velocity: next };
  // END SOLUTION
}

// %% test="momentumMove-test" points=2
await check("momentumMove", momentumMove);

// %% [markdown] hint="momentumMove"
// `velocity.mul(momentum).add(gradient)` is the new velocity. The update is what is *added* to the
// weights, so it is minus the rate times the new velocity.

// %% [markdown] id="optimizers-predict"
// SGD with momentum needs a rate of its own: there is nothing that divides by the gradient's size. So
// each optimizer gets three rates, and its best one counts. By how many nats will Adam's family beat
// SGD?

// %% id="predict-sgd" kind="predict"
const guessedSgd: number | null = 0.5; // your guess: SGD's best gap minus AdamW's best gap

// %% id="optimizers-sweep"
const bestOf = async (optimizer: "sgd" | "adam" | "adamw", lrs: number[]) => {
  const more = { ...base, train: { ...base.train, optimizer } };
  const { arms } = await compareValues("train.lr", lrs, more);
  const mean = (results: ReadonlyMap<number, number>) =>
    [...results.values()].reduce((sum, value) => sum + value, 0) / results.size;
  const [best] = arms.toSorted((a, b) => mean(a.results) - mean(b.results));
  return { label: `${optimizer}, ${best?.label}`, results: best?.results ?? new Map() };
};
const optimizers = [
  await bestOf("adamw", [3e-3, 1e-2, 3e-2]),
  await bestOf("adam", [3e-3, 1e-2, 3e-2]),
  await bestOf("sgd", [0.1, 0.3, 1]),
];

// %% id="optimizers-read"
const comparedOptimizers = experiment.compareArms(optimizers);
await show(intervals({ finished: [], arms: optimizers, compared: comparedOptimizers }));
const [, , sgdRow] = comparedOptimizers;
console.log(
  compareGuess(guessedSgd, sgdRow?.difference?.mean ?? NaN, { format: (x) => x.toFixed(2) }),
);

// %% [markdown] id="optimizers-lesson"
// - Much less than most people guess: with its own rate, SGD comes within 0.06 nats of AdamW here. The
//   difference is real all the same.
// - Adam and AdamW cannot be told apart: in 129 steps the decay has no time to matter.

// %% id="betas"
await show(intervals(await compareValues("train.beta2", [0.999, 0.99, 0.95, 0.9])));

// %% [markdown] id="betas-lesson"
// - Look twice. The intervals overlap widely, and yet each difference is significant: *paired*, seed by
//   seed, every smaller beta2 is a little worse, by nearly the same amount.
// - Overlapping intervals of two means say little about their difference.

// %% [markdown] id="regularization"
// ## 5.5 Regularization
//
// Three ways to keep a model from trusting itself too much. *Dropout* sets a share of the values to 0,
// others at each step, so that nothing can rely on one of them. What is kept grows by 1/(1 − rate), so
// that the sums stay as large as they are without dropout.

// %% solution="dropValues" difficulty=2 importance=3 minutes=8
/** Sets each value to 0 with probability `rate`, and divides the others by 1 − rate. */
export function dropValues(
  values: Float32Array,
  { rate, random }: { readonly rate: number; readonly random: Random },
): Float32Array {
  // BEGIN SOLUTION
  return values.map((value) => random.uniform() < rate ? 0 : value / (1 - rate));
  // END SOLUTION
}

// %% test="dropValues-test" points=2
await check("dropValues", dropValues);

// %% [markdown] hint="dropValues"
// `random.uniform()` is below `rate` with probability `rate`. One draw for each value. `values.map`
// makes a new `Float32Array`.

// %% [markdown] id="smoothing-text"
// *Label smoothing* says: the right token has probability 1 − s only, and s is spread evenly over all
// V tokens. The loss is then
//
// $$-(1 - s) \log p_{\text{label}} - s \cdot \frac{1}{V} \sum_v \log p_v$$

// %% solution="smoothedLoss" difficulty=3 importance=3 minutes=12
/** Mean over the rows; logits float32 [N, V], labels int32 [N], a scalar comes out. */
export function smoothedLoss(logits: tf.Tensor, labels: tf.Tensor, smoothing: number): tf.Tensor {
  // BEGIN SOLUTION
  const logs = tf.logSoftmax(logits as tf.Tensor2D); // rows of logits
  const isLabel = tf.oneHot(labels.toInt(), logits.shape[1] ?? 0);
  const ofLabel = logs.mul(isLabel).sum(1), ofAll = logs.mean(1);
  return ofLabel.mul(1 - smoothing).add(ofAll.mul(smoothing)).mean().neg();
  // END SOLUTION
}

// %% test="smoothedLoss-test" points=3
await check("smoothedLoss", smoothedLoss);

// %% [markdown] hint="smoothedLoss"
// `tf.logSoftmax(logits)` gives log p, [N, V]. Times `tf.oneHot(labels.toInt(), V)` and summed over the
// last axis it is the label's log p. `logs.mean(1)` is the mean over all tokens. Mix them, take the
// mean over the rows, and turn the sign.

// %% id="regularization-sweep"
await show(intervals(await compareValues("model.dropout", [0, 0.1, 0.3])));

// %% id="smoothing-sweep"
await show(intervals(await compareValues("train.labelSmoothing", [0, 0.05, 0.2])));

// %% [markdown] id="regularization-lesson"
// - Both cost loss here, dropout of 0.3 a great deal. They are cures for learning by heart, and a small
//   model that sees each sentence three times learns nothing by heart.
// - The validation loss itself is measured without dropout and without smoothing.

// %% id="clip-sweep"
await show(intervals(await compareValues("train.clip", [1, 0, 0.1, 10])));

// %% [markdown] id="clip-lesson"
// - Clipping at 0.1 is a little better than at 1, no clipping (0) a little worse.
// - 10 is the same as none to the last digit: no gradient here is longer than 10.

// %% [markdown] id="schedules"
// ## 5.6 Warm-up and schedule
//
// Notebook 3 rises, then falls along a cosine. A newer form rises, stays at the peak for most of the
// run, and falls in a straight line at its end: *warm-up, stable, decay*. Its charm: how long the run
// will be need not be known until the fall begins.

// %% solution="warmupStableDecay" difficulty=2 importance=2 minutes=8
/** The share of the peak at each step from 0: rising, 1, then straight down to 0 at `totalSteps`. */
export function warmupStableDecay(
  { warmupSteps, decaySteps, totalSteps }: {
    readonly warmupSteps: number;
    readonly decaySteps: number; // the length of the fall, the last steps of the run
    readonly totalSteps: number;
  },
): (step: number) => number {
  // BEGIN SOLUTION
  return (step) => {
    if (step < warmupSteps) return (step + 1) / warmupSteps;
    return Math.max(0, Math.min(1, (totalSteps - step) / decaySteps));
  };
  // END SOLUTION
}

// %% test="warmupStableDecay-test" points=2
await check("warmupStableDecay", warmupStableDecay);

// %% [markdown] hint="warmupStableDecay"
// `(totalSteps - step) / decaySteps` is 1 at the beginning of the fall and 0 at the end. `Math.min(1,
// ...)` makes the plateau of it, `Math.max(0, ...)` keeps it from going below 0.

// %% id="schedule-picture"
const wsd = warmupStableDecay({ warmupSteps: 20, decaySteps: 30, totalSteps: 129 });
const wsdRows = Array.from({ length: 129 }, (_, i) => ({ step: i + 1, lr: 3e-3 * wsd(i) }));
await show(displayPlot(learningRateCurve(wsdRows)));

// %% id="schedule-sweep"
const schedules = await compareValues("train.schedule", ["cosine", "linear", "constant", "step"]);
await show(intervals(schedules));

// %% id="warmup-sweep"
const fast = { ...base, train: { ...base.train, lr: 1e-2 } };
const warmups = await compareValues("train.warmup", [20, 0, 5, 60], fast);
await show(intervals(warmups));

// %% [markdown] id="curves"
// The end hides how they got there. One run of each, with the same seed:

// %% id="curves-picture"
const curves = [...schedules.finished, ...warmups.finished].filter(({ cell }) => cell.seed === 1);
const named = curves.map(({ cell, result }) => ({
  name: cell.label,
  rows: result.trainLosses.map(([step, trainLoss]) => ({ step, trainLoss })),
}));
await show(displayPlot(runGrid(named, { column: "trainLoss" })));

// %% [markdown] id="schedules-lesson"
// - `constant` looks better than `cosine`, 0.094 against 0.117, and is *not* significantly so: the three
//   seeds disagree too much. More seeds would tell; so would each side at its own best rate.
// - `step` equals `constant` to the last digit: its first drop comes at step 200, and the run ends at 129.
//   Results that are equal to the last digit are no finding, but a setting that does nothing.
// - Warm-up makes no difference that these runs can show, even at 0.01.

// %% [markdown] id="initialization"
// ## 5.7 First weights
//
// Notebook 2 showed that wrong first weights make the activations explode or vanish. With layer norms
// and residual sums, does it still matter? `normal` draws all weights with the deviation `initStd`.

// %% id="predict-init" kind="predict"
const guessedInit: number | null = 0.1; // your guess: nats lost with a deviation of 0.2 instead of 0.02

// %% id="init-sweep"
const normal = { ...base, model: { ...base.model, initialization: "normal" } } as const;
const inits = await compareValues("model.initStd", [0.02, 0.002, 0.2], normal);
await show(intervals(inits));
console.log(
  compareGuess(guessedInit, inits.compared[2]?.difference?.mean ?? NaN, {
    format: (x) => x.toFixed(2),
  }),
);

// %% id="init-kinds"
const kinds = ["xavier-uniform", "xavier-normal", "he-uniform", "he-normal"];
await show(intervals(await compareValues("model.initialization", kinds)));

// %% [markdown] id="init-lesson"
// - Ten times smaller makes no difference: the layer norms scale it back up.
// - Ten times larger costs 0.2 nats.
// - The four textbook formulas cannot be told apart. With layer norms the order of magnitude matters, and
//   hardly the formula.

// %% [markdown] id="bug-hunt"
// ## 5.8 Bug hunt: a finding that is none
//
// A colleague shows you the table below: "dropout 0.05 with a rate of 0.0031 beats our settings, p =
// 0.02". Twelve variants were tried, each against the baseline. What is wrong with the finding, and
// what would you do before you believe it?

// %% id="bug-hunt-table"
const tried = [0.31, 0.64, 0.02, 0.47, 0.83, 0.21, 0.55, 0.92, 0.12, 0.38, 0.71, 0.29];
for (const [i, p] of tried.entries()) {
  console.log(`variant ${i + 1}: p = ${p}${p < 0.05 ? "  !" : ""}`);
}

// %% [markdown] answer="bug-hunt-answer" points=2
// - With 12 comparisons the chance of at least one p below 0.05 without any difference is
//   1 − 0.95¹² = 46 %. Corrected by Holm, the smallest is 12 · 0.02 = 0.24: nothing was found.
// - Train that one variant and the baseline again, with new seeds, and look at this one comparison.

// %% [markdown] id="summary"
// ## What to take along
//
// - One run proves nothing. Three seeds and an interval are the least; the same seeds on both sides
//   make small differences visible.
// - The rate matters most, and a range test finds it in seconds.
// - Compare at the same budget, each side at its own best rate.
// - Many comparisons find something by luck: correct for their number, and repeat a finding on new
//   seeds.
