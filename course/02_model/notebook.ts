// %% [markdown] id="intro"
// # 2. Model: a transformer from its parts
//
// Here you build the model that notebook 3 trains: a small decoder, a cousin of GPT-2. You write its parts yourself and
// put them together; at the end your model and the library's give the same scores, except for rounding.
//
// **You will learn** where the parameters are; why their first values matter; how tensors behave; layer norm; masked
// multi-head attention; the residual stream; how to prove that a model cannot see the future; how to count work and
// memory before you need them.
//
// **Full track: about 3 hours 10 minutes.** 18 exercises, 151 minutes by the numbers above them, a bug hunt among them; an
// open question with figures to reach, 15 minutes; reading and pictures, 25. Every section opens on its own.
//
// **Core track: about 1 hour 20 minutes.** The 5 exercises of importance 5, 53 minutes, and the reading.
//
// **10-minute track, in this very notebook.** Choose *Run → Run All Cells* once; cells that need an answer of yours say
// "not implemented", which is all right. Then read on from 2.1. At each of the five cells that begin with
// `const guessed`, write your guess, run it and the cell below, and look at the picture. That is the ten minutes; with
// twelve more, solve 2.4b. No answer stands below a guess before you made it.
//
// **Before.** TypeScript, and from notebook 1: a *token* is a word or a mark such as `<eos>`, its *id* is its number in
// the vocabulary, a *mask* says which places hold a real token. No machine learning.
//
// **How it works.** Replace the `throw` line of an exercise, run the cell, run the check below it. A check that fails
// says what it expected and, where it recognises one, your mistake. If you skip an exercise, take the ready-made part
// where you need it: `parts.attend` in place of `attend`, and so on.

// %% id="setup"
import { setUpNotebook, show } from "lib/notebook/mod.ts";
await setUpNotebook();

// %% id="imports"
import * as tf from "@tensorflow/tfjs";
import { PARTS, suspects } from "course/02_model/bug_hunt.ts";
import * as parts from "course/02_model/parts.ts";
import { loadCopyingModel } from "course/02_model/trained_model.ts";
import { check } from "course/check.ts";
import { adviseSpeed, runSelfTest, useBackend } from "lib/backend/mod.ts";
import type { Random } from "lib/core/mod.ts";
import * as data from "lib/data/mod.ts";
import { expectSame, expectThat } from "lib/grade/mod.ts";
import * as library from "lib/model/mod.ts";
import { compareGuess } from "lib/notebook/mod.ts";
import {
  activationChart,
  attentionMap,
  displayPlot,
  lossCurve,
  modelDiagram,
} from "lib/plot/mod.ts";
import { measureTraining, predictMinutes } from "lib/run/mod.ts";
import { countParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";

// %% [markdown] id="picture"
// ## 2.1 The whole model
//
// Each token becomes a row of **C** = 256 numbers. The rows flow from left to right in the *residual stream*. A block
// reads the stream, works something out, and *adds* it. Attention lets a position read from earlier ones; feed-forward
// works on each alone. The *output head* turns rows into *logits*: one score for every possible next token.

// %% id="diagram"
/** Shows a chart, once the guess before it is made. */
const showAfter = (guess: number | null, chart: Parameters<typeof displayPlot>[0]) =>
  show(guess === null ? "First write your guess above." : displayPlot(chart));
const config = library.modelConfig();
await show(displayPlot(modelDiagram(config)));

// %% [markdown] id="axes"
// **Seven letters** name all axes, here and in the library: **B** sentences in the batch, **T** positions, **C**
// channels, **H** heads, **D** = C/H channels of one head, **F** feed-forward width, **V** vocabulary. A weight
// [C, F] turns rows of C numbers into rows of F: y = x W + b. How many of all the numbers are in the four blocks?

// %% id="predict-parameters" kind="predict"
const guessedPercent: number | null = 50; // your guess: the blocks' share of all parameters, in percent

// %% id="parameters-truth"
const say = (count: number) => count.toLocaleString("en");
const sizeOf = (settings: library.ModelConfig) =>
  Object.values(library.paramShapes(settings))
    .map((shape) => shape.reduce((a, b) => a * b)).reduce((a, b) => a + b);
const inBlocks = sizeOf(config) - sizeOf({ ...config, layers: 0 });
console.log(
  compareGuess(guessedPercent, Math.round(100 * inBlocks / sizeOf(config)), { unit: " %" }),
);

// %% [markdown] id="countParameters-text"
// ### 2.1a Count the parameters
//
// Read the shapes off the picture. Every linear layer also has a bias: one number per output. A layer norm has a gain
// and a bias, C numbers each. Query, key and value are one matrix [C, 3C]. A *tied* output head uses the token embedding
// again; an untied one is a linear layer [C, V].

// %% solution="countParameters" difficulty=2 importance=3 minutes=8
/** Counts the numbers that training may change, from the model's settings alone. */
export function countParameters(config: library.ModelConfig): number {
  const { vocabSize: V, hiddenSize: C, feedForwardSize: F, maxLength, layers, tiedHead } = config;
  // BEGIN SOLUTION
  const linear = (fanIn: number, fanOut: number) => fanIn * fanOut + fanOut;
  const norm = 2 * C;
  const attention = linear(C, 3 * C) + linear(C, C);
  const block = norm + attention + norm + linear(C, F) + linear(F, C);
  return (V + maxLength) * C + layers * block + norm + (tiedHead ? 0 : linear(C, V));
  // END SOLUTION
}

// %% test="countParameters-test" points=2
await check("countParameters", countParameters);
// BEGIN HIDDEN TESTS
const wide = library.modelConfig({ hiddenSize: 320, heads: 5, layers: 7, tiedHead: false });
expectSame(countParameters(wide), 5_867_304, { what: "the size of a wider model" });
// END HIDDEN TESTS

// %% [markdown] hint="countParameters"
// Write a small function for a linear layer first: `fanIn * fanOut + fanOut`. One block is two norms, attention (two
// matrices: [C, 3C] and [C, C]) and feed-forward (two matrices). Outside the blocks: two tables, one norm, and the
// output head unless it is tied. The number of heads does not matter.

// %% [markdown] id="configure-text"
// ### 2.1b Configure it
//
// Part 2 of the exercise asks for hidden size 256, 4 heads, 4 layers, feed-forward size 512, vocabulary 1000 and 128
// positions, tied head. Write these numbers, unless `settings` says otherwise, under the names of 2.1a, and `heads`. Refuse
// with a `RangeError` what no model can have: sizes are whole numbers from 1, and each head gets C/H channels.

// %% solution="configure" difficulty=2 importance=4 minutes=8
/** Completes settings by those of Part 2; throws a RangeError where a size is impossible. */
export function configure(settings: Partial<parts.ModelSettings> = {}): parts.ModelSettings {
  // BEGIN SOLUTION
  const sizes = { vocabSize: 1000, hiddenSize: 256, heads: 4, layers: 4, feedForwardSize: 512 };
  const config = { ...sizes, maxLength: 128, tiedHead: true, ...settings };
  const { tiedHead: _, ...numbers } = config;
  for (const [name, size] of Object.entries(numbers)) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`${name} is ${size}`);
  }
  if (config.hiddenSize % config.heads !== 0) throw new RangeError("heads must divide hiddenSize");
  return config;
  // END SOLUTION
}

// %% test="configure-test" points=2
await check("configure", configure);

// %% [markdown] hint="configure"
// `{ ...defaults, ...settings }` takes the defaults, and then what was given. `Number.isInteger(size) && size >= 1` is a size;
// `C % H === 0` says that H divides C. The names are those of `config`: `hiddenSize`, `heads`, `layers`, `feedForwardSize`,
// `vocabSize`, `maxLength`, `tiedHead`.

// %% [markdown] id="initialization"
// ## 2.2 Initialisation
//
// Training starts from random numbers. Not from any: each layer multiplies what it gets, and 12 layers multiply 12
// times. Below, noise of (standard) deviation 1 goes through 12 layers: a random matrix, and an *activation function*, which bends
// each number by itself. Here it is ReLU, which sets negative numbers to 0.

// %% id="deep-stack"
const deviationOf = (x: tf.Tensor) => Math.sqrt(tf.moments(x).variance.dataSync()[0] ?? NaN);

/** The deviations before and after each of 12 layers whose weights have the given deviation. */
export function deviationsByDepth(weightDeviation: number, norm = (x: tf.Tensor) => x): number[] {
  return tf.tidy(() => {
    let x: tf.Tensor = tf.randomNormal([64, 256], 0, 1, "float32", 1);
    const deviations = [deviationOf(x)];
    for (let layer = 1; layer <= 12; layer++) {
      const weight = tf.randomNormal([256, 256], 0, weightDeviation, "float32", 1 + layer);
      x = tf.relu(tf.matMul(norm(x), weight));
      deviations.push(deviationOf(x));
    }
    return deviations;
  });
}

// %% [markdown] id="predict-depth-text"
// Weights from a normal distribution with deviation 1: the obvious choice. How large are the numbers after 12 layers?

// %% id="predict-depth" kind="predict"
const guessedPower: number | null = 2; // your guess: of which power of 10 the deviation is after 12 layers; it starts at 10^0

// %% id="depth-truth"
const afterDepth = deviationsByDepth(1).at(-1) ?? NaN;
console.log("power of 10:", compareGuess(guessedPower, Math.round(Math.log10(afterDepth))));

// %% [markdown] id="weightDeviation-text"
// ### 2.2a Xavier and He
//
// An output is a sum of *in* products: its variance is *in* · Var(W) times the input's. To keep it, take 1/in; going
// backward, 1/out. **Xavier** (Glorot) is the compromise; **He** makes up for ReLU, which throws half away.
//
// $$\mathrm{Var}_{Xavier} = \frac{2}{in + out} \qquad \mathrm{Var}_{He} = \frac{2}{in}$$

// %% solution="weightDeviation" difficulty=1 importance=4 minutes=5
/** The standard deviation of a linear layer's weights, from its inputs and outputs. */
export function weightDeviation(rule: "xavier" | "he", fanIn: number, fanOut: number): number {
  // BEGIN SOLUTION
  const variance = rule === "he" ? 2 / fanIn : 2 / (fanIn + fanOut);
  return Math.sqrt(variance);
  // END SOLUTION
}

// %% test="weightDeviation-test" points=1
await check("weightDeviation", weightDeviation);

// %% [markdown] hint="weightDeviation"
// The formulas give a *variance*; the deviation is its square root.

// %% id="depth-chart"
const rules = { "deviation 1": 1, "deviation 0.01": 0.01 };
const fair = {
  Xavier: parts.weightDeviation("xavier", 256, 256),
  He: parts.weightDeviation("he", 256, 256),
};
const depthSeries = Object.entries({ ...rules, ...fair })
  .map(([name, deviation]) => ({ name, deviations: deviationsByDepth(deviation) }));
await showAfter(guessedPower, activationChart(depthSeries));

// %% [markdown] id="depth-lesson"
// - A straight line on a log axis: each layer multiplies by the same factor. The steep ones end in overflow or in nothing.
// - With ReLU, He stays level and Xavier sinks slowly.
// - The gradient takes the same way back, so what vanishes forward learns nothing.

// %% [markdown] id="drawUniform-text"
// ### 2.2b Draw them
//
// Xavier's original form is uniform: every number between −L and L equally likely. Its deviation is not L but L/√3. So
// to get a deviation, take √3 times it as the limit. Take one `random.uniform()` for each number.

// %% solution="drawUniform" difficulty=2 importance=2 minutes=5
/** Draws `count` uniform numbers around 0, of a standard deviation; random.uniform() is 0 to 1. */
export function drawUniform(count: number, deviation: number, random: Random): Float32Array {
  // BEGIN SOLUTION
  const limit = Math.sqrt(3) * deviation;
  return Float32Array.from({ length: count }, () => limit * (2 * random.uniform() - 1));
  // END SOLUTION
}

// %% test="drawUniform-test" points=1
await check("drawUniform", drawUniform);

// %% [markdown] hint="drawUniform"
// `2 * random.uniform() - 1` lies between −1 and 1. `Float32Array.from({ length: count }, () => ...)` calls the function
// once for each number.

// %% [markdown] id="initialValues-text"
// ### 2.2c How each parameter begins
//
// - Biases 0, gains of norms 1: at first a norm only normalises.
// - Embeddings normal with deviation 0.02. They are looked up, not multiplied: no fan-in.
// - Linear weights Xavier-uniform, by `drawUniform` and `weightDeviation` (or `parts.drawUniform` and so on). Query, key and value (`qkv`) are *three* layers side by side, so each has a third of
//   the columns as outputs.

// %% solution="initialValues" difficulty=3 importance=4 minutes=10
/** The first values of the parameter `name`, row by row; linear weights are [in, out]. */
export function initialValues(
  name: string, // such as blocks.0.attention.qkv.weight, finalNorm.bias, tokenEmbedding.weight
  [rows = 1, columns = 1]: readonly number[],
  random: Random,
): Float32Array {
  const size = rows * columns;
  // BEGIN SOLUTION
  if (name.endsWith(".bias")) return new Float32Array(size);
  if (/Norm\.weight$/.test(name)) return new Float32Array(size).fill(1);
  if (/Embedding\.weight$/.test(name)) {
    return Float32Array.from({ length: size }, () => 0.02 * random.normal());
  }
  const fanOut = name.includes("qkv") ? columns / 3 : columns;
  return drawUniform(size, weightDeviation("xavier", rows, fanOut), random);
  // END SOLUTION
}

// %% test="initialValues-test" points=2
await check("initialValues", initialValues);

// %% [markdown] hint="initialValues"
// Go by the name: `name.endsWith(".bias")`, `name.includes("Norm")`, `name.includes("Embedding")`, and all else is a linear
// weight. `random.normal()` has deviation 1: multiply it. For `qkv` hand `columns / 3` to `weightDeviation`.

// %% id="params"
export const params: Params = library.initializeParams(config, 1);
const spread = (x: tf.Tensor) => Math.sqrt(tf.moments(x).variance.dataSync()[0] ?? NaN).toFixed(4);
console.log(
  `${Object.keys(params).length} tensors, ${say(countParams(params))} numbers; deviations:`,
);
for (const [name, tensor] of Object.entries(params)) {
  if (!/blocks\.[123]/.test(name)) {
    console.log(name.padEnd(36), spread(tensor), `[${tensor.shape}]`);
  }
}

// %% [markdown] id="tensors-text"
// ## 2.3 Tensors and layers
//
// A *tensor* is an array of numbers with a *shape*, the size of each axis, and a *dtype*: `float32` for what is computed
// with, `int32` for ids. It cannot be changed; every operation makes a new one.

// %% id="tensors-shapes"
const table = tf.tensor2d([[1, 2, 3], [4, 5, 6]]); // shape [2, 3], float32
await show(table.reshape([3, 2])); // the same order of numbers, new borders: rows 1 2, 3 4, 5 6
await show(table.transpose()); // rows become columns: 1 4, 2 5, 3 6
const someIds = tf.tensor1d([4, 0, 7], "int32");
console.log(table.shape, table.dtype, someIds.shape, someIds.dtype);

// %% [markdown] id="broadcasting-text"
// Both results have shape [3, 2], and only one is what you meant: `reshape` never moves a number, `transpose` does. Where
// two shapes differ, axes of size 1 are repeated to fit, and missing axes in front count as 1: *broadcasting*.

// %% id="tensor-words"
const twoRows = tf.tensor2d([[1, 2, 6], [5, 5, 5]]); // [2, 3]
await show(twoRows.mean(-1, true)); // over the last axis, which is kept with size 1: [2, 1]
await show(twoRows.sub(twoRows.mean(-1, true))); // [2, 3] - [2, 1]: each row minus its mean
await show(twoRows.mul(tf.tensor1d([1, 10, 100]))); // [2, 3] · [3]: each column times its number

// %% [markdown] id="tidy-text"
// **Who frees what.** Tensors live outside of JavaScript, so nothing collects them. `tf.tidy(() => ...)` frees all that was
// made inside, except what it returns. What you return, the caller frees. In a notebook a few forgotten tensors do no
// harm; in a loop of a thousand steps they fill the memory.

// %% id="tidy-play"
const left = (work: () => tf.Tensor) => {
  const before = tf.memory().numTensors, result = work(), made = tf.memory().numTensors - before;
  result.dispose();
  return made - 1; // the result is the caller's
};
const normOf = (x: tf.Tensor) => x.sub(x.mean(-1, true)).square().mean().sqrt();
console.log("left behind:", left(() => normOf(twoRows)));
console.log("with tidy:  ", left(() => tf.tidy(() => normOf(twoRows))));

// %% [markdown] id="compiled-text"
// **Stay with tensors.** `dataSync()` and `arraySync()` read numbers out, for you to look at. A layer must not: no gradient
// flows through numbers put in again. And notebook 3 *compiles* a whole training step: it runs once to record which
// operations follow which, and from then on is one program. There are no numbers yet while it records.
//
// ### 2.3a Layer norm
//
// - Good first values do not stay good. A norm puts every row back in shape, at each position by itself: mean 0, variance
//   1 over its C channels.
// - A learned gain and bias let the model undo what it does not like.
//
// $$y = \frac{x - \mathrm{mean}(x)}{\sqrt{\mathrm{var}(x) + 10^{-5}}} \cdot gain + bias$$

// %% solution="layerNorm" difficulty=2 importance=4 minutes=8
/** Normalises each row of x [B, T, C] over its channels, then · gain [C] + bias [C]. */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  // BEGIN SOLUTION
  const centered = x.sub(x.mean(-1, true));
  const variance = centered.square().mean(-1, true); // [B, T, 1]
  return centered.div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
  // END SOLUTION
}

// %% test="layerNorm-test" points=2
await check("layerNorm", layerNorm);

// %% [markdown] hint="layerNorm"
// Three lines: the centered rows; the mean of their squares, `(-1, true)` again; the quotient. The epsilon goes under the
// root: without it a row of equal numbers is 0/0.

// %% id="norm-tames"
const justNorm = (x: tf.Tensor) => parts.layerNorm(x, tf.ones([256]), tf.zeros([256]));
const tamed = Object.entries(rules).map(([name, deviation]) => ({
  name: `${name}, normed`,
  deviations: deviationsByDepth(deviation, justNorm),
}));
await showAfter(guessedPower, activationChart([...depthSeries.slice(0, 2), ...tamed]));

// %% [markdown] id="norm-lesson"
// - The same extreme weights, with a norm before each layer: too large or too small, but no worse at depth 12 than at depth 1.

// %% [markdown] id="feedForward-text"
// ### 2.3b Feed-forward
//
// What a position does with what it has read happens here: a linear layer up to F channels, an activation function, a
// linear layer down again. Without the bend between them, two matrices are one matrix. GELU, `library.gelu`, is nearly ReLU, but smooth.
// `tf.matMul` wants rows, so x [B, T, C] becomes [B·T, C] and goes back.
//
// $$\mathrm{gelu}(x W_{up} + b_{up}) W_{down} + b_{down}$$

// %% solution="feedForward" difficulty=2 importance=4 minutes=8
/** The feed-forward layer at `path`: params has `${path}.up.weight` [C, F], `.up.bias` [F], `.down`. */
export function feedForward(params: Params, path: string, x: tf.Tensor): tf.Tensor {
  const [B = 0, T = 0, C = 0] = x.shape;
  // BEGIN SOLUTION
  const layer = (name: string, rows: tf.Tensor) =>
    tf.matMul(rows, param(params, `${path}.${name}.weight`))
      .add(param(params, `${path}.${name}.bias`));
  const rows = x.reshape([B * T, C]);
  return layer("down", library.gelu(layer("up", rows))).reshape([B, T, C]);
  // END SOLUTION
}

// %% test="feedForward-test" points=1
await check("feedForward", feedForward);

// %% [markdown] hint="feedForward"
// Write a small function for both linear layers first: rows times weight, plus bias. `param(params, name)` is the
// parameter of a name, such as `${path}.up.weight`. `x.reshape([B * T, C])` makes rows, and the result goes back to
// [B, T, C]. The activation is `library.gelu(rows)`, between the two layers.

// %% id="gelu-picture"
const someX = tf.linspace(-3, 3, 7);
await show(tf.stack([someX, tf.relu(someX), library.gelu(someX)], 1)); // x, ReLU(x), GELU(x)

// %% [markdown] id="attentionMask-text"
// ## 2.4 Attention
//
// ### 2.4a Who may look where
//
// The model learns to guess the next token, at all positions at once. A position that could *see* the next token would
// have nothing to guess. So a query at position t sees keys up to t (*causal*), and of these only real tokens, not
// padding.

// %% id="batch"
const grammar = data.createGrammar("variable");
export const tokenizer = createWordLevelTokenizer(grammar.vocabulary);
const sentences = data.generateCorpus(grammar, { count: 64, seed: 5 });
const examples = data.createDataset(sentences, tokenizer);
const padded = data.padBatch(sentences.map((_, i) => examples.at(i)), { padId: tokenizer.padId });
export const ids = tf.tensor2d(padded.ids, [...padded.shape], "int32"); // [B, T]
export const mask = tf.tensor2d(padded.mask, [...padded.shape]); // [B, T], 1 = a real token
console.log(`ids [${ids.shape}]`, sentences[0]?.join(" "));

// %% solution="attentionMask" difficulty=2 importance=5 minutes=8
/** From mask [B, T], 1 = real, to [B, 1, T, T]: 1 where the query (row) may look at the key. */
export function attentionMask(mask: tf.Tensor): tf.Tensor {
  const [B = 0, T = 0] = mask.shape;
  // BEGIN SOLUTION
  const query = tf.range(0, T).reshape([1, 1, T, 1]), key = tf.range(0, T).reshape([1, 1, 1, T]);
  const causal = key.lessEqual(query).cast("float32"); // [1, 1, T, T]
  return causal.mul(mask.reshape([B, 1, 1, T]));
  // END SOLUTION
}

// %% test="attentionMask-test" points=2
await check("attentionMask", attentionMask);

// %% [markdown] hint="attentionMask"
// `tf.range(0, T)` are the positions. As a column [T, 1] they are queries, as a row [1, T] keys; `key.lessEqual(query)`
// compares each with each. Padding hides *columns*: reshape the mask to [B, 1, 1, T] and multiply. The axis of size 1 is
// for the heads: all share one mask.

// %% id="mask-picture"
const lengths = sentences.map((words) => words.length);
const shortest = lengths.indexOf(Math.min(...lengths));
const maskPanels = [0, shortest].map((row) => {
  const weights = tf.tidy(() => parts.attentionMask(mask).gather([row]).squeeze().arraySync());
  // arraySync() cannot know that two axes are left.
  return { title: `sentence ${row}: ${lengths[row]} words`, weights: weights as number[][] };
});
await show(displayPlot(attentionMap(maskPanels))); // dark: the row may look at the column

// %% [markdown] id="softmax-text"
// ### 2.4b Attention itself
//
// **Softmax** turns scores into shares: e to each score, divided by the sum of them all. The shares are positive and sum to
// 1; a score that is 1 higher gets e = 2.7 times the share, and a score of −10⁹ gets none.
//
// $$\mathrm{softmax}(s)_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$$

// %% id="softmax-play"
await show(tf.softmax(tf.tensor1d([0, 1, 2, -1e9])));

// %% [markdown] id="attend-text"
// Think of a dictionary that is looked up softly. Every position makes a *query* (what I look for), a *key* (what I am
// found by) and a *value* (what I hand over). A query scores all keys; softmax makes shares of them; the result is the
// values, mixed by these shares.
//
// $$\mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{D}}\right) V$$

// %% solution="attend" difficulty=3 importance=5 minutes=12
/** Mixes values by who looks where: softmax(q kᵀ / √D) v, only where `allowed` [B, 1, T, T] is 1. */
export function attend(
  { queries, keys, values }: parts.QueriesKeysValues, // each [B, H, T, D]
  allowed: tf.Tensor,
): { mixed: tf.Tensor; weights: tf.Tensor } {
  // BEGIN SOLUTION
  const D = queries.shape.at(-1) ?? 0;
  const scores = tf.matMul(queries, keys, false, true).div(Math.sqrt(D)); // [B, H, T, T]
  const weights = tf.softmax(scores.add(allowed.sub(1).mul(1e9))); // hidden: -10⁹
  return { mixed: tf.matMul(weights, values), weights };
  // END SOLUTION
}

// %% test="attend-test" points=3
await check("attend", attend);

// %% [markdown] hint="attend"
// `tf.matMul(a, b, false, true)` is a bᵀ for the last two axes. A hidden score must become hugely negative *before*
// softmax, so that e to it is 0: add `allowed.sub(1).mul(1e9)`, which is 0 where allowed and −10⁹ where not. `tf.softmax`
// runs over the last axis, the keys.

// %% [markdown] id="attend-scale"
// **Why √D?** A score is a sum of D products, so its deviation is √D. Large scores make softmax pick one key and forget
// the others, and then it passes no gradient on. Guess the largest share among 16 keys, for random vectors of D = 64,
// *without* the scale.

// %% id="predict-share" kind="predict"
const guessedShare: number | null = 10; // your guess: the largest share, in percent; even shares would be 6 %

// %% id="share-truth"
const someQueries = tf.randomNormal([500, 64], 0, 1, "float32", 1);
const someKeys = tf.randomNormal([16, 64], 0, 1, "float32", 2);
const largestShare = (divisor: number) => {
  const shares = tf.softmax(tf.matMul(someQueries, someKeys, false, true).div(divisor));
  return Math.round(100 * (shares.max(-1).mean().dataSync()[0] ?? NaN));
};
console.log(compareGuess(guessedShare, largestShare(1), { unit: " %" }));
if (guessedShare !== null) console.log(`with √D: ${largestShare(Math.sqrt(64))} %`);

// %% [markdown] id="trained-text"
// **A trained one.** A model of one block and two heads has learned the level `copy`: two sentences, the second with
// the noun and the verb of the first. It reads "... The sad **ant**", and *hugs* must follow. How much of its attention does
// this second noun give to the first verb?

// %% id="predict-attention" kind="predict"
const guessedAttention: number | null = 30; // your guess, in percent; even shares over 9 keys would be 11 %

// %% id="attention-truth"
export const trained = loadCopyingModel();
const copying = createWordLevelTokenizer(data.createGrammar("copy").vocabulary);
const story = ["<bos>", ..."The cold ant hugs sullenly The sad ant hugs modestly".split(" ")];
const storyIds = tf.tensor2d([story.map((word) => copying.idOf(word) ?? 0)], [1, 11], "int32");
const trainedMaps = library.forward(trained.config, trained.params, storyIds).attention
  .flatMap((map) => map.squeeze([0]).arraySync() as number[][][]); // [H][T][T]
const toVerb = 100 * (trainedMaps[0]?.[8]?.[4] ?? NaN);
console.log(compareGuess(guessedAttention, Math.round(toVerb), { unit: " %" }));

// %% id="trained-maps"
const trainedPanels = trainedMaps.map((weights, head) => ({ title: `head ${head}`, weights }));
await showAfter(guessedAttention, attentionMap(trainedPanels, { tokens: story }));

// %% [markdown] id="trained-lesson"
// <details><summary>After your guess: what it means</summary>
//
// - Head 0 copies: in the second sentence "sad" looks at the first noun, and "ant" at the first verb. That is the word which
//   must come next.
// - Elsewhere nothing needs to be copied, and the heads look at what does no harm, often `<bos>`.
//
// </details>

// %% id="attend-play"
const trainedBlock = tf.tidy(() => {
  const tokens = param(trained.params, "tokenEmbedding.weight");
  const places = param(trained.params, "positionEmbedding.weight").slice([0, 0], [11, -1]);
  const x = parts.norm(
    trained.params,
    "blocks.0.attentionNorm",
    tf.gather(tokens, storyIds).add(places),
  );
  const qkv = tf.split(parts.linear(trained.params, "blocks.0.attention.qkv", x), 3, -1);
  const [queries, keys, values] = qkv.map((third) => parts.splitHeads(third, 2));
  if (!queries || !keys || !values) throw new RangeError("expected three parts");
  return attend({ queries, keys, values }, parts.attentionMask(tf.ones([1, 11]))).weights; // yours
});
const myMap = trainedBlock.slice([0, 0, 8], [1, 2, 1]).reshape([2, 11]);
console.log("from the second ant, head 0 and head 1:", story.join(" "));
await show(myMap.mul(100).round());

// %% [markdown] id="heads-text"
// ### 2.4c Heads
//
// One look is not enough: a verb may need its noun *and* its adverb. So C is cut into H *attention heads* of D = C/H
// channels (not the output head: that is another thing). Head 0 gets channels 0 to D−1, head 1 the next D. Positions must stay apart from
// heads: here most transformers written by hand are broken.

// %% solution="splitHeads" difficulty=3 importance=4 minutes=7
/** Cuts x [B, T, C] into heads: [B, H, T, D]. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [B = 0, T = 0, C = 0] = x.shape;
  // BEGIN SOLUTION
  return x.reshape([B, T, heads, C / heads]).transpose([0, 2, 1, 3]);
  // END SOLUTION
}

// %% test="splitHeads-test" points=1
await check("splitHeads", splitHeads);

// %% [markdown] hint="splitHeads"
// `reshape` never moves a number, it only draws the borders anew. So first draw one inside C, [B, T, H, D], then swap the
// axes T and H by `transpose([0, 2, 1, 3])`.

// %% id="heads-play"
const numbered = tf.range(0, 12).reshape([1, 3, 4]); // 3 positions of 4 channels
await show(numbered);
await show(splitHeads(numbered, 2)); // yours: 2 heads of 3 positions of 2 channels

// %% [markdown] id="join-heads"
// **And back.** After attention, the heads of each position are put side by side again, head 0 first. What `splitHeads` cut,
// `joinHeads` makes whole: `joinHeads(splitHeads(x, 2))` is x.

// %% solution="joinHeads" difficulty=2 importance=4 minutes=4
/** Puts heads [B, H, T, D] together again, one beside the other: [B, T, C]. */
export function joinHeads(x: tf.Tensor): tf.Tensor {
  const [B = 0, H = 0, T = 0, D = 0] = x.shape;
  // BEGIN SOLUTION
  return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]);
  // END SOLUTION
}

// %% test="joinHeads-test" points=1
await check("joinHeads", joinHeads);

// %% [markdown] hint="joinHeads"
// The same two steps backwards: first `transpose`, then `reshape`. Each undoes its own.

// %% [markdown] id="multiHeadAttention-text"
// ### 2.4d The attention layer
//
// Now wire it up. The linear layer `qkv` makes [B, T, 3C]: queries, keys, values side by side. Cut it in three, cut
// each into heads, attend, join the heads, and send the result through the linear layer `output`.
// `parts.linear(params, path, x)` is a linear layer.

// %% solution="multiHeadAttention" difficulty=3 importance=4 minutes=10
/** Applies the attention layer at `path` (blocks.0.attention) to x [B, T, C]; gives [B, T, C]. */
export function multiHeadAttention(
  params: Params,
  path: string,
  x: tf.Tensor,
  { heads, allowed }: parts.HeadsAndMask,
): tf.Tensor {
  // BEGIN SOLUTION
  const thirds = tf.split(parts.linear(params, `${path}.qkv`, x), 3, -1);
  const [queries, keys, values] = thirds.map((third) => splitHeads(third, heads));
  if (!queries || !keys || !values) throw new RangeError("Cannot attend: expected three parts");
  const { mixed } = attend({ queries, keys, values }, allowed);
  return parts.linear(params, `${path}.output`, joinHeads(mixed));
  // END SOLUTION
}

// %% test="multiHeadAttention-test" points=2
await check("multiHeadAttention", multiHeadAttention);

// %% [markdown] hint="multiHeadAttention"
// `tf.split(x, 3, -1)` cuts the last axis into three tensors. Use your own `splitHeads`, `attend`, `joinHeads`, or those of
// `parts`. TypeScript does not know that there are three: `const [queries, keys, values] = ... as [tf.Tensor, tf.Tensor, tf.Tensor]`
// tells it.

// %% id="first-maps"
const fresh = library.initializeParams(trained.config, 1); // as the trained model was before
const firstMaps = library.forward(trained.config, fresh, storyIds).attention
  .flatMap((map) => map.squeeze([0]).arraySync() as number[][][]); // [H][T][T]
const bothPanels = [firstMaps, trainedMaps].map(([weights = []], i) => ({
  title: `head 0, ${i === 0 ? "untrained" : "trained"}`,
  weights,
}));
await showAfter(guessedAttention, attentionMap(bothPanels, { tokens: story }));

// %% [markdown] id="first-maps-lesson"
// - Before training a head looks here and there, at random. What training makes of it is sharp.
// - Notebook 4 looks into more heads, and proves what they are for by switching them off.

// %% [markdown] id="block-text"
// ## 2.5 The residual block
//
// Each half reads a *normed copy* of the stream, and adds its result to the stream itself:
//
// $$h = x + \mathrm{attention}(\mathrm{norm}(x)) \qquad y = h + \mathrm{feedForward}(\mathrm{norm}(h))$$
//
// Nothing ever overwrites the stream, so gradients run back to the first layer through plain sums. This order is
// called *pre-norm*.

// %% solution="block" difficulty=2 importance=5 minutes=8
/** Runs the block at `path`: attentionNorm, attention, feedForwardNorm, feedForward. x [B, T, C]. */
export function block(
  params: Params,
  path: string,
  x: tf.Tensor,
  options: parts.HeadsAndMask,
): tf.Tensor {
  const norm = (name: string, y: tf.Tensor) => parts.norm(params, `${path}.${name}`, y);
  // BEGIN SOLUTION
  const normed = norm("attentionNorm", x);
  const h = x.add(multiHeadAttention(params, `${path}.attention`, normed, options));
  return h.add(feedForward(params, `${path}.feedForward`, norm("feedForwardNorm", h)));
  // END SOLUTION
}

// %% test="block-test" points=3
await check("block", block);

// %% [markdown] hint="block"
// Two lines, one for each half; `multiHeadAttention` and `feedForward` are yours, or those of `parts`. Mind what is added to what: `x.add(attention of the normed x)` is h; then
// `h.add(feed-forward of the normed h)`, with the *other* norm.

// %% [markdown] id="forward-text"
// ## 2.6 The whole forward pass
//
// ### 2.6a From ids to logits
//
// 1. Look up each id's row in the token embedding, and add the row of its *position*: attention alone cannot tell order.
// 2. Run the blocks, one after the other.
// 3. Apply the final norm: `parts.norm(params, "finalNorm", x)`.
// 4. Tied output head: score the result against every row of the token table, y Eᵀ.

// %% solution="forward" difficulty=3 importance=5 minutes=13
/** Runs the model with a tied output head: ids int32 [B, T] and mask [B, T] to logits [B, T, V]. */
export function forward(
  config: library.ModelConfig,
  params: Params,
  ids: tf.Tensor,
  mask: tf.Tensor,
): tf.Tensor {
  const [B = 0, T = 0] = ids.shape, { heads, layers, hiddenSize: C, vocabSize: V } = config;
  // BEGIN SOLUTION
  const tokens = param(params, "tokenEmbedding.weight"); // [V, C]
  const positions = param(params, "positionEmbedding.weight").slice([0, 0], [T, C]);
  let x = tf.gather(tokens, ids).add(positions); // [B, T, C]
  const allowed = attentionMask(mask);
  for (let i = 0; i < layers; i++) x = block(params, `blocks.${i}`, x, { heads, allowed });
  x = parts.norm(params, "finalNorm", x);
  return tf.matMul(x.reshape([B * T, C]), tokens, false, true).reshape([B, T, V]);
  // END SOLUTION
}

// %% test="forward-test" points=4
await check("forward", forward);

// %% [markdown] hint="forward"
// `tf.gather(table, ids)` looks up rows: [B, T, C]. The first T rows of the position table are
// `param(params, "positionEmbedding.weight").slice([0, 0], [T, C])`. The blocks' paths are `blocks.0`, `blocks.1`, ... For the
// output head, reshape to [B·T, C] and take `tf.matMul(rows, table, false, true)`.

// %% id="agree"
const worst = tf.tidy(() => {
  const mine = forward(config, params, ids, mask).flatten();
  const theirs = library.forward(config, params, ids, { mask }).logits.flatten();
  return mine.sub(theirs).abs().max().dataSync()[0] ?? NaN;
});
console.log(
  `${say(ids.size * config.vocabSize)} logits, the worst differs by ${worst.toExponential(1)}`,
);
expectThat(worst < 1e-5, `expected the library's logits, got ${worst} away from them`);

// %% [markdown] id="stream-text"
// **The stream by depth.** Now the chart of 2.2 for the real model: how large the numbers in the stream are before and after
// each of its 4 blocks, for several initialisations. Compare the slopes with the plain stack's.

// %% id="stream-chart"
export function streamByDepth(params: Params): number[] {
  return tf.tidy(() => {
    const position = param(params, "positionEmbedding.weight").slice([0, 0], [ids.shape[1], -1]);
    let x = tf.gather(param(params, "tokenEmbedding.weight"), ids).add(position);
    const deviations = [deviationOf(x)], options = { heads: 4, allowed: parts.attentionMask(mask) };
    for (let i = 0; i < config.layers; i++) {
      x = parts.block(params, `blocks.${i}`, x, options);
      deviations.push(deviationOf(x));
    }
    return deviations;
  });
}

// %% id="stream-picture"
const drawn = (["xavier-uniform", "he-normal", "normal"] as const).map((initialization) => ({
  name: initialization,
  deviations: streamByDepth(library.initializeParams({ ...config, initialization }, 1)),
}));
const tooLarge = mapParams(
  params,
  (weight, name) => /blocks.*weight/.test(name) ? weight.mul(10) : weight,
);
const mad = { name: "Xavier times 10", deviations: streamByDepth(tooLarge) };
await show(displayPlot(activationChart([...drawn, mad], { unit: "block" })));

// %% [markdown] id="stream-lesson"
// - The stream grows by sums, not by products: absurd weights make it large once, then it hardly grows.
// - Norms and residuals are why transformers forgive. Not everything: the embeddings, at 0.03, are drowned in the extreme one.

// %% [markdown] id="isCausal-text"
// ### 2.6b Prove that it cannot see the future
//
// A leak in the mask is a bug in disguise: the loss becomes *wonderful*. So test it from outside: change
// one token, and no logit *before* it may move. Your test gets a function from ids [T] to logits [T][V], and must catch
// leaks from any place to any other. (An endless loop ends only with the kernel: restart it.)

// %% solution="isCausal" difficulty=3 importance=5 minutes=12
/** Whether no change of a token changes logits before it by more than 1e-4 (rounding). */
export function isCausal(logitsOf: parts.LogitsOf, ids: readonly number[]): boolean {
  // BEGIN SOLUTION
  const before = logitsOf(ids);
  return ids.every((id, place) => {
    const after = logitsOf(ids.with(place, id === 5 ? 6 : 5));
    return after.slice(0, place).every((row, t) =>
      row.every((logit, v) => Math.abs(logit - (before[t]?.[v] ?? NaN)) <= 1e-4)
    );
  });
  // END SOLUTION
}

// %% test="isCausal-test" points=3
await check("isCausal", isCausal);

// %% [markdown] hint="isCausal"
// For every place: `ids.with(place, otherId)` is a copy with one token changed; take an id that really is another. Compare
// the logits of *all* places before it, and only those. `every` inside `every` inside `every` is fine.

// %% id="isCausal-play"
const whole: parts.LogitsOf = (ids) =>
  tf.tidy(() => {
    const row = tf.tensor2d([...ids], [1, ids.length], "int32");
    const logits = parts.forward(config, params, row, tf.ones(row.shape));
    return logits.squeeze([0]).arraySync() as number[][]; // [T, V]
  });
const oldDog = [...tokenizer.encode("The old dog runs slowly")];
const peeking: parts.LogitsOf = (ids) => whole([...ids.slice(1), tokenizer.padId]);
console.log("the model:                          ", isCausal(whole, oldDog)); // your isCausal
console.log("fed with ids shifted once too often:", isCausal(peeking, oldDog));

// %% [markdown] id="first-loss"
// ### 2.6c The first loss
//
// One more test that costs nothing. The loss is the mean of −ln p over the targets, where p is the probability (softmax of
// the logits) that the model gives to the token that came; its unit is the *nat*. The model knows nothing yet: all 1,000
// tokens look alike to it. What is its first loss?

// %% id="predict-loss" kind="predict"
const guessedLoss: number | null = 1; // your guess, in nats

// %% id="loss-truth"
const labels = tf.randomUniform([ids.size], 0, config.vocabSize, "int32", 1); // [B·T]
const lossOf = (weights: Params) =>
  tf.tidy(() => {
    const { logits } = library.forward(config, weights, ids, { mask });
    return library.crossEntropy(logits, labels).dataSync()[0] ?? NaN;
  });
const firstLoss = lossOf(params);
console.log(compareGuess(guessedLoss, firstLoss, { unit: " nats", format: (x) => x.toFixed(3) }));
expectThat(
  Math.abs(firstLoss - Math.log(1000)) < 0.1,
  "expected a first loss within 0.1 of ln 1000, got another one",
);

// %% id="loss-spoiled"
const spoiled = mapParams(params, (x, name) => name === "tokenEmbedding.weight" ? x.mul(50) : x);
if (guessedLoss !== null) {
  console.log(`embeddings of deviation 1, PyTorch's default: ${lossOf(spoiled).toFixed(1)} nats`);
}

// %% [markdown] id="first-loss-lesson"
// <details><summary>After your guess: what it means</summary>
//
// - Who gives each of V tokens the probability 1/V has the loss ln V: for 1,000 tokens 6.908.
// - Far above ln V: the model is *sure of nonsense*. Far below: it sees the answer.
// - Always look at the first loss before you wait for the last one.
//
// </details>

// %% [markdown] id="hunt-text"
// ### 2.6d Bug hunt
//
// Three models were trained on `copy`, each with one broken part. All of them run, and all of them learn. The charts have
// the training loss of a right one, and theirs.
//
// - 4.01: it knows which sort of word comes next, and copies nothing.
// - 3.51: it copies either the noun or the verb.
// - 3.008: it copies both, which is the best possible; on sentences seen before it may be a little less.

// %% id="hunt-curves"
for (const [name, { losses }] of Object.entries(suspects)) {
  const rows = losses.map((trainLoss, i) => ({ step: 50 * (i + 1), trainLoss }));
  console.log(`${name}: the last loss is ${losses.at(-1)}`);
  await show(displayPlot(lossCurve(rows, { ladder: { floor: 3.008 } })));
}

// %% [markdown] id="findBugs-text"
// Which part is it? `ask("A")` gives the suspect's logits for ids, as `isCausal` wants them; the weights are those of the
// trained model. Is it causal? Do the last logits move when two earlier words change places? When an earlier word is another
// one? One of the curves looks quite right: prove each suspicion by an experiment.

// %% id="hunt-tools"
console.log("the parts:", PARTS.join(", "));
export const ask = (name: keyof typeof suspects): parts.LogitsOf => (ids) =>
  tf.tidy(() => {
    const row = tf.tensor2d([...ids], [1, ids.length], "int32"), real = tf.ones(row.shape);
    const logits = suspects[name].forward(trained.config, trained.params, row, real);
    return logits.squeeze([0]).arraySync() as number[][]; // [T, V]
  });
/** How far the last logits move from some ids to others. */
export const moves = (name: keyof typeof suspects, ids: number[], others: number[]): number => {
  const [before = [], after = []] = [ids, others].map((words) => ask(name)(words).at(-1) ?? []);
  return parts.worstDifference(Float32Array.from(before), Float32Array.from(after));
};
console.log("right: causal", parts.isCausal(ask("right"), [1, 4, 90, 300, 7]));
console.log("right: two words swapped", moves("right", [1, 4, 90, 300, 7], [1, 90, 4, 300, 7]));

// %% solution="findBugs" difficulty=3 importance=4 minutes=12
/** The broken part of each suspect. */
export function findBugs(): Record<"A" | "B" | "C", string> {
  // BEGIN SOLUTION
  return { A: "blocks", B: "causal mask", C: "position embedding" };
  // END SOLUTION
}

// %% test="findBugs-test" points=3
await check("findBugs", findBugs);

// %% [markdown] hint="findBugs"
// A loss below the best possible one has only one explanation. For the others, try `moves("A", ids, others)` with two
// earlier words swapped, and with another word in the place of one. Do the same with `"right"`: what moves there?

// %% [markdown] id="devices"
// ## 2.7 Devices, work and memory
//
// A tensor's numbers live where its *backend* computes: in TensorFlow's memory, on a GPU, or in JavaScript. A process has
// one of them, so model and data are always together. `tf.tensor()` copies numbers there; `dataSync()` copies them back,
// and waits for a GPU to be done: a training loop reads one loss a step, not the logits.

// %% id="device-here"
const machine = await useBackend(); // chosen once
const { name: backendName, device, version, threads, isGpu } = machine;
console.log(`${backendName} ${version} on ${device}, ${isGpu ? "a GPU" : `${threads} threads`}`);
console.log(`all ${tf.memory().numTensors} tensors of this notebook are in ${tf.getBackend()}`);
const { available, total } = Deno.systemMemoryInfo();
console.log(`${(available / 1e9).toFixed(1)} of ${(total / 1e9).toFixed(1)} GB of memory are free`);

// %% [markdown] id="doctor-text"
// **Does it compute correctly, and how fast?** A broken driver gives wrong numbers and no error. So the next cell compares
// small results of every family of operations with recorded ones, trains the exercise's model for a few steps, and
// predicts the minutes of the notebooks here. `./denow task doctor` looks at the installation, too.

// %% id="doctor"
for (const { family, cases, worst, failures } of runSelfTest({ backend: backendName })) {
  const verdict = failures.length === 0 ? `${cases} results are right` : failures.join("; ");
  console.log(family.padEnd(24), `${verdict}, largest difference ${worst.toExponential(0)}`);
}
const trial = await measureTraining();
const [before, after] = [trial.firstLoss, trial.lastLoss].map((loss) => loss.toFixed(2));
console.log(`training: ${trial.tokensPerSecond.toFixed(0)} tokens/s`);
console.log(`the loss went from ${before} to ${after} in ${trial.steps} steps`);
for (const [name, minutes] of Object.entries(predictMinutes(trial.tokensPerSecond))) {
  console.log(`${name.padEnd(14)} about ${minutes.toFixed(1)} minutes with its solutions`);
}
for (const line of adviseSpeed(machine)) console.log("faster with", line);

// %% [markdown] id="chooseDevice-text"
// ### 2.7a Where to put it
//
// "On the GPU if there is one" is not the whole rule: it must have room. Of the devices with enough free memory take a GPU,
// the one with the most room if there are several; else a CPU, again the one with the most. Where nothing has room, throw a
// `RangeError`.

// %% solution="chooseDevice" difficulty=2 importance=3 minutes=7
/** The name of the device to use; each has { name, isGpu, freeBytes }. */
export function chooseDevice(devices: readonly parts.Device[], neededBytes: number): string {
  // BEGIN SOLUTION
  const fitting = devices.filter(({ freeBytes }) => freeBytes >= neededBytes)
    .toSorted((a, b) => b.freeBytes - a.freeBytes);
  const chosen = fitting.find(({ isGpu }) => isGpu) ?? fitting[0];
  if (chosen === undefined) throw new RangeError(`no device has ${neededBytes} bytes`);
  return chosen.name;
  // END SOLUTION
}

// %% test="chooseDevice-test" points=2
await check("chooseDevice", chooseDevice);

// %% [markdown] hint="chooseDevice"
// First `filter` by memory, then sort a copy by it (`toSorted((a, b) => b.freeBytes - a.freeBytes)`); then the first GPU of what
// is left, or else the first of all.

// %% [markdown] id="worstDifference-text"
// ### 2.7b The same numbers everywhere
//
// Backends add in different orders, so the last digits differ. "The same" means: within rounding, everywhere. Write the
// measure, and mind NaN: a broken backend that gives NaN must not pass for equal.

// %% solution="worstDifference" difficulty=2 importance=3 minutes=6
/** The largest |a − b| of two lists of equal length; NaN if any number is NaN. */
export function worstDifference(a: Float32Array, b: Float32Array): number {
  // BEGIN SOLUTION
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN))), 0);
  // END SOLUTION
}

// %% test="worstDifference-test" points=1
await check("worstDifference", worstDifference);

// %% [markdown] hint="worstDifference"
// A loop or `reduce` with `Math.max(worst, Math.abs(a[i] - b[i]))`. `Math.max` hands NaN on, while `if (x > worst)` passes it
// over. `Math.max(...differences)` breaks at a few hundred thousand numbers.

// %% [markdown] id="backends-text"
// **A real move.** A process chooses its backend and its device once, so each runs in a process of its own: this very
// program, told by `useBackend({ backend, device })` where to work. The first row asks for a GPU; where there is none,
// the library says so and does not quietly take something else.

// %% id="logits-on"
const program = `
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { forward, initializeParams, modelConfig } from "lib/model/mod.ts";
await useBackend(JSON.parse(Deno.args[0]));
const words = tf.tensor2d([[1, 4, 9, 7, 300, 999]], [1, 6], "int32");
const { logits } = forward(modelConfig(), initializeParams(modelConfig(), 1), words);
console.log(JSON.stringify([...logits.dataSync()]));
`;
export async function logitsOn(place: { backend: string; device?: string }): Promise<Float32Array> {
  const args = ["eval", program, JSON.stringify(place)];
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (success) return Float32Array.from(JSON.parse(new TextDecoder().decode(stdout)));
  throw new Error(/Cannot [^\n]*/.exec(new TextDecoder().decode(stderr))?.[0] ?? "it failed");
}

// %% id="backends"
const here = await logitsOn({ backend: backendName });
const places = [
  { backend: "tensorflow", device: "gpu" },
  { backend: "wasm" },
  { backend: "cpu" }, // plain JavaScript
];
for (const place of places) {
  const where = `${place.backend} ${place.device ?? ""}`.padEnd(16);
  const answer = await logitsOn(place).catch(String);
  if (typeof answer === "string") console.log(where, answer);
  else console.log(where, `differs by ${parts.worstDifference(here, answer).toExponential(1)}`);
}

// %% [markdown] id="work-text"
// ### 2.7c Open: count the work and the memory by hand
//
// One product of [n, k] and [k, m] takes n·m·k multiplications and as many additions: 2·n·m·k operations. Count the forward
// pass for B = 64 sentences of T = 16: all products of one token, block by block, then times B·T. And the memory that training
// holds: parameters, their gradients, and two more numbers per parameter for AdamW.

// %% id="predict-work" kind="predict"
const countedGigaflops: number | null = 4.9; // yours: 10⁹ operations in the products of one forward pass

// %% id="predict-memory" kind="predict"
const countedMegabytes: number | null = 38.4; // yours: MB of parameters, gradients and AdamW's two records

// %% id="work-truth"
const { kernels } = await tf.profile(() => {
  const sentences = tf.ones([64, 16], "int32");
  return library.forward(config, params, sentences).logits;
});
const operations = kernels.filter(({ name }) => name === "BatchMatMul").map((product) => {
  const inner = product.inputShapes[0]?.at(-1) ?? 0; // what each sum runs over
  return product.outputShapes[0]?.reduce((size, axis) => size * axis, 2 * inner) ?? NaN;
});
const gigaflops = operations.reduce((a, b) => a + b, 0) / 1e9;
const oneDigit = (x: number) => x.toFixed(1);
console.log(compareGuess(countedGigaflops, gigaflops, { unit: " GFLOP", format: oneDigit }));
const held = 4 * 4 * countParams(params) / 1e6;
console.log(compareGuess(countedMegabytes, held, { unit: " MB", format: oneDigit }));

// %% [markdown] id="work-rubric"
// Write below how you got there. **Rubric**, a point each:
//
// 1. The products of one token in one block, each with its sizes, attention's two among them.
// 2. The output head, and its share of the whole. Your total is within 1 % of the count.
// 3. Memory: which four records, how many bytes each. Within 1 % of the count.
// 4. What doubles when T doubles, and what becomes four times as much? And the backward pass takes about twice the work of
//    the forward pass: why?

// %% [markdown] answer="work-answer" points=4
// Per token and block: qkv 2·256·768 = 393,216; scores and mixing 2·16·256 each, 16,384 together; output 2·256·256 = 131,072;
// up and down 2·256·512 each, 524,288 together: 1,064,960. Four blocks: 4,259,840. Output head: 2·256·1000 = 512,000, 11 % of
// the whole. Together 4,771,840 per token, times 64·16 = 1,024 tokens: **4.89 GFLOP**.
//
// Parameters, gradients, AdamW's mean and mean square: 4 records of 2,397,696 numbers of 4 bytes: **38.4 MB**.
//
// Everything per token doubles with T, as there are twice as many; scores and mixing become four times as much, as each of
// twice as many tokens looks at twice as many. Backward, each product y = x W needs two of the same size: one for the
// gradient of x and one for that of W.

// %% [markdown] id="closing"
// ## What you have
//
// - A decoder of **2,397,696** parameters, 88 % of them in the blocks, all of whose parts you wrote, equal to the library's.
// - First values that keep the numbers in range, and charts that show it.
// - Three tests for any model: the right size, no look ahead, a first loss of **ln V**.
// - The same logits on every backend, and the work and the memory of a step counted before it runs.
//
// Now read `lib/model/transformer.ts`: it is what you wrote, plus dropout and a cache for generation.
//
// ## Questions
//
// <details><summary>1. Why must the mask be applied before softmax, and not after?</summary>
//
// After it the rows no longer sum to 1, and the hidden keys have already taken their share of e to the score.
// </details>
//
// <details><summary>2. You forgot the position embedding. What can the model still learn?</summary>
//
// Surprisingly much: the causal mask itself tells positions apart a little, since the first sees one key and the tenth
// sees ten. But within what it sees, order is lost.
// </details>
//
// <details><summary>3. The first loss is 0.7 instead of 6.9. What do you check first?</summary>
//
// The causal mask, and whether labels are shifted: somewhere the model sees the answer.
// </details>
//
// <details><summary>4. Why is the first loss a little <em>above</em> ln 1000?</summary>
//
// The logits are not quite equal but random, of deviation 0.32. Whoever is a little sure, of nothing in particular, loses
// half the variance: 0.05 nats.
// </details>
//
// <details><summary>5. More heads, same C: more parameters?</summary>
//
// No. The same matrices are cut into narrower slices. Each head looks with fewer channels.
// </details>
//
// ## Further reading
//
// - Vaswani et al., "Attention Is All You Need", 2017: sections 3.1 and 3.2 are exercise 2.4.
// - Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), 2019: pre-norm and the tied head.
// - Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
// - He et al., "Delving Deep into Rectifiers", 2015. Ba, Kiros and Hinton, "Layer Normalization", 2016.
// - Xiong et al., "On Layer Normalization in the Transformer Architecture", 2020: pre-norm against post-norm.
