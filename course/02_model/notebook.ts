// %% [markdown] id="intro"
// # 2. Model: a transformer from its parts
//
// Here you build the model that notebook 3 trains: a small decoder, a cousin of GPT-2, with 2.4 million numbers that
// will be learned. You write every part yourself and put them together; at the end your model and the library's give
// the same logits, but for rounding.
//
// **You will learn** where the parameters are; why their first values matter; layer norm; masked multi-head
// attention; the residual stream; how to prove that a model cannot see the future; what a backend is.
//
// **Time.** Full track: 16 exercises, about 2 hours. 10-minute track: open `notebooks/solutions/02_model.ipynb`, make
// the five guesses, look at the pictures, then solve 2.4b here.
//
// **Before.** TypeScript, and what ids and masks are (notebook 1). No machine learning. A *tensor* is an array of
// numbers with a shape, no more.
//
// **How it works.** Replace the `throw` line of an exercise, run the cell, run the check below it. A check that fails
// says what it expected and which mistake that looks like. The parts build on each other: to skip one, unfold its
// solution, copy it, and run it.

// %% id="setup"
import { setUpNotebook, show } from "lib/notebook/mod.ts";
await setUpNotebook();

// %% id="imports"
import * as tf from "@tensorflow/tfjs";
import { check } from "course/check.ts";
import {
  type HeadsAndMask,
  linear,
  type LogitsOf,
  type QueriesKeysValues,
} from "course/02_model/parts.ts";
import { useBackend } from "lib/backend/mod.ts";
import { deriveSeed, Random } from "lib/core/mod.ts";
import * as data from "lib/data/mod.ts";
import { expectSame, expectThat } from "lib/grade/mod.ts";
import * as library from "lib/model/mod.ts";
import { activationChart, attentionMap, displayPlot, modelDiagram } from "lib/plot/mod.ts";
import { countParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";

// %% [markdown] id="picture"
// ## 2.1 The whole model
//
// Each token becomes a row of **C** = 256 numbers. The rows flow from left to right in the *residual stream*. A block
// reads the stream, works something out, and *adds* it. Attention lets a position read from earlier ones; feed-forward
// lets each think for itself. The head turns rows into *logits*: one score for every possible next token.

// %% id="diagram"
const config = library.modelConfig();
await show(displayPlot(modelDiagram(config)));

// %% [markdown] id="axes"
// **Seven letters** name all axes, here and in the library: **B** sentences in the batch, **T** positions, **C**
// channels, **H** heads, **D** = C/H channels of one head, **F** feed-forward width, **V** vocabulary. A weight of
// shape [C, F] turns rows of C numbers into rows of F: y = x W + b. How many numbers is all that? Guess first.

// %% id="predict-parameters" kind="predict"
const guessedParameters: number | null = 1_000_000; // your guess

// %% [markdown] id="countParameters-text"
// ### 2.1a Count the parameters
//
// Read the shapes off the picture. Every linear layer also has a bias: one number per output. A layer norm has a gain
// and a bias, C numbers each. Query, key and value are one matrix [C, 3C]. A *tied* head uses the token embedding
// again; an untied one is a linear layer [C, V].

// %% solution="countParameters" difficulty=2 importance=3 minutes=10
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
// matrices: [C, 3C] and [C, C]) and feed-forward (two matrices). Outside the blocks: two tables, one norm, and the head
// unless it is tied. The number of heads does not matter.

// %% id="parameters-truth"
const tied = countParameters(config), untied = countParameters({ ...config, tiedHead: false });
const inBlocks = tied - countParameters({ ...config, layers: 0 });
const say = (count: number) => count.toLocaleString("en");
console.log(`guess ${say(guessedParameters)}   truth ${say(tied)} (untied ${say(untied)})`);
console.log(`${(100 * inBlocks / tied).toFixed(0)} % of them are in the blocks`);

// %% [markdown] id="initialization"
// ## 2.2 Initialisation
//
// Training starts from random numbers. Not from any: each layer multiplies what it gets, and 12 layers multiply 12
// times. Below, noise of deviation 1 goes through 12 layers of 256 channels, each a random matrix and ReLU (which sets
// negative numbers to 0).

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
const guessedDeviation: number | null = 10; // your guess: the deviation after 12 layers, from 1 at the start

// %% id="depth-truth"
for (const deviation of [1, 0.01]) {
  const after = deviationsByDepth(deviation).at(-1) ?? NaN;
  console.log(`weights of deviation ${deviation}: ${after.toExponential(1)} after 12 layers`);
}
console.log(`your guess for 1: ${guessedDeviation}`);

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
const fair = { Xavier: weightDeviation("xavier", 256, 256), He: weightDeviation("he", 256, 256) };
const depthSeries = Object.entries({ ...rules, ...fair })
  .map(([name, deviation]) => ({ name, deviations: deviationsByDepth(deviation) }));
await show(displayPlot(activationChart(depthSeries)));

// %% [markdown] id="depth-lesson"
// - A straight line on a log axis: each layer multiplies by the same factor. The steep ones end in overflow or in nothing.
// - With ReLU, He stays level and Xavier sinks slowly.
// - The gradient takes the same way back, so what vanishes forward learns nothing.

// %% [markdown] id="drawUniform-text"
// ### 2.2b Draw them
//
// Xavier's original form is uniform: every number between −L and L equally likely. Its deviation is not L but L/√3. So
// to get a deviation, take √3 times it as the limit.

// %% solution="drawUniform" difficulty=2 importance=2 minutes=5
/** Draws `count` uniform numbers around 0 with a standard deviation; random.uniform() is 0 to 1. */
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
// - Linear weights Xavier-uniform. Query, key and value (`qkv`) are *three* layers side by side, so each has a third of
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
export const params: Params = Object.fromEntries(
  Object.entries(library.paramShapes(config)).map(([name, shape]) => {
    const random = new Random(deriveSeed(1, name)); // a stream of its own for each parameter
    return [name, tf.tensor(initialValues(name, shape, random), [...shape])];
  }),
);
console.log(`${Object.keys(params).length} tensors, ${say(countParams(params))} numbers`);
console.log(Object.keys(params).filter((name) => /^(?!blocks\.[123])/.test(name)).join("\n"));

// %% [markdown] id="layerNorm-text"
// ## 2.3 Layers
//
// ### 2.3a Layer norm
//
// Good first values do not stay good. A norm puts every row back in shape, at each position by itself: mean 0, variance
// 1 over its C channels. Then a learned gain and bias let the model undo what it does not like.
//
// $$y = \frac{x - \mathrm{mean}(x)}{\sqrt{\mathrm{var}(x) + 10^{-5}}} \cdot gain + bias$$

// %% id="tensor-words"
const twoRows = tf.tensor2d([[1, 2, 6], [5, 5, 5]]); // [2, 3]
await show(twoRows.mean(-1, true)); // over the last axis, which is kept with size 1: [2, 1]
await show(twoRows.sub(twoRows.mean(-1, true))); // [2, 3] - [2, 1]: each row minus its mean

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
const justNorm = (x: tf.Tensor) => layerNorm(x, tf.ones([256]), tf.zeros([256]));
const tamed = Object.entries(rules).map(([name, deviation]) => ({
  name: `${name}, normed`,
  deviations: deviationsByDepth(deviation, justNorm),
}));
await show(displayPlot(activationChart([...depthSeries.slice(0, 2), ...tamed])));

// %% [markdown] id="norm-lesson"
// - The same mad weights, with a norm before each layer: too large or too small, but no worse at depth 12 than at depth 1.

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

// %% solution="attentionMask" difficulty=2 importance=5 minutes=10
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
  const weights = tf.tidy(() => attentionMask(mask).gather([row]).squeeze().arraySync());
  // arraySync() cannot know that two axes are left.
  return { title: `sentence ${row}: ${lengths[row]} words`, weights: weights as number[][] };
});
await show(displayPlot(attentionMap(maskPanels)));

// %% [markdown] id="attend-text"
// ### 2.4b Attention itself
//
// Think of a dictionary that is looked up softly. Every position makes a *query* (what I look for), a *key* (what I am
// found by) and a *value* (what I hand over). A query scores all keys; softmax turns scores into shares that sum to 1;
// the result is the values, mixed by these shares.
//
// $$\mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{D}}\right) V$$

// %% solution="attend" difficulty=3 importance=5 minutes=12
/** Mixes values by who looks where: softmax(q kᵀ / √D) v, only where `allowed` [B, 1, T, T] is 1. */
export function attend(
  { queries, keys, values }: QueriesKeysValues, // each [B, H, T, D]
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
const guessedShare: number | null = 0.1; // your guess; even shares would be 1/16 = 0.06

// %% id="share-truth"
const someQueries = tf.randomNormal([500, 64], 0, 1, "float32", 1);
const someKeys = tf.randomNormal([16, 64], 0, 1, "float32", 2);
const largestShare = (divisor: number) =>
  tf.softmax(tf.matMul(someQueries, someKeys, false, true).div(divisor)).max(-1).mean()
    .dataSync()[0]?.toFixed(2);
console.log(`guess ${guessedShare}   truth ${largestShare(1)}   with √D ${largestShare(8)}`);

// %% id="attend-play"
const noise = (seed: number) => tf.randomNormal([1, 1, 4, 8], 0, 1, "float32", seed);
const toy = { queries: noise(1), keys: noise(2), values: noise(3) };
const { weights: toyWeights } = attend(toy, attentionMask(tf.ones([1, 4])));
const toyMap = { weights: toyWeights.squeeze().arraySync() as number[][] };
await show(displayPlot(attentionMap([toyMap], { hasValues: true, tokens: ["a", "b", "c", "d"] })));

// %% [markdown] id="heads-text"
// ### 2.4c Heads
//
// One look is not enough: a verb may need its noun *and* its adverb. So the C channels are cut into H heads of D = C/H,
// each of which attends by itself. Head 0 gets channels 0 to D−1, head 1 the next D. Positions must stay apart from
// heads: this is where most transformers written by hand are broken.

// %% solution="splitHeads" difficulty=3 importance=4 minutes=8
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
await show(splitHeads(numbered, 2)); // 2 heads of 3 positions of 2 channels

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

// %% solution="multiHeadAttention" difficulty=3 importance=4 minutes=10
/** Applies the attention layer at `path` (blocks.0.attention) to x [B, T, C]; gives [B, T, C]. */
export function multiHeadAttention(
  params: Params,
  path: string,
  x: tf.Tensor,
  { heads, allowed }: HeadsAndMask,
): tf.Tensor {
  // BEGIN SOLUTION
  const thirds = tf.split(linear(params, `${path}.qkv`, x), 3, -1);
  const [queries, keys, values] = thirds.map((third) => splitHeads(third, heads));
  if (!queries || !keys || !values) throw new RangeError("Cannot attend: expected three parts");
  const { mixed } = attend({ queries, keys, values }, allowed);
  return linear(params, `${path}.output`, joinHeads(mixed));
  // END SOLUTION
}

// %% test="multiHeadAttention-test" points=2
await check("multiHeadAttention", multiHeadAttention);

// %% [markdown] hint="multiHeadAttention"
// `tf.split(x, 3, -1)` cuts the last axis into three tensors. Use your own `linear`, `splitHeads`, `attend`, `joinHeads`.
// TypeScript does not know that there are three: `const [queries, keys, values] = ... as [tf.Tensor, tf.Tensor, tf.Tensor]`
// tells it.

// %% id="first-maps"
const { attention } = library.forward(config, params, ids, { mask });
const firstMaps = tf.tidy(() => attention[0]?.gather([0]).squeeze([0]).arraySync()) as number[][][];
const count = (lengths[0] ?? 0) + 1, tokens = ["<bos>", ...sentences[0] ?? []];
const cut = (map: number[][]) => map.slice(0, count).map((row) => row.slice(0, count));
const headPanels = firstMaps.map((map, head) => ({ title: `head ${head}`, weights: cut(map) }));
await show(displayPlot(attentionMap(headPanels, { tokens })));

// %% [markdown] id="first-maps-lesson"
// - Before training every head looks somewhere, at random: these maps mean nothing yet. Notebook 4 shows which head has
//   learned to find the noun.

// %% [markdown] id="feedForward-text"
// ## 2.5 The block
//
// ### 2.5a Feed-forward
//
// Attention moves information between positions. What each does with it happens here: up to F = 512 channels, a bend,
// and down again. Without the bend two matrices are one matrix. The bend is GELU: nearly ReLU, but smooth.
//
// $$\mathrm{gelu}(x W_{up} + b_{up}) W_{down} + b_{down}$$

// %% solution="feedForward" difficulty=2 importance=4 minutes=8
/** Applies the feed-forward layer at `path` (with .up and .down) to x [B, T, C]; library.gelu bends. */
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
// Write a small function for both linear layers first: rows times weight, plus bias. `tf.matMul` wants rows, so x [B, T, C]
// becomes [B·T, C], and the result goes back.

// %% [markdown] id="block-text"
// ### 2.5b The residual block
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
  options: HeadsAndMask,
): tf.Tensor {
  const norm = (name: string, y: tf.Tensor) =>
    layerNorm(y, param(params, `${path}.${name}.weight`), param(params, `${path}.${name}.bias`));
  // BEGIN SOLUTION
  const normed = norm("attentionNorm", x);
  const h = x.add(multiHeadAttention(params, `${path}.attention`, normed, options));
  return h.add(feedForward(params, `${path}.feedForward`, norm("feedForwardNorm", h)));
  // END SOLUTION
}

// %% test="block-test" points=3
await check("block", block);

// %% [markdown] hint="block"
// Two lines, one for each half. Mind what is added to what: `x.add(attention of the normed x)` is h; then
// `h.add(feed-forward of the normed h)`, with the *other* norm.

// %% [markdown] id="forward-text"
// ## 2.6 The whole forward pass
//
// ### 2.6a From ids to logits
//
// 1. Look up each id's row in the token embedding, and add the row of its *position*: attention alone cannot tell order.
// 2. Run the blocks, one after the other.
// 3. Apply the final norm.
// 4. Tied head: score the result against every row of the token table, y Eᵀ.

// %% solution="forward" difficulty=3 importance=5 minutes=15
/** Runs the model with a tied head: ids int32 [B, T] and mask [B, T] to logits [B, T, V]. */
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
  x = layerNorm(x, param(params, "finalNorm.weight"), param(params, "finalNorm.bias"));
  return tf.matMul(x.reshape([B * T, C]), tokens, false, true).reshape([B, T, V]);
  // END SOLUTION
}

// %% test="forward-test" points=4
await check("forward", forward);

// %% [markdown] hint="forward"
// `tf.gather(table, ids)` looks up rows: [B, T, C]. The first T rows of the position table are
// `param(params, "positionEmbedding.weight").slice([0, 0], [T, C])`. The blocks' paths are `blocks.0`, `blocks.1`, ... For the
// head, reshape to [B·T, C] and take `tf.matMul(rows, table, false, true)`.

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
    const deviations = [deviationOf(x)], options = { heads: 4, allowed: attentionMask(mask) };
    for (let i = 0; i < config.layers; i++) {
      x = block(params, `blocks.${i}`, x, options);
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
// - Norms and residuals are why transformers forgive. Not everything: the embeddings, at 0.03, are drowned in the mad one.

// %% [markdown] id="isCausal-text"
// ### 2.6b Prove that it cannot see the future
//
// A leak in the mask is the best disguised bug there is: the loss becomes *wonderful*. So test it from outside: change
// one token, and no logit *before* it may move. Your test gets a function from ids [T] to logits [T][V], and must catch
// models that leak in any way.

// %% solution="isCausal" difficulty=3 importance=5 minutes=12
/** Whether no change of a token changes logits before it by more than 1e-4 (rounding). */
export function isCausal(logitsOf: LogitsOf, ids: readonly number[]): boolean {
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
const myLogits: LogitsOf = (words) =>
  tf.tidy(() => {
    const row = tf.tensor2d([...words], [1, words.length], "int32");
    const logits = forward(config, params, row, tf.ones(row.shape));
    return logits.squeeze([0]).arraySync() as number[][]; // [T, V]
  });
const oldDog = [...tokenizer.encode("The old dog runs slowly")];
const peeking: LogitsOf = (words) => myLogits([...words.slice(1), tokenizer.padId]);
console.log("my model:                           ", isCausal(myLogits, oldDog));
console.log("fed with ids shifted once too often:", isCausal(peeking, oldDog));

// %% [markdown] id="first-loss"
// ### 2.6c The first loss
//
// One more test that costs nothing. The loss is the mean of −ln p over the targets, where p is the probability that the
// model gives to the token that came. It knows nothing yet, so targets drawn at random will do: to it all 1,000 tokens
// look alike. What is its first loss, in nats?

// %% id="predict-loss" kind="predict"
const guessedLoss: number | null = 1; // your guess

// %% id="loss-truth"
const labels = tf.randomUniform([ids.size], 0, config.vocabSize, "int32", 1); // [B·T]
const firstLoss = tf.tidy(() => {
  const logits = forward(config, params, ids, mask).reshape([ids.size, config.vocabSize]);
  return library.crossEntropy(logits, labels).dataSync()[0] ?? NaN;
});
console.log(`guess ${guessedLoss}   truth ${firstLoss.toFixed(3)}   ln 1000 = 6.908`);
expectThat(
  Math.abs(firstLoss - Math.log(1000)) < 0.1,
  `expected a first loss within 0.1 of ln 1000, got ${firstLoss}`,
);

// %% id="loss-spoiled"
const spoiled = mapParams(params, (x, name) => name === "tokenEmbedding.weight" ? x.mul(50) : x);
const spoiledLoss = tf.tidy(() => {
  const { logits } = library.forward(config, spoiled, ids, { mask });
  return library.crossEntropy(logits, labels).dataSync()[0] ?? NaN;
});
console.log(`embeddings of deviation 1, PyTorch's default: ${spoiledLoss.toFixed(1)} nats`);

// %% [markdown] id="first-loss-lesson"
// - Far above ln V: the model is *sure of nonsense*. Far below: it sees the answer.
// - Always look at the first loss before you wait for the last one.

// %% [markdown] id="devices"
// ## 2.7 Devices
//
// A tensor's numbers live where its *backend* computes: in TensorFlow's memory, on a GPU, or in JavaScript. The program
// stays the same. What you read (`dataSync`) is copied to JavaScript; on a GPU that means to wait for it, so a training
// loop reads one number a step, not the logits.

// %% id="predict-bytes" kind="predict"
const guessedMegabytes: number | null = 100; // your guess: how much memory the parameters take, in MB

// %% id="device-truth"
const { name: backendName, device, version, threads } = await useBackend(); // chosen once
console.log(`${backendName} ${version} on ${device}, ${threads} threads`);
const megabytes = 4 * countParams(params) / 1e6; // float32: 4 bytes a number
console.log(`guess ${guessedMegabytes} MB   truth ${megabytes.toFixed(1)} MB`);
console.log(`all ${tf.memory().numTensors} tensors of this notebook are in ${tf.getBackend()}`);

// %% [markdown] id="worstDifference-text"
// ### 2.7a The same numbers everywhere
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
// A process chooses its backend once, so each runs in a process of its own: this very program, with another name.

// %% id="logits-on"
const program = `
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { forward, initializeParams, modelConfig } from "lib/model/mod.ts";
await useBackend({ backend: Deno.args[0] });
const words = tf.tensor2d([[1, 4, 9, 7, 300, 999]], [1, 6], "int32");
const { logits } = forward(modelConfig(), initializeParams(modelConfig(), 1), words);
console.log(JSON.stringify([...logits.dataSync()]));
`;
export async function logitsOn(backend: string): Promise<Float32Array> {
  const command = new Deno.Command(Deno.execPath(), { args: ["eval", program, backend] });
  const { stdout, stderr, success } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Float32Array.from(JSON.parse(new TextDecoder().decode(stdout)));
}

// %% id="backends"
const here = tf.tidy(() => {
  const sameIds = tf.tensor2d([[1, 4, 9, 7, 300, 999]], [1, 6], "int32");
  const logits = library.forward(config, library.initializeParams(config, 1), sameIds).logits;
  return Float32Array.from(logits.dataSync());
});
for (const other of ["cpu", "wasm"]) {
  const difference = worstDifference(here, await logitsOn(other));
  console.log(`${backendName} against ${other}: ${difference.toExponential(1)}`);
  expectThat(difference < 1e-4, `expected the same logits on ${other}, got ${difference}`);
}

// %% [markdown] id="closing"
// ## What you have
//
// - A decoder of **2,397,696** parameters, all of whose parts you wrote, equal to the library's.
// - First values that keep the numbers in range, and charts that show it.
// - Three tests for any model: the right size, no look ahead, a first loss of **ln V**.
// - The same logits on every backend.
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
