import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type CompileMode, useBackend } from "lib/backend/mod.ts";
import { crossEntropy, type CrossEntropyOptions, targetLosses } from "lib/model/mod.ts";
import { param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import golden from "../golden/cross_entropy.json" with { type: "json" };
import { runCode } from "../support/code_process.ts";
import {
  assertTensorsClose,
  int32,
  normalTensor,
  numberOf,
  numbersOf,
} from "../support/tensors.ts";

await useBackend();

/** A loss of size 1 to 10, summed over a row in float32; the worst seen is 5e-7. */
const ROUNDING = 1.6e-6;

const V = 9;
const logits = normalTensor([6, V], 1, 2);
const labels = [3, 0, -100, 8, 3, -100];

/** The definition, in float64: −Σ q log p over the vocabulary, of each row. */
function defineLosses(smoothing: number): number[] {
  const values = numbersOf(logits);
  return labels.map((label, row) => {
    if (label === -100) return 0;
    const z = values.slice(row * V, (row + 1) * V);
    const logSum = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    return z.reduce((loss, value, id) => {
      const q = (id === label ? 1 - smoothing : 0) + smoothing / V;
      return loss - q * (value - logSum);
    }, 0);
  });
}

function lossOf(rows: tf.Tensor, ids: readonly number[], options?: CrossEntropyOptions): number {
  return numberOf(crossEntropy(rows, int32(ids), options));
}

for (const labelSmoothing of [0, 0.1, 1]) {
  Deno.test(`crossEntropy() is −Σ q log p at label smoothing ${labelSmoothing}`, () => {
    const total = defineLosses(labelSmoothing).reduce((sum, loss) => sum + loss, 0);
    assertAlmostEquals(lossOf(logits, labels, { labelSmoothing }), total / 4, ROUNDING);
  });
}

Deno.test("targetLosses() gives each target's −log p, and 0 where there is none", () => {
  const expected = tf.tensor1d(defineLosses(0));
  assertTensorsClose(targetLosses(logits, int32(labels)), expected, ROUNDING);
});

Deno.test("crossEntropy() of equal logits is ln V, whatever the label and the smoothing", () => {
  for (const labelSmoothing of [0, 0.5]) {
    for (const label of [0, 417, 999]) {
      const loss = lossOf(tf.fill([1, 1000], -3), [label], { labelSmoothing });
      assertAlmostEquals(loss, Math.log(1000), ROUNDING);
    }
  }
});

Deno.test("crossEntropy() takes no part of a row labelled −100, in loss or gradient", () => {
  const rows = numbersOf(logits);
  for (const row of [2, 5]) rows.fill(1e20, row * V, row * V + 4);
  const changed = tf.tensor(rows, [6, V]);
  const options = { labelSmoothing: 0.2 };
  assertEquals(lossOf(changed, labels, options), lossOf(logits, labels, options));
  const { gradients } = valueAndGradients(
    { changed },
    (p) => crossEntropy(param(p, "changed"), int32(labels), options),
  );
  const ofIgnored = param(gradients, "changed").gather([2, 5]);
  assertEquals(new Set(numbersOf(ofIgnored.abs())), new Set([0]));
});

Deno.test("targetLosses() has crossEntropy()'s gradient: 0 in ignored rows, even where they are NaN", () => {
  const rows = numbersOf(logits);
  for (const row of [2, 5]) rows.fill(NaN, row * V, (row + 1) * V);
  rows[1] = -Infinity; // a token that is not wanted
  const spoilt = tf.tensor(rows, [6, V]), ids = int32(labels);
  const mean = tf.grad((z: tf.Tensor) => targetLosses(z, ids).sum().div(4));
  const expected = tf.grad((z: tf.Tensor) => crossEntropy(z, ids));
  assertTensorsClose(mean(spoilt), expected(spoilt), ROUNDING);
  assertEquals(numbersOf(mean(spoilt)).every(Number.isFinite), true);
});

Deno.test("crossEntropy() divides by the number of targets, or by what it is told", () => {
  const mean = lossOf(logits, labels);
  assertAlmostEquals(lossOf(logits, labels, { divisor: 8 }), mean / 2, ROUNDING);
  assertAlmostEquals(lossOf(logits, labels, { divisor: tf.scalar(8) }), mean / 2, ROUNDING);
  assertAlmostEquals(
    lossOf(logits, labels, { divisor: int32([8]).asScalar() }),
    mean / 2,
    ROUNDING,
  );
});

Deno.test("a label that is neither an id nor −100 makes the loss NaN, not a wrong number", () => {
  for (const wrong of [-1, V, -101]) {
    const ids = [...labels.slice(0, 5), wrong];
    assertEquals(lossOf(logits, ids), NaN);
    assertEquals(lossOf(logits, ids, { divisor: 5, labelSmoothing: 0.1 }), NaN);
    assertEquals(
      numbersOf(targetLosses(logits, int32(ids))).map(Number.isNaN),
      [false, false, false, false, false, true],
    );
  }
});

Deno.test("crossEntropy() without any target is NaN as a mean and 0 under a divisor", () => {
  const none = labels.map(() => -100);
  assertEquals(lossOf(logits, none), NaN);
  assertEquals(lossOf(logits, none, { divisor: 8 }), 0);
});

Deno.test("crossEntropy() is exact at logits that overflow exp, and so is its gradient", () => {
  const huge = tf.tensor2d([[1e30, 0, -1e30], [1e4, 1e4, -1e4], [-1e30, -1e30, -1e30]]);
  assertEquals(lossOf(huge.slice(0, 1), [0]), 0);
  assertEquals(lossOf(huge.slice(0, 1), [1]), Math.fround(1e30));
  assertAlmostEquals(lossOf(huge.slice(1, 1), [1]), Math.log(2), ROUNDING);
  assertAlmostEquals(lossOf(huge.slice(2, 1), [1]), Math.log(3), ROUNDING);
  const gradient = tf.grad((z: tf.Tensor) => crossEntropy(z, int32([1, 1, 1]), { divisor: 1 }));
  const expected = tf.tensor2d([[1, -1, 0], [0.5, -0.5, 0], [1 / 3, -2 / 3, 1 / 3]]);
  assertTensorsClose(gradient(huge), expected, ROUNDING);
});

Deno.test("crossEntropy() and targetLosses() refuse shapes that do not fit", () => {
  const three = int32([1, 2, 3]);
  for (const loss of [crossEntropy, targetLosses]) {
    assertThrows(
      () => loss(logits, three),
      TypeError,
      "Cannot use the labels: expected shape [N 6], got [3]",
    );
    assertThrows(
      () => loss(logits, int32(labels).reshape([6, 1])),
      TypeError,
      "Cannot use the labels: expected shape [N 6], got [6, 1]",
    );
    assertThrows(
      () => loss(tf.zeros([3, 2, V]), three),
      TypeError,
      "Cannot use the logits: expected shape [N, V], got [3, 2, 9]",
    );
  }
});

Deno.test("crossEntropy() refuses smoothing and divisors that are no share and no count", () => {
  for (const labelSmoothing of [-0.1, 1.5, NaN]) {
    assertThrows(
      () => lossOf(logits, labels, { labelSmoothing }),
      RangeError,
      `Cannot smooth labels: expected a share from 0 to 1, got ${labelSmoothing}`,
    );
  }
  for (const divisor of [0, -1, NaN]) {
    assertThrows(
      () => lossOf(logits, labels, { divisor }),
      RangeError,
      `Cannot average losses: expected a positive divisor, got ${divisor}`,
    );
  }
});

/** A number as JSON can hold it. */
type Written = number | "NaN" | "Infinity" | "-Infinity";

interface Edge {
  readonly logits: Written[][];
  readonly labels: number[];
  readonly smoothing: number;
  readonly losses: Written[];
  readonly mean: Written;
  readonly gradient: Written[][];
}

/** The one in the file. */
const SMOOTHING = 0.25;

const EDGES = Object.entries(golden).flatMap(([name, edge]) =>
  // The file says which PyTorch made it, too; of the others it was written in this form.
  typeof edge === "string" ? [] : [[name, edge as Edge] as const]
);

/** PyTorch's gradient, but for rows labelled −100 that are NaN there: they have no part in the loss. */
function rightGradient({ gradient, labels: ids }: Edge): number[] {
  return gradient.flatMap((row, i) => row.map((value) => ids[i] === -100 ? 0 : Number(value)));
}

function assertSame(actual: readonly number[], expected: readonly number[], what: string): void {
  assertEquals(actual.length, expected.length, what);
  for (const [i, wanted] of expected.entries()) {
    const got = actual[i] ?? NaN;
    if (Number.isFinite(wanted)) assertAlmostEquals(got, wanted, ROUNDING, what);
    else assertEquals(got, wanted, what);
  }
}

for (const mode of ["off", "graph", "xla"] satisfies CompileMode[]) {
  Deno.test(`crossEntropy() is PyTorch's at the edge of float32, loss and gradient, ${mode}`, () => {
    const stepAt = (labelSmoothing: number) =>
      compile(({ z, ids }: { z: tf.Tensor; ids: tf.Tensor }) => {
        const lossAt = (p: Params) => crossEntropy(param(p, "z"), ids, { labelSmoothing });
        const { value, gradients } = valueAndGradients({ z }, lossAt);
        return { value, gradient: param(gradients, "z"), losses: targetLosses(z, ids) };
      }, { mode });
    const plain = stepAt(0), smoothed = stepAt(SMOOTHING);
    for (const [name, edge] of EDGES) {
      assertEquals([0, SMOOTHING].includes(edge.smoothing), true, name);
      const step = edge.smoothing === 0 ? plain : smoothed;
      const rows = edge.logits.map((row) => row.map(Number));
      const got = step({ z: tf.tensor2d(rows), ids: int32(edge.labels) });
      assertSame(numbersOf(got.value), [Number(edge.mean)], `${name}: mean`);
      assertSame(numbersOf(got.gradient), rightGradient(edge), `${name}: gradient`);
      if (edge.smoothing > 0) continue;
      assertSame(numbersOf(got.losses), edge.losses.map(Number), `${name}: each target's`);
    }
  });
}

/** Computes all of the edges; numbers as text, since JSON has no NaN. */
const ON_ANOTHER_BACKEND = `
  import * as tf from "@tensorflow/tfjs";
  import { useBackend } from "lib/backend/mod.ts";
  import { crossEntropy, targetLosses } from "lib/model/mod.ts";
  import golden from "./tests/golden/cross_entropy.json" with { type: "json" };
  await useBackend({ backend: Deno.env.get("BACKEND") });
  const texts = (tensor) => Array.from(tensor.dataSync(), String);
  const results = {};
  for (const [name, edge] of Object.entries(golden)) {
    if (typeof edge === "string") continue;
    const z = tf.tensor2d(edge.logits.map((row) => row.map(Number)));
    const ids = tf.tensor1d(edge.labels, "int32"), options = { labelSmoothing: edge.smoothing };
    const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x, ids, options))(z);
    results[name] = [texts(value), texts(grad), texts(targetLosses(z, ids))];
  }
  console.log(JSON.stringify(results));
`;

for (const backend of ["wasm", "cpu"]) {
  Deno.test(`crossEntropy() is PyTorch's at the edge of float32 on ${backend} too`, async () => {
    const { exitCode, stdout, stderr } = await runCode(ON_ANOTHER_BACKEND, {
      env: { BACKEND: backend },
    });
    assertEquals([exitCode, stderr], [0, ""]);
    const results: Record<string, [string[], string[], string[]]> = JSON.parse(stdout);
    for (const [name, edge] of EDGES) {
      const [mean, gradient, losses] = (results[name] ?? []).map((texts) => texts.map(Number));
      assertSame(mean ?? [], [Number(edge.mean)], `${name}: mean`);
      assertSame(gradient ?? [], rightGradient(edge), `${name}: gradient`);
      if (edge.smoothing === 0) assertSame(losses ?? [], edge.losses.map(Number), name);
    }
  });
}
