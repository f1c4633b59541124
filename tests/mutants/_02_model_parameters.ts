import type { Random } from "lib/core/mod.ts";
import {
  checkDrawUniform,
  checkInitialValues,
  checkParameterCount,
  checkWeightDeviation,
} from "lib/grade/mod.ts";
import { drawWeights, type ModelConfig, paramShapes } from "lib/model/mod.ts";
import { exercise } from "./_exercise.ts";

/** Counts as it should be done, but for the parts whose size is given otherwise. */
function countWith(
  sizeOf: (name: string, size: number, shape: readonly number[]) => number,
): (config: ModelConfig) => number {
  return (config) =>
    Object.entries(paramShapes(config)).reduce((sum, [name, shape]) => {
      const size = shape.reduce((product, axis) => product * axis, 1);
      return sum + sizeOf(name, size, shape);
    }, 0);
}

const without = (names: RegExp) => countWith((name, size) => names.test(name) ? 0 : size);
const right = countWith((_, size) => size);

const countParameters = exercise("countParameters", checkParameterCount, [
  [
    "no biases of linear layers",
    without(/(qkv|output|up|down|head)\.bias$/),
    /biases of the linear layers are missing/,
  ],
  ["no biases at all", without(/bias$/), /biases of linear layers and of norms are missing/],
  ["no biases of norms", without(/Norm\.bias$/), /a gain and a bias: 2 C/],
  ["no norms", without(/Norm\./), /layer norms are missing/],
  ["one norm a block", without(/feedForwardNorm/), /two layer norms/],
  ["no final norm", without(/finalNorm/), /last norm, after the blocks, is missing/],
  ["no positions", without(/position/), /position embedding is missing/],
  [
    "query alone",
    countWith((name, size) => /qkv/.test(name) ? size / 3 : size),
    /query, key and value are three layers/,
  ],
  ["no output layer", without(/attention\.output/), /output layer after the heads/],
  [
    "a layer per head",
    (config) => countWith((name, size) => /qkv/.test(name) ? config.heads * size : size)(config),
    /heads share the channels/,
  ],
  ["no way down", without(/feedForward\.down/), /two matrices, up \[C, F\] and down/],
  ["one block", without(/blocks\.[1-9]/), /only one block/],
  ["the head's bias left out", without(/head\.bias/), /an untied head has a bias too/],
  ["the untied head left out", without(/head\./), /an untied head is a layer of its own/],
  [
    "the tied head counted",
    (config) => right({ ...config, tiedHead: false }),
    /tied head has no parameters of its own: it is the token embedding/,
  ],
  [
    "the table counted twice",
    (config) => right(config) + (config.tiedHead ? config.vocabSize * config.hiddenSize : 0),
    /embedding is counted twice/,
  ],
]);

type Rule = "xavier" | "he";

/** The right deviation for one rule, another for the other. */
function withRule(wrong: Rule, deviation: (fanIn: number, fanOut: number) => number) {
  return (rule: Rule, fanIn: number, fanOut: number) =>
    rule === wrong
      ? deviation(fanIn, fanOut)
      : Math.sqrt(2 / (rule === "he" ? fanIn : fanIn + fanOut));
}

const weightDeviation = exercise("weightDeviation", checkWeightDeviation, [
  [
    "the variance",
    (rule, fanIn, fanOut) => 2 / (rule === "he" ? fanIn : fanIn + fanOut),
    /that is the variance/,
  ],
  ["He by fan-out", withRule("he", (_, fanOut) => Math.sqrt(2 / fanOut)), /fan-out/],
  ["He without the 2", withRule("he", (fanIn) => Math.sqrt(1 / fanIn)), /ReLU takes half away/],
  ["He is Xavier", withRule("he", (a, b) => Math.sqrt(2 / (a + b))), /that is Xavier's rule/],
  ["Xavier is He", withRule("xavier", (fanIn) => Math.sqrt(2 / fanIn)), /that is He's rule/],
  ["Xavier by fan-out", withRule("xavier", (_, b) => Math.sqrt(2 / b)), /not the outputs alone/],
  [
    "Xavier without the 2",
    withRule("xavier", (a, b) => Math.sqrt(1 / (a + b))),
    /2\/\(in \+ out\), not 1/,
  ],
  ["Xavier's limit", withRule("xavier", (a, b) => Math.sqrt(6 / (a + b))), /limit of a uniform/],
]);

function uniformTo(limit: (deviation: number) => number) {
  return (count: number, deviation: number, random: Random) =>
    Float32Array.from({ length: count }, () => limit(deviation) * (2 * random.uniform() - 1));
}

const drawUniform = exercise("drawUniform", checkDrawUniform, [
  ["the deviation as limit", uniformTo((deviation) => deviation), /deviation L\/√3/],
  ["squared", uniformTo((deviation) => Math.sqrt(3) * deviation ** 2), /squares the deviation/],
  ["the root", uniformTo((deviation) => Math.sqrt(3 * deviation)), /for a variance/],
  ["root of 6", uniformTo((deviation) => Math.sqrt(6) * deviation), /√6 belongs to/],
  [
    "from 0 on",
    (count, deviation, random) =>
      Float32Array.from({ length: count }, () => Math.sqrt(12) * deviation * random.uniform()),
    /draw from -limit to limit/,
  ],
  [
    "Math.random",
    (count, deviation) =>
      Float32Array.from(
        { length: count },
        () => Math.sqrt(3) * deviation * (2 * Math.random() - 1),
      ),
    /not from Math\.random/,
  ],
  [
    "drawn once",
    (count, deviation, random) => new Float32Array(count).fill(deviation * random.uniform()),
    /draw anew for each/,
  ],
  [
    "normal",
    (count, deviation, random) =>
      Float32Array.from({ length: count }, () => deviation * random.normal()),
    /unlike random\.normal/,
  ],
  ["one too many", (count, ...rest) => uniformTo(Math.sqrt)(count + 1, ...rest), /got 20001/],
]);

type InitialValues = (
  name: string,
  shape: readonly number[],
  random: Random,
) => ArrayLike<number>;

const rightValues: InitialValues = (name, [rows = 1, columns = 1], random) => {
  if (name.endsWith("bias")) return new Float32Array(rows * columns);
  if (name.includes("Norm")) return new Float32Array(rows * columns).fill(1);
  if (name.includes("Embedding")) return normalOf(0.02)(name, [rows, columns], random);
  const fanOut = name.includes("qkv") ? columns / 3 : columns;
  return uniformTo(Math.sqrt)(rows * columns, 6 / (rows + fanOut), random);
};

/** The right values, but for the parameters that match. */
function begin(names: RegExp, values: InitialValues): InitialValues {
  return (name, shape, random) => (names.test(name) ? values : rightValues)(name, shape, random);
}

function normalOf(deviation: number): InitialValues {
  return (_, [rows = 1, columns = 1], random) =>
    Float32Array.from({ length: rows * columns }, () => deviation * random.normal());
}

const zeros: InitialValues = (_, [rows = 1, columns = 1]) => new Float32Array(rows * columns);

const drawAs = (initialization: "he-normal" | "xavier-normal"): InitialValues =>
(
  _,
  [fanIn = 1, fanOut = 1],
  random,
) => drawWeights(random, { initialization, fanIn, fanOut, std: 1 });

const initialValues = exercise("initialValues", checkInitialValues, [
  ["gains 0", begin(/Norm\.weight/, zeros), /a gain of 0 silences/],
  ["random gains", begin(/Norm\.weight/, normalOf(0.02)), /only normalises/],
  ["random biases", begin(/bias/, normalOf(0.02)), /breaks no symmetry/],
  ["embeddings 0", begin(/Embedding/, zeros), /equal rows never differ/],
  ["embeddings of deviation 1", begin(/Embedding/, normalOf(1)), /50 times too large/],
  ["0.02 as a variance", begin(/Embedding/, normalOf(Math.sqrt(0.02))), /not a variance/],
  ["0.02 squared", begin(/Embedding/, normalOf(0.02 ** 2)), /not its square/],
  ["embeddings by Xavier", begin(/Embedding/, drawAs("xavier-normal")), /it has no fan-in/],
  ["qkv as one layer", begin(/qkv\.weight/, drawAs("xavier-normal")), /three layers side by side/],
  ["He", begin(/(qkv|output|up|down)\.weight/, drawAs("he-normal")), /He's rule, not Xavier's/],
  ["linear weights 0", begin(/(output|up|down)\.weight/, zeros), /zeros pass nothing on/],
  ["normal 0.02", begin(/(output|up|down)\.weight/, normalOf(0.02)), /embeddings' normal\(0\.02\)/],
  [
    "Math.random",
    begin(/up\.weight/, (_, [a = 1, b = 1]) => Float32Array.from({ length: a * b }, Math.random)),
    /draw from `random` and nothing else/,
  ],
  ["too short", begin(/up\.weight/, (_, [rows = 1]) => new Float32Array(rows)), /numbers for .*up/],
]);

/** The exercises of sections 2.1 and 2.2. */
export const PARAMETER_EXERCISES = [
  countParameters,
  weightDeviation,
  drawUniform,
  initialValues,
] as const;
