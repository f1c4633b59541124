// %% [markdown] id="intro"
// # 3. Loop: from a pile of random numbers to a model
//
// A fresh model knows nothing and says so: its loss is ln 1000. Here you build all that changes it: a loss that says how
// wrong it is, an optimizer that makes it less so, and the loop around the two. At the end *your* loss, *your* optimizer
// and *your* schedule train the exercise's 2.4 million parameters, in less than a minute, with a Stop button that works.
//
// **You will learn** cross-entropy; AdamW and who must not decay; warm-up and cosine; clipping; accumulation; validation,
// patience and the best checkpoint; and what it takes to resume a run *bit for bit*.
//
// **Time.** Full track: 15 exercises, about 2½ hours. 10-minute track: open `notebooks/solutions/03_loop.ipynb`, make the
// seven guesses, press Stop in the training of 3.10 and go on, then solve 3.5 here.
//
// **Before.** TypeScript; ids, labels and masks (notebook 1); that a model turns ids into scores (notebook 2). No calculus:
// TensorFlow works out every derivative. You only decide what to do with it.
//
// **How it works.** Replace the `throw` line of an exercise, run the cell, run the check below it. A check that fails
// says what it expected and which mistake that looks like. To skip an exercise, unfold its solution, copy it, run it.

// %% id="setup"
import { setUpNotebook, show, trainInNotebook } from "lib/notebook/mod.ts";
await setUpNotebook();

// %% id="imports"
import * as Plot from "@observablehq/plot";
import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { toBytes, toTensors } from "lib/checkpoint/mod.ts";
import { type Batch, IGNORE_INDEX } from "lib/data/mod.ts";
import * as grade from "lib/grade/mod.ts";
import * as model from "lib/model/mod.ts";
import * as optim from "lib/optimizer/mod.ts";
import { displayPlot, learningRateCurve, lossCurve, PALETTE } from "lib/plot/mod.ts";
import * as schedules from "lib/schedule/mod.ts";
import { disposeParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import * as runs from "lib/run/mod.ts";
import * as training from "lib/train/mod.ts";

// %% [markdown] id="overfit-text"
// ## 3.1 Overfit one batch
//
// The first task of every training loop: learn *one batch by heart*. If a model cannot even do that, something is broken,
// and you find out in seconds. Eight sentences and a small model will do.

// %% id="one-batch"
const few = training.createCorpus(training.runConfig({
  data: { examples: 900 },
  train: { batchSize: 8 },
}));
const eight: Batch = few.loader.batches().next().value;
const one = training.toDevice(eight, { rows: 8, lengths: few.lengths });
for (let row = 0; row < 8; row++) {
  console.log(few.tokenizer.decode(eight.ids.subarray(6 * row, 6 * row + 6)));
}

// %% [markdown] id="gradient-text"
// Training is three lines, again and again. The *gradient* says for each weight which way the loss rises, and how
// steeply. The *optimizer* turns it into an update: a small step down. The update is added to the weights.
//
// $$w \leftarrow w + \text{update}(\nabla_w\,\text{loss})$$

// %% id="gradient-look"
const small = model.modelConfig({ layers: 1, hiddenSize: 64, feedForwardSize: 128 });
const smallParams = model.initializeParams(small, 1);
const lossOfEight = (params: Params) => {
  const { logits } = model.forward(small, params, one.ids, { mask: one.mask });
  return model.crossEntropy(logits, one.labels);
};
const looked = valueAndGradients(smallParams, lossOfEight);
await show(looked.value);
await show(param(looked.gradients, "finalNorm.bias").slice(0, 8));

// %% [markdown] id="overfit-task"
// An optimizer here is a *transform* with three functions: `init(params)` makes its memory, `scalars(step)` the numbers of
// a step such as the learning rate, and `update(...)` turns gradients into updates. It remembers nothing by itself: memory
// goes in and comes out, and you carry it.

// %% solution="overfit" difficulty=2 importance=5 minutes=10
/** Takes `steps` steps down from `start`, which stays as it is; gives the loss before each of them. */
export function overfit(
  start: Params,
  lossOf: (params: Params) => tf.Tensor,
  { transform, steps }: { readonly transform: optim.Transform; readonly steps: number },
): number[] {
  // BEGIN SOLUTION
  return tf.tidy(() => {
    let params = start, memory = transform.init(start);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const { value, gradients } = valueAndGradients(params, lossOf);
      const scalars = optim.scalarTensors(transform.scalars(step));
      const { updates, state } = transform.update(gradients, memory, params, scalars);
      params = optim.applyUpdates(params, updates);
      memory = state;
      losses.push(value.dataSync()[0] ?? NaN);
    }
    return losses;
  });
  // END SOLUTION
}

// %% test="overfit-test" points=2
await grade.checkOverfit(overfit);

// %% [markdown] hint="overfit"
// Two variables change from step to step: the weights and the optimizer's memory. In the loop: `valueAndGradients(params,
// lossOf)`, then `transform.update(gradients, memory, params, optim.scalarTensors(transform.scalars(step)))`, then
// `optim.applyUpdates(params, updates)`. Tensors are not garbage-collected: put all of it into
// `return tf.tidy(() => { ... })`, which frees what you made. `value.dataSync()[0]` is the loss as a number.

// %% [markdown] id="predict-overfit-text"
// After 120 steps, where will the loss of these eight sentences be? It starts near 6.9. They are all the model ever sees.

// %% id="predict-overfit" kind="predict"
const guessedLoss = 0; // your guess, in nats per target

// %% id="overfit-run"
const byHeart = overfit(smallParams, lossOfEight, { transform: optim.adamw(3e-3), steps: 120 });
const floorOfEight = Math.log(8) / 6;
console.log(`guess ${guessedLoss}   truth ${byHeart.at(-1)?.toFixed(3)}`);
const byHeartRows = byHeart.map((trainLoss, i) => ({ step: i + 1, trainLoss }));
const rungs = { uniform: Math.log(1000), floor: floorOfEight };
await show(displayPlot(lossCurve(byHeartRows, { ladder: rungs })));

// %% [markdown] id="overfit-why"
// Not zero! All eight begin with "The", and eight adjectives follow. Which one, nobody can know: ln 8 nats on one target of
// six, and ln 8 / 6 is 0.347. A loss *below* that would be a bug.

// %% [markdown] id="loss-text"
// ## 3.2 The loss
//
// Softmax turns a model's scores, its *logits*, into probabilities. The loss is the surprise at what really came: −ln p.

// %% id="surprise"
const surprise = Array.from({ length: 100 }, (_, i) => ({ p: (i + 1) / 100 }));
await show(displayPlot({
  height: 240,
  marginBottom: 45,
  x: { label: "probability of the word that came" },
  y: { label: "loss, nats", grid: true },
  marks: [
    Plot.line(surprise, { x: "p", y: ({ p }) => -Math.log(p), stroke: PALETTE.train }),
    Plot.ruleY([0]),
  ],
  ariaLabel: "Loss by the probability of the right word, from 4.6 down to 0",
}));

// %% [markdown] id="predict-surprise-text"
// The model spreads its bets evenly over 1,000 words. How surprised is it by any of them?

// %% id="predict-surprise" kind="predict"
const guessedSurprise = 1; // your guess: the loss in nats when p = 1/1000

// %% id="surprise-truth"
console.log(`guess ${guessedSurprise}   truth ${-Math.log(1 / 1000)}`);

// %% [markdown] id="crossEntropy-text"
// ### 3.2a Cross-entropy
//
// For logits z [N, V]. Labels of −100 are padding: they count neither above nor below the line of the mean.
//
// $$\text{loss}_i = \ln \sum_v e^{z_{iv}} - z_{i,\text{label}_i} \qquad
// \text{loss} = \frac{\text{sum of loss}_i \text{ where label}_i \ne -100}{\text{number of those}}$$
//
// $e^{1000}$ is `Infinity`. So take each row's largest logit off first: the formula does not change, the overflow goes.

// %% solution="crossEntropy" difficulty=3 importance=5 minutes=15
/** Mean of −ln p(label), in nats: logits float32 [N, V], labels int32 [N], −100 is ignored; a scalar. */
export function crossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { divisor }: { readonly divisor?: number | tf.Tensor | undefined } = {}, // instead of the count
): tf.Tensor {
  // BEGIN SOLUTION
  return tf.tidy(() => {
    const isTarget = labels.notEqual(IGNORE_INDEX).cast("float32"); // [N]
    const oneHot = tf.oneHot(labels.cast("int32"), logits.shape[1] ?? 0); // [N, V], zeros at −100
    const shifted = logits.sub(logits.max(1, true)); // [N, V]
    const right = shifted.mul(oneHot).sum(1); // [N]
    const losses = shifted.exp().sum(1).log().sub(right).mul(isTarget); // [N]
    return losses.sum().div(divisor ?? isTarget.sum());
  });
  // END SOLUTION
}

// %% test="crossEntropy-test" points=3
await grade.checkCrossEntropy(crossEntropy);
// BEGIN HIDDEN TESTS
const hiddenLogits = tf.randomNormal([6, 9], 0, 3, "float32", 5);
const hiddenLabels = tf.tensor1d([8, -100, 0, -100, 3, 3], "int32");
grade.expectClose(
  crossEntropy(hiddenLogits, hiddenLabels),
  model.crossEntropy(hiddenLogits, hiddenLabels),
  { what: "the loss of 6 rows with 9 words" },
);
// END HIDDEN TESTS

// %% [markdown] hint="crossEntropy"
// `tf.oneHot(labels.cast("int32"), V)` has a 1 at each label, and a row of zeros for −100: times the logits, summed over
// axis 1, it picks out the right one. `logits.max(1, true)` is each row's largest, [N, 1]. `labels.notEqual(-100)
// .cast("float32")` is 1 where a target is: multiply the losses with it, sum, and divide by its own sum (or by `divisor`).

// %% id="crossEntropy-play"
const threeScores = tf.tensor2d([[5, 1, 1], [5, 1, 1], [5, 1, 1]]);
const threeLabels = tf.tensor1d([0, 1, IGNORE_INDEX], "int32");
await show(threeScores.softmax());
await show(crossEntropy(threeScores.slice(0, 1), threeLabels.slice(0, 1)));
await show(crossEntropy(threeScores, threeLabels));

// %% [markdown] id="batchLoss-text"
// ### 3.2b The loss of sentences
//
// A sentence is its own teacher: at each place the label is the token that comes *next*. Shift by one, no less and no
// more.
//
// | place | 0 | 1 | 2 | 3 | 4 |
// | --- | --- | --- | --- | --- | --- |
// | reads | `<bos>` | The | old | dog | `<pad>` |
// | label | The | old | dog | `<eos>` | −100 |

// %% solution="batchLoss" difficulty=2 importance=5 minutes=10
/** The loss of sentences, a scalar: tokens int32 [B, T + 1], `<bos>` first, filled up with 0, <pad>. */
export function batchLoss(
  params: Params,
  tokens: tf.Tensor,
  config: model.ModelConfig,
): tf.Tensor {
  // BEGIN SOLUTION
  const [B = 0, length = 0] = tokens.shape;
  const ids = tokens.slice([0, 0], [B, length - 1]); // all but the last: [B, T]
  const next = tokens.slice([0, 1], [B, length - 1]); // all but the first: [B, T]
  const labels = tf.where(next.equal(0), tf.scalar(IGNORE_INDEX, "int32"), next);
  const { logits } = model.forward(config, params, ids); // [B·T, V]
  return crossEntropy(logits, labels.reshape([-1]));
  // END SOLUTION
}

// %% test="batchLoss-test" points=2
await grade.checkBatchLoss(batchLoss);

// %% [markdown] hint="batchLoss"
// `tokens.slice([0, 1], [B, length - 1])` leaves the first column out. `tf.where(condition, a, b)` chooses place by place.
// `model.forward(config, params, ids)` gives `{ logits }` as [B·T, V], so the labels must become one row:
// `labels.reshape([-1])`. Why does no mask have to go in? The pads are at the end, and no place sees what comes after it.

// %% id="batchLoss-play"
const twoSentences = ["The old dog", "The"].map((text) => [...few.tokenizer.encode(text), 0, 0]);
const twoRows = tf.tensor2d(twoSentences.map((row) => row.slice(0, 5)), [2, 5], "int32");
await show(twoRows);
await show(batchLoss(smallParams, twoRows, small));

// %% [markdown] id="adam-text"
// ## 3.3 AdamW
//
// Gradients differ in size by thousands. Adam divides each by its own typical size, so every weight moves by about the
// learning rate a step. It keeps two running means:
//
// - m, of the gradient: where to. m ← β₁ m + (1 − β₁) g
// - v, of its square: how large it usually is. v ← β₂ v + (1 − β₂) g²

// %% [markdown] id="bias-text"
// ### 3.3a Bias correction
//
// Both start at 0. Suppose the gradient is always 1, and β₁ = 0.9. What is m after the first step?

// %% id="predict-mean" kind="predict"
const guessedMean = 1; // your guess: m after one step with gradient 1

// %% id="mean-truth"
let runningMean = 0;
const firstMeans = Array.from({ length: 8 }, () => runningMean = 0.9 * runningMean + 0.1 * 1);
console.log(`guess ${guessedMean}   truth ${firstMeans[0]?.toFixed(2)}`);
console.log("m:", firstMeans.map((mean) => mean.toFixed(3)).join(" "));

// %% [markdown] id="bias-formula"
// Ten times too small, and v even a thousand times. Dividing by 1 − βᵗ makes up for it, exactly, with t = 1 at the first
// step. Here steps count from 0, as everywhere in this course.
//
// $$\text{correction} = \frac{1}{1 - \beta^{\,\text{step} + 1}}$$

// %% solution="biasCorrections" difficulty=1 importance=3 minutes=5
/** What m and v are multiplied with at `step`, which counts from 0. */
export function biasCorrections(
  step: number,
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): { correction1: number; correction2: number } {
  // BEGIN SOLUTION
  return {
    correction1: 1 / (1 - beta1 ** (step + 1)),
    correction2: 1 / (1 - beta2 ** (step + 1)),
  };
  // END SOLUTION
}

// %% test="biasCorrections-test" points=1
await grade.checkBiasCorrections(biasCorrections);

// %% [markdown] hint="biasCorrections"
// `**` is the power: `beta1 ** (step + 1)`. At step 0 the corrections are 10 and 1000 for betas of 0.9 and 0.999, and they
// soon go to 1.

// %% id="biasCorrections-play"
for (const step of [0, 1, 9, 99, 999]) {
  const { correction1, correction2 } = biasCorrections(step, { beta1: 0.9, beta2: 0.999 });
  console.log(`step ${step}: m times ${correction1.toFixed(3)}, v times ${correction2.toFixed(3)}`);
}

// %% [markdown] id="move-text"
// ### 3.3b One update
//
// The W in AdamW is *decoupled* weight decay: every step also pulls the weight a little towards 0, by the same share for
// all. Put into the gradient instead ("L2"), Adam's division would undo most of it.
//
// $$\text{update} = -\text{lr} \cdot \left( \frac{\hat m}{\sqrt{\hat v} + \epsilon} + \lambda w \right)$$
//
// with m̂ and v̂ the corrected means. Keep the means themselves.

// %% solution="adamwMove" difficulty=3 importance=5 minutes=12
/** One AdamW update of one parameter: all tensors have its shape, the rates are scalars. */
export function adamwMove(
  { gradient, weight, m, v }: grade.AdamwInput,
  { lr, correction1, correction2, beta1, beta2, epsilon, weightDecay }: grade.AdamwNumbers,
): grade.AdamwOutput {
  // BEGIN SOLUTION
  const mean = m.mul(beta1).add(gradient.mul(1 - beta1));
  const square = v.mul(beta2).add(gradient.square().mul(1 - beta2));
  const typical = square.mul(correction2).sqrt().add(epsilon);
  const direction = mean.mul(correction1).div(typical).add(weight.mul(weightDecay));
  return { update: direction.mul(lr).neg(), m: mean, v: square };
  // END SOLUTION
}

// %% test="adamwMove-test" points=3
await grade.checkAdamwMove(adamwMove);

// %% [markdown] hint="adamwMove"
// Four lines, one a formula: the new mean, the new mean square (`gradient.square()`), the typical size
// (`.mul(correction2).sqrt().add(epsilon)`: the root first, then ε), and the direction with the decay. `lr` and the
// corrections are tensors, and `.mul` takes tensors as well as numbers. The update is what will be *added*: `.neg()`.

// %% [markdown] id="groups-text"
// ### 3.3c Who decays
//
// Decay says: small weights, please. That makes sense for matrices. It makes none for biases; for layer norms, whose gains
// belong near 1; or for embeddings, where it would fade out rare words between two sights of them. These are the names and
// shapes to tell apart:

// %% id="names"
const names = Object.entries(model.paramShapes(model.modelConfig({ layers: 1, tiedHead: false })));
console.log(names.map(([name, shape]) => `${name} [${shape.join(", ")}]`).join("\n"));

// %% solution="isDecayed" difficulty=1 importance=4 minutes=5
/** Whether a parameter decays: only the weights of linear layers do. */
export function isDecayed(name: string, shape: readonly number[]): boolean {
  // BEGIN SOLUTION
  return name.endsWith(".weight") && shape.length === 2 && !name.includes("Embedding");
  // END SOLUTION
}

// %% test="isDecayed-test" points=1
await grade.checkIsDecayed(isDecayed);

// %% [markdown] hint="isDecayed"
// Three questions: does the name end in `.weight`? Has the shape two axes (a norm's has one)? Is it no embedding (theirs
// have two axes too)?

// %% [markdown] id="adamw-text"
// ### 3.3d Put it together
//
// Now the transform. `init` is given: zeros for m and v of each parameter. You write `scalars`, the host's numbers of a
// step, and `update`, which goes through the parameters. Numbers that change with the step arrive as tensors in `scalars`,
// so that a compiled step need not be compiled anew.

// %% solution="adamw" difficulty=3 importance=4 minutes=12
/** AdamW as a transform; the rate of a step is peak · schedule(step). */
export function adamw(peak: number, options: optim.OptimizerOptions = {}): optim.Transform {
  const { schedule = () => 1, weightDecay = 0.01 } = options;
  const betas = { beta1: 0.9, beta2: 0.999 };
  return {
    init: (params) => optim.scaleByAdam().init(params), // zeros, by name: m.NAME and v.NAME
    scalars(step) {
      // BEGIN SOLUTION
      return { ...biasCorrections(step, betas), lr: peak * schedule(step) };
      // END SOLUTION
    },
    update(gradients, state, params, scalars) {
      const numbers = { ...betas, epsilon: 1e-8, ...scalars as unknown as grade.AdamwScalars };
      const updates: Record<string, tf.Tensor> = {}, moments: Record<string, tf.Tensor> = {};
      // BEGIN SOLUTION
      for (const [name, gradient] of Object.entries(gradients)) {
        const weight = param(params, name), decay = isDecayed(name, weight.shape) ? weightDecay : 0;
        const m = param(state, `m.${name}`), v = param(state, `v.${name}`);
        const after = adamwMove({ gradient, weight, m, v }, { ...numbers, weightDecay: decay });
        updates[name] = after.update;
        Object.assign(moments, { [`m.${name}`]: after.m, [`v.${name}`]: after.v });
      }
      // END SOLUTION
      return { updates, state: moments };
    },
  };
}

// %% test="adamw-test" points=2
await grade.checkAdamw(adamw);

// %% [markdown] hint="adamw"
// `scalars(step)` returns `{ correction1, correction2, lr }`. In `update`: for each `[name, gradient]` of
// `Object.entries(gradients)` call `adamwMove` with the weight `param(params, name)` and the moments
// ``param(state, `m.${name}`)`` and ``param(state, `v.${name}`)``; the decay is `weightDecay` where `isDecayed(name,
// weight.shape)` says so, else 0. Put what comes out into `updates` and `moments`, under the names it came with.

// %% [markdown] id="valley-text"
// Does it pay? A narrow valley, 100 times steeper across than along. Plain gradient descent must take steps small enough
// for the steep side, and creeps along the flat one. Your own `overfit` runs both.

// %% id="valley"
const valleyStart = { w: tf.tensor1d([4, -2]) };
const valley = (params: Params) => param(params, "w").square().mul([1, 100]).sum();
const descents = { SGD: optim.sgd(0.009), "your AdamW": adamw(0.2, { weightDecay: 0 }) };
const descended = Object.entries(descents).flatMap(([name, transform]) => {
  const losses = overfit(valleyStart, valley, { transform, steps: 150 });
  return losses.map((loss, step) => ({ name, step, loss }));
});
const atEnd = { x: "step", y: "loss", textAnchor: "start", dx: 6 } as const;
await show(displayPlot({
  height: 260,
  marginRight: 90,
  marginBottom: 45,
  y: { type: "log", grid: true, ticks: 5, tickFormat: "~e", label: "loss (log scale)" },
  color: { range: [PALETTE.reference, PALETTE.train] },
  marks: [
    Plot.line(descended, { x: "step", y: "loss", stroke: "name" }),
    Plot.text(descended, Plot.selectLast({ ...atEnd, z: "name", text: "name", fill: "name" })),
  ],
  ariaLabel: "Loss in a narrow valley by step: your AdamW gets far lower than SGD",
}));

// %% [markdown] id="schedule-text"
// ## 3.4 Warm-up and cosine
//
// At first Adam's means rest on a handful of gradients, so large steps go astray: *warm up*, and rise to the peak rate in
// equal parts. Towards the end, large steps jump over the minimum: *decay*, along half a cosine.
//
// - step < warmup: (step + 1) / warmup
// - later: end + (1 − end) · (1 + cos(π · done)) / 2, with done from 0 to 1
// - after the last step: end

// %% [markdown] id="predict-rate-text"
// With a peak of 0.001 and 100 steps of warm-up: what is the rate of the very first update?

// %% id="predict-rate" kind="predict"
const guessedRate = 0; // your guess: the learning rate at step 0

// %% solution="warmupCosine" difficulty=2 importance=4 minutes=10
/** The share of the peak rate at each step from 0; `end` is the share at `totalSteps`. */
export function warmupCosine(
  { warmupSteps, totalSteps, end = 0 }: schedules.WarmupDecayOptions,
): (step: number) => number {
  // BEGIN SOLUTION
  return (step) => {
    if (step < warmupSteps) return (step + 1) / warmupSteps;
    const done = Math.min(1, (step - warmupSteps) / (totalSteps - warmupSteps));
    return end + (1 - end) * (1 + Math.cos(Math.PI * done)) / 2;
  };
  // END SOLUTION
}

// %% test="warmupCosine-test" points=2
await grade.checkWarmupCosine(warmupCosine);

// %% [markdown] hint="warmupCosine"
// Return a function of the step. The warm-up has `warmupSteps` steps, the fall has the rest: `done` is `(step -
// warmupSteps) / (totalSteps - warmupSteps)`, and `Math.min(1, ...)` keeps it from going past the end, where a cosine
// would rise again.

// %% id="schedule-play"
const shapes = { warmupSteps: 100, totalSteps: 846 };
console.log(`guess ${guessedRate}   truth ${1e-3 * warmupCosine(shapes)(0)}`);
const rateRows = Array.from({ length: shapes.totalSteps }, (_, step) => ({
  step: step + 1,
  lr: 1e-3 * warmupCosine(shapes)(step),
}));
await show(displayPlot(learningRateCurve(rateRows)));

// %% [markdown] id="schedule-why"
// Were it 0, the first step would compute a gradient for nothing. `schedules.warmupLinear` falls in a straight line;
// notebook 5 compares them.

// %% [markdown] id="clip-text"
// ## 3.5 Clipping
//
// One gradient ten times too long can undo a hundred good steps. So bound the length: of *all gradients together*, as one
// long vector, so that the direction stays.
//
// $$\text{norm} = \sqrt{\sum_{\text{all tensors}} g^2} \qquad
// g \leftarrow g \cdot \min\left(1, \frac{\text{max}}{\text{norm}}\right)$$

// %% id="clip-picture"
const arrows = [
  { name: "gradient", x: 3, y: 1 },
  { name: "by norm", x: 3 / Math.sqrt(10), y: 1 / Math.sqrt(10) },
  { name: "by value", x: 1, y: 1 },
];
await show(displayPlot({
  height: 220,
  marginBottom: 45,
  x: { domain: [0, 3.6], label: "gradient of one weight" },
  y: { domain: [0, 1.2], label: "of another" },
  marks: [
    Plot.arrow(arrows, { x1: 0, y1: 0, x2: "x", y2: "y", stroke: "name", strokeWidth: 2 }),
    Plot.text(arrows, { x: "x", y: "y", text: "name", textAnchor: "start", dx: 6 }),
  ],
  ariaLabel: "A gradient, clipped by norm in the same direction, clipped by value in another",
}));

// %% solution="clipByGlobalNorm" difficulty=2 importance=4 minutes=10
/** Shortens gradients to `maxNorm` together; also gives their norm before that, a scalar. */
export function clipByGlobalNorm(
  gradients: Params,
  maxNorm: number,
): { gradients: Params; norm: tf.Tensor } {
  // BEGIN SOLUTION
  const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
  const norm = tf.addN(squares).sqrt();
  const factor = tf.minimum(1, tf.div(maxNorm, norm));
  const clipped = Object.entries(gradients).map(([name, one]) => [name, one.mul(factor)]);
  return { gradients: Object.fromEntries(clipped), norm };
  // END SOLUTION
}

// %% test="clipByGlobalNorm-test" points=2
await grade.checkClipByGlobalNorm(clipByGlobalNorm);

// %% [markdown] hint="clipByGlobalNorm"
// `tf.addN(listOfScalars)` adds up. Take the root once, at the end. Stay with tensors (`tf.minimum`, `tf.div`): reading the
// norm as a number would make the device wait, and a compiled step could not contain it. Divided by a norm of 0 gives
// Infinity, and the minimum makes 1 of it.

// %% id="clipByGlobalNorm-play"
const clippedLook = clipByGlobalNorm(looked.gradients, 1);
console.log("norm of the fresh model's gradient:", clippedLook.norm.dataSync()[0]?.toFixed(3));
const afterClip = optim.globalNorm(clippedLook.gradients).dataSync()[0];
console.log("after clipping to 1:", afterClip?.toFixed(3));

// %% [markdown] id="accumulate-text"
// ## 3.6 Accumulation
//
// A batch of 64 does not fit into memory? Take four *micro-batches* of 16, add up their gradients, make one step. It must be
// *the same* step: so divide each micro-batch's loss by the targets of the whole step, not by its own. And clip once, at
// the end: what is to be bounded is the step.

// %% solution="stepGradients" difficulty=3 importance=4 minutes=12
/** Loss, clipped gradients, and norm of one step that is made of several micro-batches. */
export function stepGradients<B>(
  params: Params,
  microBatches: readonly B[],
  { lossOf, targetCount, maxNorm }: grade.StepGradientsParts<B>,
): grade.StepGradientsResult {
  // BEGIN SOLUTION
  let loss: tf.Tensor = tf.scalar(0), sum: Params | undefined;
  for (const batch of microBatches) {
    const part = valueAndGradients(params, (p) => lossOf(p, batch, targetCount));
    loss = loss.add(part.value);
    sum = optim.accumulate(sum, part.gradients);
  }
  return { loss, ...clipByGlobalNorm(sum ?? {}, maxNorm) };
  // END SOLUTION
}

// %% test="stepGradients-test" points=3
await grade.checkStepGradients(stepGradients);

// %% [markdown] hint="stepGradients"
// `lossOf(params, batch, divisor)` is the sum of a micro-batch's losses over `divisor`: give it `targetCount`.
// `optim.accumulate(sum, gradients)` adds by name, and takes `undefined` for the empty sum. The losses add up to the
// step's loss for the same reason.

// %% [markdown] id="predict-difference-text"
// Sixteen sentences at once, or four times four. How far apart are the two gradients, at the place where they differ most?

// %% id="micro-batches"
const lossOf = (params: Params, batch: training.DeviceBatch, divisor?: number | tf.Tensor) => {
  const { logits } = model.forward(small, params, batch.ids, { mask: batch.mask });
  return crossEntropy(logits, batch.labels, { divisor });
};
const loadSixteen = (batchSize: number) => {
  const { loader, lengths } = training.createCorpus(
    training.runConfig({ data: { examples: 900 }, train: { batchSize } }),
  );
  return Array.from({ length: 16 / batchSize }, (_, batch) => {
    const next = loader.batches({ epoch: 0, batch }).next().value;
    return training.toDevice(next, { rows: batchSize, lengths });
  });
};

// %% id="predict-difference" kind="predict"
const guessedDifference = 0; // your guess: the largest difference

// %% id="difference-truth"
const wholeAndParts = [16, 4].map((batchSize) =>
  stepGradients(smallParams, loadSixteen(batchSize), { lossOf, targetCount: 96, maxNorm: 1 })
);
const differences = Object.keys(smallParams).map((name) => {
  const [whole, parts] = wholeAndParts.map(({ gradients }) => param(gradients, name));
  return whole && parts ? whole.sub(parts).abs().max().dataSync()[0] ?? NaN : NaN;
});
console.log(`guess ${guessedDifference}   truth ${Math.max(...differences).toExponential(1)}`);

// %% [markdown] id="difference-why"
// The same sum in another order: with 24 bits a number, the last digit may differ.

// %% [markdown] id="fit-text"
// ## 3.7 The loop
//
// Each round takes a batch, a gradient, an update, and logs a row. The loader goes through the epochs by itself, each in a
// new order, and says where it is (`batch.cursor`) and where to go on (`batch.next`).
//
// | state | what it is |
// | --- | --- |
// | `step` | updates made so far |
// | `cursor` | the next batch: `{ epoch, batch }`, both from 0 |
// | `params` | the weights |
// | `optimizer` | the transform's memory |

// %% solution="fit" difficulty=4 importance=5 minutes=20
/** Trains from one state to the one after `epochs`, logs every step, and frees what it replaces. */
export function fit(start: grade.LoopState, parts: grade.LoopParts): grade.LoopState {
  const { loader, transform, epochs, gradientsOf, log } = parts;
  // BEGIN SOLUTION
  let state = start;
  for (const batch of loader.batches(start.cursor)) {
    if (batch.cursor.epoch === epochs) break;
    const { params, optimizer } = state, scalars = transform.scalars(state.step);
    const next = tf.tidy(() => {
      const { loss, gradients, norm } = gradientsOf(params, batch);
      const update = transform.update(gradients, optimizer, params, optim.scalarTensors(scalars));
      const [trainLoss = NaN] = loss.dataSync(), [gradNorm = NaN] = norm.dataSync();
      const row = { step: state.step + 1, epoch: batch.cursor.epoch + 1, trainLoss, gradNorm };
      log({ ...row, lr: scalars.lr ?? NaN });
      return { params: optim.applyUpdates(params, update.updates), optimizer: update.state };
    });
    disposeParams(params, optimizer);
    state = { step: state.step + 1, cursor: batch.next, ...next };
  }
  return state;
  // END SOLUTION
}

// %% test="fit-test" points=5
await grade.checkFit(fit);

// %% [markdown] hint="fit"
// `for (const batch of loader.batches(state.cursor))` never ends by itself: break when `batch.cursor.epoch` reaches
// `epochs`. Ask `transform.scalars(state.step)` *before* the step is counted. The work goes into `tf.tidy`, which keeps what
// it returns: the new weights and the new memory. Then `disposeParams` the old ones. In a log row the step says how many
// updates were made, so the first row says 1, and epochs are counted from 1 too.

// %% id="fit-parts"
const gradientsOf = (params: Params, batch: Batch) => {
  const device = training.toDevice(batch, { rows: 8, lengths: few.lengths });
  return stepGradients(params, [device], { lossOf, targetCount: batch.targets, maxNorm: 1 });
};
const fewSteps = { warmupSteps: 20, totalSteps: 3 * few.loader.batchesPerEpoch };
const fewTransform = adamw(3e-3, { schedule: warmupCosine(fewSteps), weightDecay: 0.1 });
const freshState = (seed: number): grade.LoopState => {
  const params = model.initializeParams(small, seed);
  return { step: 0, cursor: { epoch: 0, batch: 0 }, params, optimizer: fewTransform.init(params) };
};

// %% id="fit-run"
const fitRows: grade.LoopRow[] = [];
const fitted = fit(freshState(1), {
  loader: few.loader,
  transform: fewTransform,
  epochs: 3,
  gradientsOf,
  log: (row) => fitRows.push(row),
});
await show(displayPlot(lossCurve(fitRows, { ladder: few.ladder })));

// %% [markdown] id="fit-result"
// Below the *floor* in the third epoch? On new sentences no model can do that: it learns these 810 by heart. So much for
// what a training loss can tell.

// %% [markdown] id="evaluate-text"
// ## 3.8 Validation
//
// ### 3.8a Measure on sentences it has not seen
//
// - Batches differ in size, so a mean of means is not the mean: add up sums, divide once.
// - *Dropout* switches parts of the model off in training. Here it must not: `model.forward` drops exactly when it is given
//   a `dropoutSeed`.
// - Perplexity is e to the *mean* loss.

// %% solution="evaluate" difficulty=2 importance=5 minutes=10
/** Mean loss in nats over all targets of all batches, and its perplexity; nothing is dropped. */
export function evaluate(
  params: Params,
  batches: readonly grade.MeasuredBatch[], // ids, mask, labels, dropoutSeed, and targets: a count
  config: model.ModelConfig,
): { loss: number; perplexity: number } {
  // BEGIN SOLUTION
  let sum = 0, targets = 0;
  for (const batch of batches) {
    sum += tf.tidy(() => {
      const { logits } = model.forward(config, params, batch.ids, { mask: batch.mask });
      return crossEntropy(logits, batch.labels, { divisor: 1 }).dataSync()[0] ?? NaN;
    });
    targets += batch.targets;
  }
  return { loss: sum / targets, perplexity: Math.exp(sum / targets) };
  // END SOLUTION
}

// %% test="evaluate-test" points=2
await grade.checkEvaluate(evaluate);

// %% [markdown] hint="evaluate"
// `crossEntropy(logits, labels, { divisor: 1 })` is a sum. Give `forward` the mask and no `dropoutSeed`. Each batch in a
// `tf.tidy`, which may return a number.

// %% id="evaluate-play"
const measuredOf = ({ batches, batchSize }: training.EvaluationSet) =>
  [...batches()].map((batch): grade.MeasuredBatch => ({
    ...training.toDevice(batch, { rows: batchSize, lengths: few.lengths }),
    dropoutSeed: tf.tensor1d([1, 1], "int32"),
    targets: batch.targets,
  }));
const sides = { train: measuredOf(few.trainSample), validation: measuredOf(few.validation) };
const seen = evaluate(fitted.params, sides.train, small);
const unseen = evaluate(fitted.params, sides.validation, small);
console.log(`on 90 sentences it was trained on: ${seen.loss.toFixed(3)}`);
console.log(
  `on 90 it was not: ${unseen.loss.toFixed(3)}, perplexity ${unseen.perplexity.toFixed(1)}`,
);

// %% [markdown] id="patience-text"
// ### 3.8b Stop in time, keep the best
//
// Train on, and the training loss keeps falling. The validation loss turns, when the model starts to learn by heart. So:
// measure after each epoch; save `last` always, and `best` when the loss is lower than ever; stop after `patience` epochs
// in a row that were not; put the best back.

// %% solution="trainWithPatience" difficulty=3 importance=5 minutes=12
/** Trains epoch by epoch, at most `epochs`; ends with the best weights; epochs are counted from 1. */
export function trainWithPatience(
  { trainEpoch, lossOn, save, load }: grade.PatienceParts,
  { epochs, patience }: { readonly epochs: number; readonly patience: number },
): grade.PatienceResult {
  // BEGIN SOLUTION
  let epoch = 0, bestEpoch = 0, bestLoss = Infinity;
  while (epoch < epochs && epoch - bestEpoch < patience) {
    trainEpoch();
    epoch++;
    save("last");
    const loss = lossOn("validation");
    if (!(loss < bestLoss)) continue;
    [bestEpoch, bestLoss] = [epoch, loss];
    save("best");
  }
  load("best");
  return { epochs: epoch, bestEpoch, bestLoss };
  // END SOLUTION
}

// %% test="trainWithPatience-test" points=3
await grade.checkTrainWithPatience(trainWithPatience);

// %% [markdown] hint="trainWithPatience"
// The epochs since the best one are `epoch - bestEpoch`: no second counter is needed. Compare with the best loss, not with
// the one before. `loss < bestLoss` is false for NaN, which is what you want.

// %% id="patience-parts"
const heartTransform = adamw(3e-3, { weightDecay: 0 });
let heart = { ...freshState(2), epoch: 0 };
const kept = new Map<string, ReturnType<typeof toBytes>>();
const heartRows: { step: number; trainLoss?: number; validationLoss?: number }[] = [];
const heartParts: grade.PatienceParts = {
  trainEpoch() {
    const epochs = heart.epoch + 1, log = (row: grade.LoopRow) => heartRows.push(row);
    const parts = { loader: few.loader, transform: heartTransform, epochs, gradientsOf, log };
    heart = { ...fit(heart, parts), epoch: epochs };
  },
  lossOn(side) {
    const { loss } = evaluate(heart.params, sides[side], small);
    heartRows.push({ step: heart.step, validationLoss: loss });
    return loss;
  },
  save: (name) => kept.set(name, toBytes(heart.params)),
  load: (name) => heart = { ...heart, params: toTensors(kept.get(name) ?? new Map()) },
};

// %% [markdown] id="predict-best-text"
// 810 sentences, a constant rate, 12 epochs at most, a patience of 2. In which epoch is the validation loss lowest?

// %% id="predict-best" kind="predict"
const guessedBest = 12; // your guess: the best epoch

// %% id="patience-run"
const story = trainWithPatience(heartParts, { epochs: 12, patience: 2 });
console.log(`guess ${guessedBest}   truth ${story.bestEpoch}, stopped after ${story.epochs}`);
await show(displayPlot(lossCurve(heartRows, { ladder: few.ladder })));

// %% [markdown] id="patience-why"
// Left of the mark it learns the language, right of it these sentences.

// %% [markdown] id="resume-text"
// ## 3.9 Resume, bit for bit
//
// A run that was stopped and goes on must give *the same numbers* as one that never stopped. Or you will not know whether
// a strange curve is your idea or your resume. To be kept:
//
// - the weights, in full: bytes, not decimals
// - Adam's moments, or it starts blind
// - the step, or warm-up and corrections start again
// - the cursor, or it sees the same sentences again

// %% solution="snapshot" difficulty=1 importance=4 minutes=6
/** Copies all of a state into plain data: what holds tensors is worth nothing when they are freed. */
export function snapshot(state: grade.LoopState): grade.LoopSnapshot {
  // BEGIN SOLUTION
  return { ...state, params: toBytes(state.params), optimizer: toBytes(state.optimizer) };
  // END SOLUTION
}

// %% test="snapshot-test" points=2
await grade.checkSnapshot(snapshot);

// %% [markdown] hint="snapshot"
// `toBytes(params)` makes a map of bytes of named tensors. Step and cursor are plain data already. Four parts, none may be
// missing.

// %% solution="restore" difficulty=1 importance=4 minutes=4
/** Makes the state again, with tensors of its own. */
export function restore(copy: grade.LoopSnapshot): grade.LoopState {
  // BEGIN SOLUTION
  return { ...copy, params: toTensors(copy.params), optimizer: toTensors(copy.optimizer) };
  // END SOLUTION
}

// %% test="restore-test" points=2
await grade.checkRestore(restore);

// %% [markdown] hint="restore"
// `toTensors(bytes)` is the way back from `toBytes`. Params from params, optimizer from optimizer.

// %% id="resume-run"
const record = (state: grade.LoopState, epochs: number) => {
  const losses: number[] = [], log = (row: grade.LoopRow) => losses.push(row.trainLoss);
  const parts = { loader: few.loader, transform: fewTransform, epochs, gradientsOf, log };
  return { losses, end: fit(state, parts) };
};
const unbroken = record(freshState(3), 2);
const before = record(freshState(3), 1);
const saved = snapshot(before.end);
disposeParams(before.end.params, before.end.optimizer); // the kernel dies here, as it were
const after = record(restore(saved), 2);
const resumedLosses = [...before.losses, ...after.losses];
const equal = resumedLosses.filter((loss, i) => loss === unbroken.losses[i]).length;
console.log(`${equal} of ${unbroken.losses.length} losses are the same, bit for bit`);

// %% [markdown] id="library-text"
// ## 3.10 Your parts in the library's loop
//
// `lib/train` has the same loop for real life: it saves, validates, stops, and tells what happens. A step is *one function of
// tensors*, so it takes yours. Here it is, made of what you wrote.

// %% id="my-run-config"
const config = training.runConfig({ // the exercise's model and its 9,000 sentences
  train: { epochs: 4, samples: 40 },
});
const { totalSteps } = training.planSteps(config, Math.ceil(9000 / config.train.batchSize));
const schedule = warmupCosine({ warmupSteps: 100, totalSteps });
const transform = adamw(config.train.lr, { schedule, weightDecay: 0.1 });

// %% id="my-step"
function myStep(input: training.StepInput): training.StepOutput {
  const { params, optimizer, microBatches, targetCount, scalars } = input;
  const lossOf = (p: Params, batch: training.MicroBatch, divisor?: number | tf.Tensor) => {
    const { ids, mask, labels, dropoutSeed } = batch;
    const { logits } = model.forward(config.model, p, ids, { mask, dropoutSeed });
    return crossEntropy(logits, labels, { divisor });
  };
  const parts = { lossOf, targetCount, maxNorm: 1 };
  const { loss, gradients, norm } = stepGradients(params, microBatches, parts);
  const { updates, state } = transform.update(gradients, optimizer, params, scalars);
  return { params: optim.applyUpdates(params, updates), optimizer: state, loss, gradNorm: norm };
}

// %% id="my-run"
const withMyStep = (run: training.Run): training.Run => ({
  ...run,
  programs: { ...run.programs, update: compile(myStep) },
});
const placed = runs.beginRun(config, { name: "notebook-03", overwrite: true, transform });
const myRun = withMyStep(placed.run);
console.log(`${totalSteps} steps; checkpoints go to ${myRun.store?.path}`);

// %% [markdown] id="train-text"
// **Train.** The chart shows your loss on its way from *uniform* down to the *floor*. Press **Stop** (■) when you like: the
// step under way is finished, the run saved, and the next cell goes on.

// %% [markdown] id="predict-end-text"
// Where will the validation loss end? The floor is 3.678 nats.

// %% id="predict-end" kind="predict"
const guessedEnd = 4; // your guess: validation loss at the end, in nats

// %% id="train"
const firstPart = await trainInNotebook(myRun);

// %% [markdown] id="go-on-text"
// **Go on.** If you stopped it: this reads the checkpoint from the disk, as a new kernel would tomorrow, and trains to the
// end. The transform is yours, so you hand it over again.

// %% id="go-on"
const goOn = () => withMyStep(runs.reopenRun({ name: "notebook-03", transform }).run);
const lastRun = firstPart.reason === "interrupted" ? goOn() : myRun;
const { rows } = firstPart.reason === "interrupted"
  ? await trainInNotebook(lastRun, { rows: firstPart.rows })
  : firstPart;

// %% id="train-truth"
const validations = rows.flatMap(({ step, validationLoss: loss, gap }) =>
  loss == null ? [] : [{ step, loss, gap }]
);
for (const { step, loss, gap } of validations) {
  console.log(`step ${step}  validation ${loss.toFixed(4)}  gap to the oracle ${gap?.toFixed(4)}`);
}
console.log(`guess ${guessedEnd}   truth ${validations.at(-1)?.loss.toFixed(4)}`);

// %% [markdown] id="read-text"
// **Read the real one.** Your `fit` is the skeleton of this function. What does it do besides? Find validation, early
// stopping, saving, and the Stop button before you look at the questions below.

// %% id="read"
const text = Deno.readTextFileSync("lib/train/train.ts");
const from = text.indexOf("export async function* train");
console.log(text.slice(from, text.indexOf("\n}\n", from) + 2));

// %% [markdown] id="question-text"
// **In your own words.** The loop saves in a `finally`. Which ways out of the loop pass it? What would be lost without it?

// %% [markdown] answer="finally" points=2
// The last step, a `break` by whoever iterates, the Stop button, an error such as a loss of NaN. Without it all since the
// last validation would be lost.

// %% id="last-look"
const written = training.generateSamples(lastRun);
for (const { text, method } of written.samples) console.log(`${method.padEnd(8)} ${text}`);
console.log(`${(100 * written.grammaticalShare).toFixed(0)} % of the drawn ones are grammatical`);

// %% [markdown] id="closing"
// ## What you have
//
// - A loss that ignores pads and does not overflow; an AdamW that decays what should decay; warm-up and cosine.
// - A step that is the same however it is cut into micro-batches, and never longer than 1.
// - A loop, a validation that can be trusted, the best weights, and a resume that nobody notices.
// - A trained model in `checkpoints/notebook-03`. Notebook 4 looks inside such a one.
//
// ## Questions
//
// <details><summary>1. Why does <code>train</code> await <code>nextTurn()</code> after every step?</summary>
//
// Reading a loss never gives the turn away, so neither a signal nor the Stop button would get through until the end.
// A timer's turn lets them.
// </details>
//
// <details><summary>2. Why events, and no callbacks?</summary>
//
// Whoever trains writes `for await (const event of train(run))` and does what is needed: log, draw, break. The loop need
// not know any of them, and leaving it in whatever way saves.
// </details>
//
// <details><summary>3. The training loss is 2.9 on level <code>plain</code>. What happened?</summary>
//
// It is below the floor of 3.678, which only works on sentences it has seen often enough: it learns by heart. Look at the
// validation loss; if that is below the floor too, it is a bug: labels not shifted, pads in the mean, a leaking split.
// </details>
//
// <details><summary>4. Why is the gradient's norm logged before clipping?</summary>
//
// After clipping it is 1 most of the time and says nothing. Before, its spikes tell of bad batches and of a rate too high.
// </details>
//
// <details><summary>5. Why are learning rate and bias corrections inputs of a compiled step?</summary>
//
// The step is recorded once. A number of JavaScript would be written down as a constant, and the rate would stay that of
// the first step for ever.
// </details>
//
// ## Further reading
//
// - Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
// - Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; "SGDR", 2017, for the cosine.
// - Goyal and others, "Accurate, Large Minibatch SGD", 2017: warm-up, and why to divide by the whole batch.
// - Pascanu, Mikolov and Bengio, "On the Difficulty of Training Recurrent Neural Networks", 2013: clipping.
// - Prechelt, "Early Stopping - But When?", 1998.
