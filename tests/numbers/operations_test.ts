import { assertEquals, assertLessOrEqual } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import recorded from "../golden/ops.json" with { type: "json" };
import { hashed } from "../support/golden.ts";
import { testedBackend } from "../support/tested_backend.ts";
import { numbersOf } from "../support/tensors.ts";
import { type Operation, OPERATIONS } from "./operations.ts";

/** How an input is drawn: numbers between two bounds, or ids below one. */
interface Input {
  readonly shape: readonly number[];
  readonly low?: number;
  readonly high?: number;
  readonly below?: number;
}

/** A golden case. */
interface Case {
  readonly inputs: readonly Input[];
  readonly shape: readonly number[];
  readonly value: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

const { name: backend, allowed } = await testedBackend();

/** The salt of what a value is multiplied by before it is differentiated; of `make_ops.py`. */
const DY_SALT = 90;

/** Functions that WebGPU's drivers may approximate roughly. */
const RARE: ReadonlySet<string> = new Set(["atan", "cos", "sin", "tan"]);

// The file has cases, and the version of PyTorch.
const { torch: _, ...others } = recorded;
const cases = Object.entries(others) as [string, Case][];

function drawn({ shape, low = -1, high = 1, below }: Input, salt: number): tf.Tensor {
  const draws = hashed(shape.reduce((size, length) => size * length, 1), salt);
  if (below !== undefined) {
    return tf.tensor(Int32Array.from(draws, (draw) => draw % below), [...shape], "int32");
  }
  const values = Float32Array.from(draws, (draw) => low + (high - low) * (draw / 2 ** 32));
  return tf.tensor(values, [...shape]);
}

/** The largest difference, in shares of the number where that is above 1. */
function worst(actual: readonly number[], expected: readonly number[]): number {
  assertEquals(actual.length, expected.length);
  // Not Math.max: a NaN must fail.
  return actual.reduce((largest, value, i) => {
    const wanted = expected[i] ?? NaN;
    const difference = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    return difference <= largest ? largest : difference;
  }, 0);
}

/** Value and gradients of an operation on one case's inputs, in the order of these. */
function computed(op: Operation, { inputs, shape }: Case) {
  return tf.tidy(() => {
    const tensors = inputs.map(drawn), floats = tensors.filter(({ dtype }) => dtype === "float32");
    const dy = drawn({ shape }, DY_SALT), value = op(...tensors);
    const gradients = tf.grads((...leaves) => {
      let next = 0;
      const taken = tensors.map((one) => one.dtype === "float32" ? leaves[next++] ?? one : one);
      return op(...taken).mul(dy).sum();
    })(floats);
    return {
      shape: value.shape,
      value: numbersOf(value),
      gradients: gradients.map(numbersOf),
    };
  });
}

Deno.test("the golden file and the table name the same operations", () => {
  assertEquals(cases.map(([name]) => name).toSorted(), [...OPERATIONS.keys()].toSorted());
});

for (const [name, golden] of cases) {
  Deno.test(`${name} on ${backend} has PyTorch's value and gradients`, () => {
    const op = OPERATIONS.get(name);
    if (op === undefined) throw new Error(`expected an operation of the name ${name}`);
    const before = tf.memory().numTensors, { shape, value, gradients } = computed(op, golden);
    assertEquals(tf.memory().numTensors, before, "tensors left behind");
    assertEquals(shape, [...golden.shape]);
    const isRare = RARE.has(name);
    const off = worst(value, golden.value);
    assertLessOrEqual(off, isRare ? allowed.rareValue : allowed.value, "value");
    assertEquals(gradients.length, golden.gradients.length);
    gradients.forEach((gradient, i) => {
      const off = worst(gradient, golden.gradients[i] ?? []);
      assertLessOrEqual(off, isRare ? allowed.rareValue : allowed.gradient, `gradient ${i}`);
    });
  });
}
