import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { KernelCall, KernelInputs } from "../backend/tfjs/kernel_call.ts";
import { KERNEL_CALLS } from "../backend/tfjs/kernel_calls.ts";
import { testedBackend } from "../support/tested_backend.ts";

const { name: backend, allowed } = await testedBackend();

/** Kernels of complex numbers, which WebAssembly does not have, and one whose draws are each backend's own. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...["Complex", "ComplexAbs", "FFT", "IFFT", "Imag", "Real"],
  "Multinomial",
]);
const CALLS = KERNEL_CALLS.filter(({ kernel }) => !LEFT_OUT.has(kernel));

/** Functions that WebGPU's drivers may approximate roughly. */
const RARE: ReadonlySet<string> = new Set(["Acos", "Asin", "Atan", "Atan2", "Cos", "Sin", "Tan"]);

/** An element: a word, where the tensor has words. */
type Value = number | string;

/** What a call gives: the values of its outputs, and the gradient by each input that has one. */
type Result = {
  readonly values: Value[][];
  readonly gradients: Value[][];
};

function elementsOf(tensor: tf.Tensor): Value[] {
  const values: ArrayLike<Value> = tensor.dataSync();
  return Array.from(values);
}

function run({ kernel, attrs }: KernelCall, inputs: KernelInputs): tf.Tensor[] {
  // The engine types inputs and attributes more narrowly than what it takes.
  return [tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap)]
    .flat();
}

function tensorsOf(inputs: KernelInputs): tf.Tensor[] {
  return Object.values<tf.Tensor>(inputs);
}

/** Leaves numbers in memory that is given back: a kernel that adds to what it finds there is found out. */
function litter(): void {
  tf.dispose([3, 30, 300].map((size) => tf.fill([size], 7.5).add(tf.fill([size], 1))));
}

/** A number that depends on all outputs, each element with a slope of its own. */
function total(outputs: readonly tf.Tensor[]): tf.Tensor {
  const sums = outputs.map((output) => {
    const x = output.cast("float32");
    return x.mul(x.add(1)).sum();
  });
  return sums.reduce((sum, one) => sum.add(one), tf.scalar(0));
}

function resultOf(call: KernelCall): Result | Error {
  try {
    return tf.tidy((): Result => {
      const inputs = call.inputs();
      litter();
      const values = run(call, inputs).map(elementsOf);
      const floats = tensorsOf(inputs).filter(({ dtype }) => dtype === "float32");
      if (tf.getGradient(call.kernel) === undefined || floats.length === 0) {
        return { values, gradients: [] };
      }
      litter();
      const { grads } = tf.engine()
        .gradients(() => total(run(call, inputs)), floats, undefined, true);
      return { values, gradients: grads.map((one) => one ? elementsOf(one) : []) };
    });
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** What plain JavaScript makes of each call, or that it refuses it. */
async function plainResults(): Promise<(Result | Error)[]> {
  await tf.setBackend("cpu");
  try {
    return CALLS.map(resultOf);
  } finally {
    await tf.setBackend(backend);
  }
}

function assertClose(
  actual: Result["values"],
  expected: Result["values"],
  { about, tolerance }: { readonly about: string; readonly tolerance: number },
): void {
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length), about);
  actual.forEach((values, place) => {
    const wanted = expected[place] ?? [];
    const isClose = values.every((value, i) => {
      const other = wanted[i];
      if (Object.is(value, other)) return true;
      const distance = Math.abs(Number(value) - Number(other));
      return distance <= tolerance * (1 + Math.abs(Number(other)));
    });
    assert(isClose, `${about}: expected ${wanted}, got ${values}`);
  });
}

const plain = await plainResults();

for (const name of new Set(CALLS.map(({ kernel }) => kernel))) {
  Deno.test(`${name} on ${backend} gives plain JavaScript's numbers and gradients`, () => {
    CALLS.forEach((call, place) => {
      if (call.kernel !== name) return;
      const expected = plain[place];
      if (expected === undefined || expected instanceof Error) return;
      const actual = resultOf(call), about = `${name} ${JSON.stringify(call.attrs)}`;
      if (actual instanceof Error) throw new Error(`${about}: ${actual.message}`);
      const tolerance = RARE.has(name) ? allowed.rareValue : allowed.value;
      assertClose(actual.values, expected.values, { about, tolerance });
      const aboutGradient = `gradient of ${about}`;
      assertClose(actual.gradients, expected.gradients, { about: aboutGradient, tolerance });
    });
  });
}
