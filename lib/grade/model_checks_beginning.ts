import { deriveSeed, Random } from "lib/core/mod.ts";
import { modelConfig, paramShapes } from "lib/model/mod.ts";
import { check, expectThat, type Mistake } from "./check.ts";
import { drawFrom, isNear, measure } from "./_model_numbers.ts";

/** How the model's parameters begin: each kind's deviation, and what is likely where it differs. */
interface Beginning {
  readonly kind: string;
  readonly name: RegExp;
  readonly deviation: (fanIn: number, fanOut: number) => number;
  readonly mistakes: (spread: number, shape: readonly number[]) => readonly Mistake[];
}

const LINEAR_NAME = /(output|up|down)\.weight$/;
const xavier = (fanIn: number, fanOut: number) => Math.sqrt(2 / (fanIn + fanOut));

const BEGINNINGS: readonly Beginning[] = [
  {
    kind: "a bias",
    name: /bias$/,
    deviation: () => 0,
    mistakes: () => [],
  },
  {
    kind: "an embedding",
    name: /Embedding\.weight$/,
    deviation: () => 0.02,
    mistakes: (spread, [rows = 1, columns = 1]) => [
      { when: spread === 0, says: "equal rows never differ: all tokens would stay one token" },
      {
        when: isNear(spread, 1, 0.1),
        says: "with deviation 1 the tied head's logits are 50 times too large, and so is the loss",
      },
      {
        when: [xavier(rows, columns), Math.sqrt(2 / rows), Math.sqrt(2 / columns)].some((wrong) =>
          isNear(spread, wrong, 0.05)
        ),
        says: "an embedding is looked up, not multiplied: it has no fan-in; take normal(0.02)",
      },
      { when: isNear(spread, 0.02 ** 2, 0.1), says: "0.02 is the deviation, not its square" },
      { when: isNear(spread, Math.sqrt(0.02), 0.1), says: "0.02 is the deviation, not a variance" },
    ],
  },
  {
    kind: "the weight of query, key and value",
    name: /qkv\.weight$/,
    deviation: (fanIn, fanOut) => xavier(fanIn, fanOut / 3),
    mistakes: (spread, [fanIn = 1, fanOut = 1]) => [
      {
        when: isNear(spread, xavier(fanIn, fanOut), 0.03),
        says: "qkv is three layers side by side: each has a third of the columns as its outputs",
      },
      ...linearMistakes(spread, fanIn),
    ],
  },
  {
    kind: "the weight of a linear layer",
    name: LINEAR_NAME,
    deviation: xavier,
    mistakes: (spread, [fanIn = 1]) => linearMistakes(spread, fanIn),
  },
];

function linearMistakes(spread: number, fanIn: number): Mistake[] {
  return [
    { when: spread === 0, says: "zeros pass nothing on, and all outputs would learn the same" },
    { when: isNear(spread, Math.sqrt(2 / fanIn), 0.03), says: "that is He's rule, not Xavier's" },
    { when: isNear(spread, 0.02, 0.05), says: "that is the embeddings' normal(0.02)" },
  ];
}

/** Five standard errors of the deviation of 2,304 normal draws, the smallest weight checked. */
const SPREAD_TOLERANCE = 0.08;

/**
 * Checks how each kind of parameter begins: gains 1, biases 0, embeddings normal(0.02), linear
 * weights Xavier-uniform, with query, key and value each as a layer of its own.
 *
 * @param initialValues From a parameter's path, its shape and a stream to draw from to its values,
 *   row by row.
 * @throws {CheckError} If a kind begins in another way; the message names the consequence.
 *
 * @example
 * ```ts
 * import { checkInitialValues } from "lib/grade/mod.ts";
 * import { drawWeights } from "lib/model/mod.ts";
 *
 * await checkInitialValues((name, [rows = 0, columns = 1], random) => {
 *   if (name.endsWith("bias")) return new Float32Array(rows);
 *   if (name.includes("Norm")) return new Float32Array(rows).fill(1);
 *   const initialization = name.includes("Embedding") ? "normal" : "xavier-uniform";
 *   const fanOut = name.includes("qkv") ? columns / 3 : columns, std = 0.02;
 *   const draw = () => drawWeights(random, { initialization, fanIn: rows, fanOut, std });
 *   const parts = Array.from({ length: columns / fanOut }, draw);
 *   return Float32Array.from(parts.flatMap((part) => [...part]));
 * });
 * ```
 */
export function checkInitialValues(
  initialValues: (
    name: string,
    shape: readonly number[],
    random: Random,
  ) => ArrayLike<number>,
): Promise<void> {
  const config = modelConfig({ vocabSize: 90, hiddenSize: 48, feedForwardSize: 160, layers: 1 });
  return check("initialValues", () => {
    for (const [name, shape] of Object.entries(paramShapes(config))) {
      const size = shape.reduce((product, axis) => product * axis, 1);
      const draw = () =>
        drawFrom(initialValues(name, shape, new Random(deriveSeed(1, name))), size, name);
      const values = draw(), again = draw();
      expectThat(
        values.every((value, i) => value === again[i]),
        `expected ${name} to be the same from the same seed, got other numbers; draw from ` +
          "`random` and nothing else",
      );
      if (/Norm\.weight$/.test(name)) expectGains(name, values);
      else expectBeginning(name, shape, values);
    }
  });
}

function expectGains(name: string, values: readonly number[]): void {
  const wrong = values.find((value) => value !== 1);
  expectThat(
    wrong === undefined,
    `expected the gains ${name} to be 1, got ${Number(wrong?.toPrecision(3))}`,
    [
      { when: wrong === 0, says: "a gain of 0 silences the layer: x̂ · 0 + 0 is 0 for every token" },
      { when: true, says: "a norm starts as one that only normalises" },
    ],
  );
}

function expectBeginning(
  name: string,
  shape: readonly number[],
  values: readonly number[],
): void {
  const beginning = BEGINNINGS.find((candidate) => candidate.name.test(name));
  if (beginning === undefined) return;
  const { mean, spread, largest } = measure(values), [fanIn = 1, fanOut = 1] = shape;
  const deviation = beginning.deviation(fanIn, fanOut), got = spread.toPrecision(3);
  if (deviation === 0) {
    expectThat(
      largest === 0,
      `expected the bias ${name} to be 0, got numbers up to ${
        largest.toPrecision(3)
      }; a bias breaks ` +
        "no symmetry: the weights do that",
    );
    return;
  }
  expectThat(
    isNear(spread, deviation, SPREAD_TOLERANCE) && Math.abs(mean) < deviation / 4,
    `expected ${beginning.kind}, ${name}, to have deviation ${
      deviation.toPrecision(3)
    } around 0, ` +
      `got ${got} around ${mean.toPrecision(2)}`,
    beginning.mistakes(spread, shape),
  );
}
