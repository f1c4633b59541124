// %% [markdown] id="intro"
// # 6. Challenges: easy first, half the digits, several ranks
//
// Three ideas that promise faster training. Show the easy sentences first. Compute with half the digits. Let several
// processes share the work. Here you build the heart of each, and then *measure* what it brings: that is the harder part.
//
// **You will learn** pacing functions, and what a curriculum has to be compared with; bfloat16, float16, and why the loss is
// scaled; what a skipped step may touch; how a batch is split and a gradient put together again; the ring; and to work out
// on paper when many machines pay.
//
// **Full track.** 11 exercises, 98 minutes together by their own labels, and an open one of 30.
//
// **10-minute track**, in this very notebook. *Run → Run All Cells* (some minutes). Red lines below a check say only
// that its exercise is still open. Then go from top to bottom: wherever `null` stands, write your guess, run that cell and
// the next ones up to the truth. Four guesses, with their charts.
//
// **Before.** Notebook 1 (sentences, padding) and notebook 3 (loss, AdamW, clipping, accumulation).
//
// **How it works.** Replace the `throw` line of an exercise, run the cell, run the check below it. You may skip any
// exercise: where a later cell needs it, it takes ours and says so. If a cell never ends: *Kernel → Restart Kernel*, then
// run the cells above.

// %% id="setup"
import { compareGuess, setUpNotebook, show } from "lib/notebook/mod.ts";
await setUpNotebook();

// %% id="imports"
import * as Plot from "@observablehq/plot";
import * as tf from "@tensorflow/tfjs";
import { check } from "course/check.ts";
import * as curricula from "course/06_challenges/curriculum_study.ts";
import type * as parts from "course/06_challenges/parts.ts";
import * as precisions from "course/06_challenges/precision_study.ts";
import { gradientsOf, rowsOf } from "course/06_challenges/shares.ts";
import type { RankReport } from "course/06_challenges/rank.ts";
import { ownOrLibrary } from "course/own_or_library.ts";
import {
  batchThatPays,
  fitNetwork,
  fitStepCost,
  type ParallelPlan,
  parallelSteps,
} from "lib/analysis/mod.ts";
import { type CompileEvent, describePrecisions } from "lib/backend/mod.ts";
import { deriveSeed, mean, Random } from "lib/core/mod.ts";
import * as data from "lib/data/mod.ts";
import { launchRanks } from "lib/distributed/mod.ts";
import { CellTrainer } from "lib/experiment/mod.ts";
import { CATEGORIES, displayPlot, PALETTE } from "lib/plot/mod.ts";
import * as training from "lib/train/mod.ts";

// %% [markdown] id="predict-gap-text"
// **The first guess.** On sentences of 4 to 14 words, a small model that learns from 280,000 targets in random order is left
// with a gap of about 0.07 nats to the oracle. What gap is left if it sees the short sentences first?

// %% id="predict-gap" kind="predict"
const guessedGap: number | null = 0.05; // your guess, in nats

// %% [markdown] id="curriculum-text"
// ## 6.1 A curriculum
//
// Children learn short sentences first. Level `variable` has short and long ones, with up to four clauses between a noun and
// the verb that must agree with it. What is difficult there? Two measures: the number of words, and the distance from that
// noun to its verb.

// %% id="difficulty"
const grammar = data.createGrammar("variable");
const sentences = data.generateCorpus(grammar, { count: 2000, seed: 1 });
const lengths = data.difficultyOf("length", sentences, grammar);
const distances = data.difficultyOf("distance", sentences, grammar);
for (const i of [0, 1, 2, 3]) {
  console.log(`${lengths[i]} words, distance ${distances[i]}: ${sentences[i]?.join(" ")}`);
}

// %% id="difficulty-chart"
const wordCounts = lengths.map((words) => ({ words }));
await show(displayPlot({
  height: 200,
  marginBottom: 45,
  x: { label: "words in a sentence" },
  y: { label: "sentences", grid: true },
  marks: [Plot.barY(wordCounts, Plot.groupX({ y: "count" }, { x: "words", fill: PALETTE.train }))],
  ariaLabel: "How many sentences have 4, 5, ... 14 words",
}));

// %% [markdown] id="pacedShare-text"
// ### 6.1a Pacing
//
// A *pacing function* says which share of the sentences takes part in a step. It begins with `start`, and from step `steps`
// on it is 1. With x = step / steps:
//
// - `step`: `start`, until it jumps to 1
// - `linear`: start + (1 − start) · x
// - `root`: √(start² + (1 − start²) · x), fast at first

// %% solution="pacedShare" difficulty=2 importance=4 minutes=8
/** The share of the sentences that takes part in a step, which counts from 0. */
export function pacedShare(step: number, { kind, start, steps }: parts.PacingSettings): number {
  // BEGIN SOLUTION
  if (step >= steps) return 1;
  switch (kind) {
    case "step":
      return start;
    case "linear":
      return start + (1 - start) * step / steps;
    case "root":
      return Math.sqrt(start ** 2 + (1 - start ** 2) * step / steps);
  }
  // END SOLUTION
}

// %% test="pacedShare-test" points=2
await check("pacedShare", pacedShare);

// %% [markdown] hint="pacedShare"
// First what holds for all kinds: `if (step >= steps) return 1;`. Then one `if (kind === ...)` for each. A square is
// `start ** 2`, the root is `Math.sqrt(...)`, and the whole sum stands in its brackets.

// %% id="pacing-play"
const shareOf = await ownOrLibrary("pacedShare", pacedShare);
const kinds = ["step", "linear", "root"] as const;
const shares = kinds.flatMap((kind) =>
  Array.from({ length: 131 }, (_, step) => (
    { kind, step, share: shareOf(step, { kind, start: 0.2, steps: 100 }) }
  ))
);
await show(displayPlot({
  height: 220,
  marginBottom: 45,
  x: { label: "step" },
  y: { label: "share of the sentences", domain: [0, 1], grid: true },
  color: { domain: kinds, range: CATEGORIES.slice(0, 3), legend: true },
  marks: [Plot.line(shares, { x: "step", y: "share", stroke: "kind", strokeWidth: 2 })],
  ariaLabel: "Three pacing functions from 0.2 to 1 in 100 steps",
}));

// %% [markdown] id="poolOf-text"
// ### 6.1b Who takes part
//
// The *pool* of a step: the examples that take part, as places in the data set, the easiest first. Where two are as
// difficult, the one that stands earlier in the data set comes first. The pool's size is the share of all, rounded
// (`Math.round`), and at least one.

// %% solution="poolOf" difficulty=2 importance=4 minutes=8
/** The places of the easiest examples, as many as the share says, the easiest first. */
export function poolOf(difficulty: readonly number[], share: number): number[] {
  // BEGIN SOLUTION
  const places = [...difficulty.keys()];
  places.sort((a, b) => (difficulty[a] ?? NaN) - (difficulty[b] ?? NaN));
  return places.slice(0, Math.max(1, Math.round(share * places.length)));
  // END SOLUTION
}

// %% test="poolOf-test" points=2
await check("poolOf", poolOf);

// %% [markdown] hint="poolOf"
// `[...difficulty.keys()]` are the places 0, 1, 2, ... Sort *them*, by what stands at them: `(a, b) => difficulty[a] -
// difficulty[b]` (TypeScript wants `?? 0` behind each). A sort keeps the order of equal ones. Then `.slice(0, size)`.

// %% id="pool-play"
const poolFor = await ownOrLibrary("poolOf", poolOf);
for (const share of [0.2, 0.6, 1]) {
  const own = poolFor(lengths, share).map((place) => lengths[place] ?? NaN);
  console.log(`share ${share}: ${own.length} sentences, the longest of ${Math.max(...own)} words`);
}

// %% [markdown] id="drawBatch-text"
// ### 6.1c A batch that can be asked for again
//
// A run is stopped and resumed. Its batches must go on as if nothing had happened, so a batch may depend on *seed and step
// alone*, not on what was drawn before. `new Random(seed)` is a generator; `deriveSeed(seed, step)` makes one seed of two
// numbers; `random.shuffle(list)` gives a new list.

// %% solution="drawBatch" difficulty=2 importance=5 minutes=8
/** `size` different examples of the pool, or all where it is smaller; drawn by seed and step alone. */
export function drawBatch(
  pool: readonly number[],
  { seed, step, size }: parts.DrawSettings,
): number[] {
  // BEGIN SOLUTION
  const random = new Random(deriveSeed(seed, step));
  return random.shuffle(pool).slice(0, size);
  // END SOLUTION
}

// %% test="drawBatch-test" points=2
await check("drawBatch", drawBatch);

// %% [markdown] hint="drawBatch"
// Two lines. A generator of its own for each step: `new Random(deriveSeed(seed, step))`. Then shuffle the pool, and cut it
// after `size`.

// %% id="draw-play"
const drawFrom = await ownOrLibrary("drawBatch", drawBatch);
const pacing: parts.PacingSettings = { kind: "linear", start: 0.2, steps: 300 };
const batchAt = (step: number) =>
  drawFrom(poolFor(lengths, shareOf(step, pacing)), { seed: 1, step, size: 64 });
for (const step of [0, 150, 300]) {
  const words = batchAt(step).map((place) => lengths[place] ?? NaN);
  console.log(`step ${step}: ${mean(words).toFixed(2)} words in the mean`);
}
console.log("the same when asked for again:", String(batchAt(150)) === String(batchAt(150)));

// %% [markdown] id="loader-text"
// Two things change with a curriculum: the *order*, and the *pacing*: at first there are few sentences, seen again and
// again. So a fair study has four arms. *Random order* begins with as few sentences, but not the easy ones. In the library
// all that is a setting of a run:

// %% id="loader-arms"
const firstBatches = Object.entries(curricula.ARMS).flatMap(([arm, settings]) => {
  const small = { level: "variable", examples: 3000, lengthBuckets: false } as const;
  const paced = { curriculum: "length", pacingSteps: 60, ...settings } as const;
  const config = training.runConfig({ data: { ...small, ...paced } });
  const batches = training.createCorpus(config).loader.batches();
  return Array.from({ length: 80 }, (_, step) => {
    const { targets, indices } = batches.next().value;
    return { arm, step, targets: targets / indices.length };
  });
});

// %% id="loader-chart"
const arms = Object.keys(curricula.ARMS);
const color = { domain: arms, range: CATEGORIES.slice(0, 4), legend: true };
await show(displayPlot({
  height: 240,
  marginBottom: 45,
  x: { label: "step" },
  y: { label: "targets per sentence, mean of a batch", grid: true },
  color,
  marks: [Plot.line(firstBatches, { x: "step", y: "targets", stroke: "arm" })],
  ariaLabel: "Mean length of a batch by step, for four arms",
}));

// %% [markdown] id="tokensToReach-text"
// ### 6.1d How long until it is good?
//
// A validation is made every few steps. The goal is met between two of them: on the straight line from the last one above
// the goal to the first one that is not.

// %% solution="tokensToReach" difficulty=3 importance=4 minutes=10
/** Tokens at which the gap first was `goal` or less; Infinity if it never was. */
export function tokensToReach(points: readonly parts.GapPoint[], goal: number): number {
  // BEGIN SOLUTION
  const place = points.findIndex(({ gap }) => gap <= goal);
  const point = points[place], before = points[place - 1];
  if (point === undefined) return Infinity;
  if (before === undefined) return point.tokens;
  const share = (before.gap - goal) / (before.gap - point.gap);
  return before.tokens + share * (point.tokens - before.tokens);
  // END SOLUTION
}

// %% test="tokensToReach-test" points=2
await check("tokensToReach", tokensToReach);

// %% [markdown] hint="tokensToReach"
// `points.findIndex(({ gap }) => gap <= goal)` is −1 where there is none. The share of the way between the two: how far
// the gap has to fall to the goal, divided by how far it falls in all. Where the first validation is good enough, there is
// no line: its own tokens.

// %% [markdown] id="study-text"
// **The study.** Two levels, four arms, some seeds, a whole budget of targets and a quarter of it, with a small model. The
// runs are made already: `scripts/curriculum_study.ts` made them, and makes what is missing. On `agreement` all sentences
// are equally long: there the easy ones are those of few different words.

// %% id="study-read"
const study: curricula.StudyRun[] = JSON.parse(
  Deno.readTextFileSync("course/06_challenges/curriculum_study.json"),
);
for (const name of ["full", "quarter"] as const) {
  const tokens = study.filter(({ budget }) => budget === name).map((run) => run.tokens);
  console.log(
    `${name}: ${tokens.length} runs of ${Math.min(...tokens)} to ${Math.max(...tokens)} targets`,
  );
}

// %% id="study-curves"
const curves = study.filter(({ budget, seed }) => budget === "full" && seed === 1).flatMap((run) =>
  run.points.filter(([, gap]) => gap > 0).map(([tokens, gap]) => ({ ...run, tokens, gap }))
);
await show(displayPlot({
  height: 300,
  marginTop: 45,
  marginBottom: 45,
  x: { label: "targets learned from", ticks: 4, tickFormat: "s" },
  y: { label: "gap to the oracle, nats", type: "log", tickFormat: "~g", grid: true },
  fx: { label: null },
  color,
  marks: [
    Plot.ruleY([curricula.GOAL], { stroke: PALETTE.reference, strokeDasharray: "4 3" }),
    Plot.line(curves, { fx: "level", x: "tokens", y: "gap", stroke: "arm" }),
  ],
  ariaLabel: "Gap by targets for four arms on two levels, seed 1",
}));

// %% id="gap-truth"
const gapsAt = (arm: curricula.ArmName) =>
  study.filter((run) => run.level === "variable" && run.budget === "full" && run.arm === arm)
    .map(({ points }) => points.at(-1)?.[1] ?? NaN);
const threeDigits = (gap: number) => gap.toFixed(3);
console.log(
  compareGuess(guessedGap, mean(gapsAt("curriculum")), { unit: " nats", format: threeDigits }),
);

// %% id="reach-play"
const reach = await ownOrLibrary("tokensToReach", tokensToReach);
for (
  const { level, arm, points } of study.filter((run) => run.budget === "full" && run.seed === 1)
) {
  const tokens = reach(points.map(([at, gap]) => ({ tokens: at, gap })), curricula.GOAL);
  console.log(`${level}, ${arm}: ${tokens.toFixed(0)} targets to a gap of ${curricula.GOAL}`);
}

// %% id="study-table"
const table = (
  budget: curricula.BudgetName,
  measure: curricula.StudyMeasure,
  format: { unit: number; digits: number },
) => {
  for (const level of new Set(study.map((run) => run.level))) {
    console.log(`${level}, ${budget} budget: ${measure}`);
    for (const row of curricula.compareStudy(study, { level, budget, measure })) {
      console.log(`  ${curricula.describeArm(row, format)}`);
    }
  }
};
if (guessedGap !== null) {
  table("full", "tokens to the goal", { unit: 1, digits: 0 });
  table("full", "gap at the end", { unit: 1, digits: 3 });
}

// %% [markdown] id="quarter-text"
// With a quarter of the budget, the gap at the end in nats:

// %% id="quarter-table"
if (guessedGap !== null) table("quarter", "gap at the end", { unit: 1, digits: 3 });

// %% [markdown] id="study-why"
// `curriculum` beside `standard`: all that it brings. `random order` beside `standard`: what the pacing alone does. Five seeds
// say:
//
// - Whole budget: no significant difference, on either level. In five of the eight arms a seed or more misses the goal.
// - A quarter of it, `variable`: no difference either; about 0.59 nats are left in each arm.
// - A quarter of it, `agreement`: 0.65 nats in random order, 0.22 with the easy words first. But the *hard* words first
//   leave 0.26, and pacing alone 0.68. So it is not that the first sentences are easy: both orders begin with a part of the
//   vocabulary, and so of the classes, and learn the agreement there.
// - Wu and others (2021) found the same on images: hardly anything with a whole budget, something with a short one.

// %% [markdown] id="study-again-text"
// Do not believe a file: train one of its cells again.

// %% id="study-again"
const inFile = study.find(({ budget, seed }) => budget === "quarter" && seed === 1) ?? study[0];
const [again] = curricula.studyCells([1]).filter(({ level, budget, arm }) =>
  level === inFile?.level && budget === inFile.budget && arm === inFile.arm
);
if (again === undefined) throw new RangeError("Cannot train again: expected a cell, got none");
const retrained = await new CellTrainer().train(again.cell.config);
console.log(`${again.level}, ${again.budget} budget, ${again.arm}, seed 1`);
console.log(`trained now: a gap of ${retrained?.final?.gap.toFixed(4)}`);
console.log(`in the file: a gap of ${inFile?.points.at(-1)?.[1].toFixed(4)}`);

// %% [markdown] id="precision-text"
// ## 6.2 Half the digits
//
// A float32 has 32 bits: a sign, 8 for the power of 2, 23 digits. Two formats have 16:
//
// | format | digits of 2 | from (normal numbers) | to |
// | --- | --- | --- | --- |
// | float32 | 24 | 1e-38 | 3e38 |
// | bfloat16 | 8 | 1e-38 | 3e38 |
// | float16 | 11 | 6e-5 | 65,504 |

// %% [markdown] id="toBfloat16-text"
// ### 6.2a bfloat16
//
// It is the *upper half* of a float32. To round, add half of what is cut off, then cut. Halfway between two, the even one
// wins: so add 0x7fff, and 1 more where the last bit that stays is 1.
//
// - The bits of a float32: `new Uint32Array(Float32Array.of(value).buffer)[0]`
// - And back: `new Float32Array(Uint32Array.of(bits).buffer)[0]`

// %% solution="toBfloat16" difficulty=3 importance=4 minutes=12
/** The number of bfloat16 that is nearest, of two equally near the one whose last bit is 0. */
export function toBfloat16(value: number): number {
  // BEGIN SOLUTION
  const [bits = NaN] = new Uint32Array(Float32Array.of(value).buffer);
  const lastKept = bits >>> 16 & 1;
  const upper = (bits + 0x7fff + lastKept) >>> 16;
  const [rounded = NaN] = new Float32Array(Uint32Array.of(upper << 16).buffer);
  return rounded;
  // END SOLUTION
}

// %% test="toBfloat16-test" points=2
await check("toBfloat16", toBfloat16);

// %% [markdown] hint="toBfloat16"
// `bits >>> 16` moves the upper half down, `<< 16` moves it up again, with zeros below. `bits >>> 16 & 1` is the last bit
// that stays. `Uint32Array.of(...)` takes care of the sign.

// %% id="bfloat-play"
const half = await ownOrLibrary("toBfloat16", toBfloat16);
for (const value of [1, 1.001, 1.004, 1.01, 0.1, 3e38]) console.log(`${value} → ${half(value)}`);

// %% [markdown] id="predict-still-text"
// Suppose the *weights* are bfloat16: each update is added, and the sum is rounded. A rate of 0.0005 falls to 0 over
// 1,000 steps. Which share of the weights does a step in the middle leave *exactly* as they were?

// %% id="predict-still" kind="predict"
const guessedStill: number | null = 10; // your guess, in per cent

// %% id="still-truth"
const precisionRuns: precisions.PrecisionRun[] = JSON.parse(
  Deno.readTextFileSync("course/06_challenges/precision_study.json"),
);
const runsOf = (way: precisions.WayName) => precisionRuns.filter((run) => run.way === way);
const stillOf = (way: precisions.WayName) =>
  runsOf(way).flatMap(({ seed, still }) =>
    still.map(([step, share]) => ({ way, seed, step, percent: 100 * share }))
  );
const middle = stillOf("bfloat16 weights").filter(({ step }) => step === 500);
const stillPercent = Math.round(mean(middle.map(({ percent }) => percent)));
console.log(compareGuess(guessedStill, stillPercent, { unit: " %" }));

// %% id="still-chart"
const stillRows = [...stillOf("float32"), ...stillOf("bfloat16 weights")];
const twoWays = { domain: ["float32", "bfloat16 weights"], legend: true };
const stillChart = displayPlot({
  height: 240,
  marginBottom: 45,
  x: { label: "step" },
  y: { label: "weights that did not move, %", domain: [0, 100], grid: true },
  color: { ...twoWays, range: [PALETTE.train, PALETTE.validation] },
  marks: [
    Plot.line(stillRows, {
      x: "step",
      y: "percent",
      stroke: "way",
      z: (d) => `${d.way} ${d.seed}`,
    }),
  ],
  ariaLabel: "Share of the weights that a step leaves as they were, in float32 and in bfloat16",
});
if (guessedStill !== null) await show(stillChart);

// %% [markdown] id="still-why"
// An update below half the distance to the next number is rounded away, however often it comes. From 0.0625 to 0.125 that
// distance is 0.0005. (At the very end the rate is 0, and nothing moves in float32 either.) What it costs, as the gap at the end:

// %% id="still-cost"
for (const way of precisions.WAYS) {
  const gaps = runsOf(way).map(({ gap }) => gap);
  const listed = gaps.map((gap) => gap.toFixed(4)).join("  ");
  console.log(`${way.padEnd(18)} ${listed}   mean ${mean(gaps).toFixed(4)}`);
}

// %% [markdown] id="mixed-text"
// So precision is *mixed*: weights, sums, softmax and loss stay float32. Only the operands of matrix products, where nearly
// all of the time goes, have half the digits. Which op runs in what? A compiled step tells:

// %% id="mixed-list"
const events: CompileEvent[] = [];
const tiny = { data: { examples: 500 }, model: { layers: 1 }, train: { warmup: 0 } } as const;
const listed = training.createRun(
  training.runConfig({ ...tiny, compute: { precision: "bfloat16" } }),
  { onCompile: (event) => events.push(event) },
);
const [oneBatch] = listed.corpus.loader.batches();
if (oneBatch !== undefined) listed.programs.update(training.stepInput(listed, [oneBatch]));
console.log(describePrecisions(events[0]?.precisions ?? []).split("\n").slice(0, 12).join("\n"));

// %% [markdown] id="predict-apart-text"
// 1,000 steps, three seeds, products in float32 and in bfloat16. How far is the training loss of bfloat16 from that of
// float32, in the mean over all steps, in nats?

// %% id="predict-apart" kind="predict"
const guessedApart: number | null = 0.1; // your guess, in nats

// %% id="apart-truth"
const apart = runsOf("float32").flatMap(({ seed, losses }) => {
  const other = runsOf("bfloat16 products").find((run) => run.seed === seed)?.losses;
  return losses.map((loss, i) => ({ seed, step: i + 1, by: (other?.[i] ?? NaN) - loss }));
});
const meanApart = Math.abs(mean(apart.map(({ by }) => by)));
const fiveDigits = (value: number) => value.toFixed(5);
console.log(compareGuess(guessedApart, meanApart, { unit: " nats", format: fiveDigits }));

// %% id="apart-chart"
const apartChart = displayPlot({
  height: 220,
  marginLeft: 60,
  marginBottom: 45,
  x: { label: "step" },
  y: { label: "bfloat16 minus float32, nats", grid: true },
  color: {
    type: "categorical",
    domain: [1, 2, 3],
    range: CATEGORIES.slice(0, 3),
    legend: true,
    label: "seed",
  },
  marks: [Plot.ruleY([0]), Plot.dot(apart, { x: "step", y: "by", fill: "seed", r: 1.2 })],
  ariaLabel: "Difference of the losses by step, three seeds",
});
if (guessedApart !== null) await show(apartChart);

// %% [markdown] id="speed-text"
// And the speed, here and now, for 64 sentences of 12 positions? `./denow task bench precision` has it for 128 positions
// too, with the peak memory, and PyTorch beside it.

// %% id="speed-parts"
/** The fastest of ten steps, in milliseconds. */
function stepTime(precision: "float32" | "bfloat16"): number {
  const settings = { data: { examples: 500, padTo: 12 }, train: { warmup: 0 } };
  const run = training.createRun(training.runConfig({ ...settings, compute: { precision } }));
  const [batch] = run.corpus.loader.batches();
  const times = Array.from({ length: 12 }, () => {
    const input = training.stepInput(run, batch === undefined ? [] : [batch]);
    const started = performance.now();
    const output = run.programs.update(input);
    output.loss.dataSync();
    const took = performance.now() - started;
    tf.dispose([output, [...input.microBatches], input.scalars, input.targetCount]);
    return took;
  });
  return Math.min(...times.slice(2)); // the first one compiles
}

// %% id="speed"
const stepMs = stepTime("float32");
console.log(`float32  ${stepMs.toFixed(1)} ms`);
console.log(`bfloat16 ${stepTime("bfloat16").toFixed(1)} ms`);
const { compute } = training.runConfig({ compute: { precision: "bfloat16" } });
console.log(training.precisionNotice(compute) ?? "bfloat16 has instructions of its own here");

// %% [markdown] id="nextScale-text"
// ### 6.2b A scale for float16
//
// float16 has a small range: a gradient below 3e-8 becomes 0. So the loss is multiplied by a large *scale* before the way
// back, and the gradients are divided by it afterwards. If one of them is too large, it becomes `Infinity`: the step is
// skipped, and the scale halves. After `growthSteps` good steps in a row it doubles.

// %% solution="nextScale" difficulty=2 importance=4 minutes=8
/** The scale for the next step; `isFinite`: whether all of this step's gradient was finite. */
export function nextScale(
  { scale, goodSteps, skipped }: parts.Scaler,
  isFinite: boolean,
  growthSteps: number,
): parts.Scaler {
  // BEGIN SOLUTION
  if (!isFinite) return { scale: scale / 2, goodSteps: 0, skipped: skipped + 1 };
  if (goodSteps + 1 === growthSteps) return { scale: 2 * scale, goodSteps: 0, skipped };
  return { scale, goodSteps: goodSteps + 1, skipped };
  // END SOLUTION
}

// %% test="nextScale-test" points=2
await check("nextScale", nextScale);

// %% [markdown] hint="nextScale"
// Three cases, a `return` for each: a bad step; the good step that makes `growthSteps` in a row; any other good step. In
// the first two the count begins again at 0.

// %% id="scale-play"
const scaleAfter = await ownOrLibrary("nextScale", nextScale);
let scaler: parts.Scaler = { scale: 65_536, goodSteps: 0, skipped: 0 };
for (const sign of "++++--++++++-+++") {
  scaler = scaleAfter(scaler, sign === "+", 4);
  console.log(sign, scaler.scale);
}

// %% [markdown] id="mendedStep-text"
// ### 6.2c Bug hunt: a step that skips
//
// A skipped step must leave *everything* as it was: weights, moments, and the count of steps, from which rate and bias
// correction follow. This step has three mistakes. Read its log first.

// %% id="night-step"
const clip = (gradient: readonly number[], maxNorm: number): number[] => {
  const norm = Math.hypot(...gradient);
  return gradient.map((one) => norm > maxNorm ? one * maxNorm / norm : one);
};
function nightStep(state: parts.SmallState, given: parts.ScaledParts): parts.SmallState {
  const { scale } = state.scaler, isFinite = given.gradient.every(Number.isFinite);
  const clipped = clip(given.gradient, given.maxNorm);
  const moved = given.update(state, clipped.map((one) => one / scale));
  return {
    weights: isFinite ? moved.weights : state.weights,
    moments: moved.moments,
    step: state.step + 1,
    scaler: given.nextScale(state.scaler, isFinite),
  };
}

// %% [markdown] id="night-log-text"
// It goes down into a bowl, whose lowest point is at [0, 1]. The gradient of call 6 is too large.

// %% id="night-parts"
const bowl = (weights: readonly number[]) => weights.reduce((sum, w, i) => sum + (w - i) ** 2, 0);
const bowlParts = (state: parts.SmallState, call: number): parts.ScaledParts => ({
  gradient: state.weights.map((w, i) => call === 6 ? Infinity : 2 * (w - i) * state.scaler.scale),
  maxNorm: 5,
  update({ weights, moments, step }, gradient) {
    const means = moments.map((one, i) => 0.9 * one + 0.1 * (gradient[i] ?? NaN));
    const rate = 0.3 / (1 - 0.9 ** (step + 1)); // with the bias correction
    return { moments: means, weights: weights.map((w, i) => w - rate * (means[i] ?? NaN)) };
  },
  nextScale: (before, isFinite) => scaleAfter(before, isFinite, 4),
});

// %% id="night-log"
const walk = (step: typeof nightStep) => {
  const first = { scale: 1024, goodSteps: 0, skipped: 0 };
  let state: parts.SmallState = { weights: [3, 3], moments: [0, 0], step: 0, scaler: first };
  for (let call = 1; call <= 12; call++) {
    state = step(state, bowlParts(state, call));
    if (![1, 5, 6, 7, 12].includes(call)) continue;
    const { weights, moments: [moment = NaN], step: made, scaler: { scale } } = state;
    const numbers = `loss ${bowl(weights).toFixed(4)}  moment ${moment.toFixed(3)}`;
    console.log(`call ${call}: step ${made}  ${numbers}  scale ${scale}`);
  }
};
walk(nightStep);

// %% solution="mendedStep" difficulty=4 importance=5 minutes=15
/** The step of the night, mended; copy it from above. */
export function mendedStep(
  state: parts.SmallState,
  { gradient, maxNorm, update, nextScale }: parts.ScaledParts,
): parts.SmallState {
  // BEGIN SOLUTION
  const { scale } = state.scaler, isFinite = gradient.every(Number.isFinite);
  const next = nextScale(state.scaler, isFinite);
  if (!isFinite) return { ...state, scaler: next };
  const own = gradient.map((one) => one / scale), norm = Math.hypot(...own);
  const short = own.map((one) => norm > maxNorm ? one * maxNorm / norm : one);
  return { ...update(state, short), step: state.step + 1, scaler: next };
  // END SOLUTION
}

// %% test="mendedStep-test" points=3
await check("mendedStep", mendedStep);

// %% [markdown] hint="mendedStep"
// The loss hardly falls: a gradient times 1,024 is far longer than 5, so what is left of it after clipping is divided by
// 1,024 once more. The moment is NaN from call 6 on: an infinite gradient reached the running means. And the step counts
// on in call 6, in which nothing was learned.

// %% id="mended-play"
walk(await ownOrLibrary("mendedStep", mendedStep));

// %% [markdown] id="float16-text"
// The library does the same, in a run whose scale is far too large at first. A processor emulates float16: the numbers are
// right, the speed is not.

// %% id="float16-run"
const float16 = training.createRun(training.runConfig({
  data: { examples: 500 },
  model: { layers: 1, hiddenSize: 32, feedForwardSize: 64 },
  train: { steps: 30, warmup: 5, samples: 0 },
  compute: { compile: "graph", precision: "float16", lossScale: 2 ** 21, lossScaleSteps: 10 },
}));
for await (const event of training.train(float16)) {
  if (event.kind === "notice") console.log(event.message);
}
console.log(`${float16.state.step} updates;`, float16.state.lossScale);

// %% [markdown] id="parallel-text"
// ## 6.3 Several ranks
//
// Several processes, the *ranks*, hold the same model. Each computes the gradient of its part of every batch; these are
// added up, and all make the same update. Micro-batches (notebook 3), computed at the same time.

// %% [markdown] id="rowsOfRank-text"
// ### 6.3a Sharing a batch
//
// Deal the rows out like cards: rank 0 gets row 0, rank 1 row 1, and so on, then rank 0 again.

// %% solution="rowsOfRank" difficulty=1 importance=4 minutes=5
/** The rows of a batch, of `rows` in all, that a rank computes, in rising order. */
export function rowsOfRank(rows: number, { rank, ranks }: parts.Rank): number[] {
  // BEGIN SOLUTION
  const own: number[] = [];
  for (let row = rank; row < rows; row += ranks) own.push(row);
  return own;
  // END SOLUTION
}

// %% test="rowsOfRank-test" points=1
await check("rowsOfRank", rowsOfRank);

// %% [markdown] hint="rowsOfRank"
// A loop that begins with `rank` and goes on by `ranks`, as long as there are rows.

// %% [markdown] id="meanGradient-text"
// ### 6.3b One gradient from several
//
// Each rank's gradient is that of the mean loss over *its* targets. Sentences differ in length, so ranks differ in targets.
// The gradient of the whole batch is
//
// $$g = \frac{\sum_r n_r\, g_r}{\sum_r n_r}$$

// %% solution="meanGradient" difficulty=2 importance=5 minutes=8
/** The gradient of the mean loss over all targets of all ranks. */
export function meanGradient(all: readonly parts.RankGradient[]): number[] {
  // BEGIN SOLUTION
  const total = all.reduce((sum, { targets }) => sum + targets, 0);
  const [first] = all;
  return (first?.gradient ?? []).map((_, i) =>
    all.reduce((sum, { gradient, targets }) => sum + targets * (gradient[i] ?? NaN), 0) / total
  );
  // END SOLUTION
}

// %% test="meanGradient-test" points=2
await check("meanGradient", meanGradient);

// %% [markdown] hint="meanGradient"
// First the number of all targets. Then for each place i of the gradient: add up `targets * gradient[i]` over the ranks,
// and divide once.

// %% [markdown] id="predict-off-text"
// 24 sentences of `variable` on three ranks. Somebody takes the plain mean of the three gradients. How long is the mistake,
// in per cent of the right gradient's length?

// %% id="predict-off" kind="predict"
const guessedOff: number | null = 1; // your guess, in per cent

// %% id="shares-model"
const shared = training.createRun(training.runConfig({
  data: { level: "variable", examples: 500, lengthBuckets: false },
  model: { layers: 1, hiddenSize: 32, feedForwardSize: 64 },
  train: { batchSize: 24, warmup: 0 },
}));
const whole = shared.corpus.loader.batches().next().value;
const gradientOf = gradientsOf(shared);
const right = gradientOf(whole).gradient;

// %% id="shares-run"
const dealOut = await ownOrLibrary("rowsOfRank", rowsOfRank);
const joinUp = await ownOrLibrary("meanGradient", meanGradient);
const ofRanks = [0, 1, 2].map((rank) => gradientOf(rowsOf(whole, dealOut(24, { rank, ranks: 3 }))));
const plainMean = joinUp(ofRanks.map(({ gradient }) => ({ gradient, targets: 1 })));
const percentOff = (found: readonly number[]) =>
  100 * Math.hypot(...found.map((one, i) => one - (right[i] ?? NaN))) / Math.hypot(...right);
const oneDigit = (percent: number) => percent.toFixed(1);
console.log("targets:", ofRanks.map(({ targets }) => targets).join(", "));
console.log(compareGuess(guessedOff, percentOff(plainMean), { unit: " %", format: oneDigit }));
console.log(`weighted by targets: ${percentOff(joinUp(ofRanks)).toFixed(5)} % off`);

// %% [markdown] id="ringChunk-text"
// ### 6.3c The ring
//
// Sum up a long gradient over all ranks, an *all-reduce*. Cut it into as many pieces as there are ranks. In each round every
// rank sends *one* piece to the next rank. In round 0 that is its own, piece `rank`; from then on the one that it got in the
// round before. Which one is that?

// %% solution="ringChunk" difficulty=3 importance=3 minutes=8
/** The piece, from 0 to ranks − 1, that a rank sends in a round, which counts from 0. */
export function ringChunk(round: number, { rank, ranks }: parts.Rank): number {
  // BEGIN SOLUTION
  const piece = (rank - round) % ranks;
  return piece < 0 ? piece + ranks : piece;
  // END SOLUTION
}

// %% test="ringChunk-test" points=2
await check("ringChunk", ringChunk);

// %% [markdown] hint="ringChunk"
// What rank r sends in round 1 is what rank r − 1 sent in round 0: piece r − 1. So in round k it is piece r − k, counted
// around the ring. `%` keeps the sign: −1 % 4 is −1. Add `ranks` where it is negative.

// %% [markdown] id="ring-text"
// In the first ranks − 1 rounds, what arrives is added to the rank's own piece; then one piece of each rank is the whole
// sum. In ranks − 1 further rounds, what arrives takes the piece's place. Four ranks with 1, 10, 100 and 1,000:

// %% id="ring"
const chunkOf = await ownOrLibrary("ringChunk", ringChunk), ranks = 4;
const held = [1, 10, 100, 1000].map((value) => Array.from({ length: ranks }, () => value));
for (let round = 0; round < 2 * (ranks - 1); round++) {
  const sent = held.map((pieces, rank) => {
    const piece = chunkOf(round, { rank, ranks });
    return { piece, value: pieces[piece] ?? NaN };
  });
  for (const [rank, { piece, value }] of sent.entries()) {
    const next = held[(rank + 1) % ranks] ?? [];
    next[piece] = round < ranks - 1 ? (next[piece] ?? NaN) + value : value;
  }
  console.log(`round ${round}:`, held.map((pieces) => pieces.join(" ")).join("  |  "));
}

// %% [markdown] id="ranks-text"
// And for real: one process, then two, each on one core, 20 steps of the exercise's model. The same program, started by
// `launchRanks`; the two find each other by TensorFlow's collective runtime.

// %% id="ranks-run"
const reportsOf = async (ranks: number): Promise<RankReport[]> => {
  const folder = Deno.makeTempDirSync(), program = "course/06_challenges/rank.ts";
  const exitCode = await launchRanks({ ranks, program, args: [folder], output: "null" });
  if (exitCode !== 0) {
    throw new Error(`Cannot compare: expected ranks that end well, got ${exitCode}`);
  }
  return Array.from(
    { length: ranks },
    (_, rank) => JSON.parse(Deno.readTextFileSync(`${folder}/${rank}.json`)),
  );
};
const [alone] = await reportsOf(1), pair = await reportsOf(2);

// %% [markdown] id="ranks-why"
// Both must have the same weights, to the bit. The times are those of *this* machine, now: two cores, with other work beside,
// show that two ranks are right, and not how fast they are.

// %% id="ranks-table"
for (const { rank, loss, weights, stepMs, allReduceMs } of pair) {
  const share = (100 * allReduceMs / stepMs).toFixed(0);
  console.log(
    `rank ${rank}: loss ${loss.toFixed(5)}  weights ${weights}  all-reduce ${share} % of a step`,
  );
}
const pairMs = mean(pair.map((report) => report.stepMs));
console.log(`one process: loss ${alone?.loss.toFixed(5)}`);
console.log(`one core ${alone?.stepMs.toFixed(0)} ms per step, two ranks ${pairMs.toFixed(0)} ms`);

// %% [markdown] id="speedUp-text"
// ### 6.3d When does it pay?
//
// With n ranks, each computes for 1/n of the time. On top comes the ring: two halves of n − 1 rounds; a round takes the
// latency of a message, and the time of one piece, bytes / n / bandwidth. The *speed-up* is the time of one rank, divided
// by that of n.

// %% solution="speedUp" difficulty=2 importance=4 minutes=8
/** How many times as fast as one rank `ranks` of them are. */
export function speedUp(
  { seconds, bytes, ranks, bandwidth, latency }: parts.ScalingCosts,
): number {
  // BEGIN SOLUTION
  const message = latency + bytes / ranks / bandwidth;
  return seconds / (seconds / ranks + 2 * (ranks - 1) * message);
  // END SOLUTION
}

// %% test="speedUp-test" points=2
await check("speedUp", speedUp);

// %% [markdown] hint="speedUp"
// Three lines: the time of a message; the time of a step, `seconds / ranks` and 2 · (ranks − 1) messages; and the fraction.

// %% [markdown] id="scaling-text"
// The exercise's model has 2,397,696 weights of 4 bytes. Suppose a network of 10 Gbit/s with 50 µs per message, and machines
// like this one. For a batch of 64 sentences, 512, and 4,096:

// %% id="scaling"
const fasterBy = await ownOrLibrary("speedUp", speedUp);
const network = { bytes: 4 * 2_397_696, bandwidth: 1.25e9, latency: 5e-5 };
const scaling = [64, 512, 4096].flatMap((batch) =>
  [1, 2, 4, 8, 16, 32, 64].map((ranks) => {
    const seconds = stepMs / 1000 * batch / 64; // as measured above, for 64
    return { batch, ranks, times: fasterBy({ ...network, seconds, ranks }) };
  })
);
for (const { batch, ranks, times } of scaling.filter((row) => row.ranks === 8)) {
  console.log(`batch ${batch}, ${ranks} ranks: ${times.toFixed(1)} times as fast`);
}

// %% id="scaling-chart"
await show(displayPlot({
  height: 260,
  marginBottom: 45,
  x: { label: "ranks", type: "log", base: 2, tickFormat: "d" },
  y: { label: "times as fast as one rank", type: "log", base: 2, tickFormat: "~g", grid: true },
  color: {
    type: "categorical",
    domain: [64, 512, 4096],
    range: CATEGORIES.slice(0, 3),
    legend: true,
    label: "batch",
  },
  marks: [
    Plot.line([1, 64].map((n) => ({ n })), {
      x: "n",
      y: "n",
      stroke: PALETTE.reference,
      strokeDasharray: "4 3",
    }),
    Plot.line(scaling, { x: "ranks", y: "times", stroke: "batch", marker: "dot" }),
  ],
  ariaLabel: "Speed-up by ranks for three batch sizes, beside the straight line of no cost",
}));

// %% [markdown] id="scaling-why"
// Dashed: a ring that costs nothing. A rank's work shrinks, the ring's time does not; a large batch pays longer. Two ranks on
// *one* machine of two cores gain little: both were busy before.
//
// The network above is a guess. `./denow task bench ranks` measures one: all-reduces of four sizes between two processes,
// and steps on one core.

// %% id="measured"
const figures: parts.RankFigures = JSON.parse(
  Deno.readTextFileSync("course/06_challenges/ranks.json"),
);
const alonePerBatch = figures.steps.filter(({ side }) => side === "ours, 1 core")
  .map(({ batchSize, seconds }) => ({ sentences: batchSize, seconds }));
const plan: ParallelPlan = {
  cost: fitStepCost(alonePerBatch),
  network: fitNetwork(figures.exchanges.filter(({ side }) => side.startsWith("ours"))),
  bytes: network.bytes,
};
const { latency, bytesPerSecond } = plan.network, { fixed, perSentence } = plan.cost;
console.log(
  `measured: ${(1e3 * latency).toFixed(2)} ms per message, ${
    (bytesPerSecond / 1e6).toFixed(0)
  } MB/s`,
);
console.log(
  `a step: ${(1e3 * fixed).toFixed(0)} ms and ${(1e3 * perSentence).toFixed(1)} ms per sentence`,
);

// %% [markdown] id="measured-why"
// `fitNetwork` and `fitStepCost` draw straight lines through the times: what is paid once, and what is paid per byte and per
// sentence. Is the paper right? On it, ranks are equally fast and never wait; measured, a step ends when the slower one has
// come.

// %% id="measured-check"
for (const batch of [16, 64]) {
  const [worked] = parallelSteps(plan, batch, [2]);
  const real = figures.steps.find((row) => row.side === "ours, 2 ranks" && row.batchSize === batch);
  const [paper, measured] = [worked, real].map((step) => (1e3 * (step?.seconds ?? NaN)).toFixed(0));
  console.log(`batch ${batch}, 2 ranks: ${paper} ms on paper, ${measured} ms measured`);
}
for (const ranks of [2, 8, 64]) {
  const even = batchThatPays(plan, ranks), good = batchThatPays(plan, ranks, 0.8);
  console.log(
    `${ranks} ranks: as fast as one from ${even} sentences on, each at 80 % of its rate from ${good}`,
  );
}

// %% [markdown] id="open-text"
// ## 6.4 Open: bfloat16 weights that keep moving
//
// Rounded to the nearest, small updates are lost. Rounded *at random*, they need not be: 1.001 becomes 1.0078 in one of
// eight cases, else 1.

// %% id="open-run"
const gapWith = async (way: precisions.WayName, seed: number, round?: precisions.Rounding) => {
  const options = { steps: 300, ...round !== undefined && { round } };
  return (await precisions.precisionRun(way, seed, options)).gap;
};
for (const way of ["float32", "bfloat16 weights"] as const) {
  console.log(`${way}, seed 1: gap ${(await gapWith(way, 1)).toFixed(4)}`);
}

// %% [markdown] id="open-rubric"
// Write a rounding for weights in bfloat16 with which this run ends within 0.02 nats of float32's gap; nothing else
// changes. Your rounding, your table and your conclusion go below. 6 points:
//
// - 2: a rounding whose results are numbers of bfloat16, and whose draws come from a seed
// - 2: two seeds, and float32 and rounding to the nearest beside it
// - 1: within 0.02 nats of float32
// - 1: *why* it works: what is the mean of what an update of a tenth of the distance adds?

// %% [markdown] answer="stochastic" points=6
// ```ts
// const atRandom = (seed: number): precisions.Rounding => {
//   const random = new Random(seed);
//   return (values) => {
//     const bits = new Uint32Array(values.slice().buffer);
//     bits.forEach((word, i) => bits[i] = (word + random.integer(0x10000)) >>> 16 << 16);
//     return new Float32Array(bits.buffer);
//   };
// };
// ```
//
// Gap after 300 steps:
//
// | weights | seed 1 | seed 2 |
// | --- | --- | --- |
// | float32 | 1.4918 | 1.5089 |
// | bfloat16, to the nearest | 1.7310 | 1.7742 |
// | bfloat16, at random | 1.5015 | 1.5095 |
//
// An update of a tenth of the distance between two numbers is lost when it is rounded to the nearest. At random, it moves
// the weight by a whole distance in one of ten steps, and not at all in nine: a tenth in the mean, just as it should. The
// noise of single steps averages out as that of the batches does.

// %% [markdown] id="closing"
// ## What you have
//
// - A curriculum as a function of seed and step, and a study that says what it brings, and what of that is the pacing's.
// - bfloat16 by hand; a list of what is computed in it; the reason why weights are not.
// - A loss scale, and a step that leaves no trace when it is skipped.
// - A batch split over ranks, its gradient put together again, the ring, and the batch size from which many machines pay.
//
// ## Questions
//
// <details><summary>1. Why is the arm "random order, same pacing" needed?</summary>
//
// A curriculum changes two things: which sentences come first, and how few there are at first. Without that arm, what the
// pacing does would be put down to the order.
// </details>
//
// <details><summary>2. Why does bfloat16 need no loss scale?</summary>
//
// It has the range of float32. What float16 makes 0, a gradient of 1e-9, is a number like any other there.
// </details>
//
// <details><summary>3. Why is the gradient clipped after it was divided by the scale?</summary>
//
// The longest allowed length is meant for the gradient itself. Clipped before, nearly every gradient would be cut, and
// then divided by 65,536.
// </details>
//
// <details><summary>4. Why are the weights of all ranks equal to the bit, though nobody sends them around?</summary>
//
// They begin equal, each rank gets the same summed gradient, bit for bit, and makes the same update of it.
// </details>
//
// ## Further reading
//
// - Wu, Dyer and Neyshabur, "When Do Curricula Work?", 2021.
// - Bengio and others, "Curriculum Learning", 2009; Platanios and others, "Competence-based Curriculum Learning", 2019.
// - Micikevicius and others, "Mixed Precision Training", 2018; Kalamkar and others, "A Study of BFLOAT16", 2019.
// - Li and others, "PyTorch Distributed", 2020; Patarasuk and Yuan, "Bandwidth Optimal All-reduce Algorithms", 2009.
