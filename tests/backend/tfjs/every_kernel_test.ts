import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile, handleCount, useBackend } from "lib/backend/mod.ts";
import type { KernelCall, KernelInputs } from "./kernel_call.ts";
import { KERNEL_CALLS } from "./kernel_calls.ts";

await useBackend({ backend: "tensorflow" });

/** What a tensor holds, free of the tensor. */
interface Held {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly values: readonly unknown[];
}

/** A relative rounding error of float32 over a few dozen operations. */
const TOLERANCE = 1e-4;

/** Kernels whose element type is another one in plain JavaScript. */
const OTHER_TYPE = new Map([["FloorDiv", "plain JavaScript makes it int32 whatever the operands"]]);

/** What no program can hold, as TensorFlow's graph or as machine code. */
const NOT_RECORDED = new Set([
  "Multinomial",
  "NonMaxSuppressionV3",
  "NonMaxSuppressionV5",
  "Unique",
]);
const NOT_COMPILED = new Set([
  ...["Dilation2D", "Dilation2DBackpropFilter", "Dilation2DBackpropInput"],
  ...["CropAndResize", "ResizeNearestNeighborGrad", "StaticRegexReplace", "NonMaxSuppressionV4"],
]);

function held(result: tf.Tensor | tf.Tensor[]): Held[] {
  return [result].flat().map((tensor) => ({
    shape: [...tensor.shape],
    dtype: tensor.dtype,
    values: Array.from<unknown>(tensor.dataSync()),
  }));
}

function run({ kernel, attrs }: KernelCall, inputs: KernelInputs): tf.Tensor | tf.Tensor[] {
  // The engine types inputs and attributes more narrowly than what it takes.
  return tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attrs as tf.NamedAttrMap);
}

/** The call with every float32 input as int32, none of them zero; nothing if it has none. */
function inIntegers(call: KernelCall): KernelCall[] {
  const probe = call.inputs(),
    hasFloats = tensorsOf(probe).some(({ dtype }) => dtype === "float32");
  tf.dispose(probe);
  if (!hasFloats) return [];
  const toInteger = (tensor: tf.Tensor) => tensor.mul(10).add(1).cast("int32");
  const inputs = () =>
    tf.tidy(() => {
      const inputs = call.inputs();
      const made = Object.entries(inputs).map(([name, tensor]) =>
        [name, tensor.dtype === "float32" ? toInteger(tensor) : tensor] as const
      );
      return Array.isArray(inputs) ? made.map(([, tensor]) => tensor) : Object.fromEntries(made);
    });
  return [{ ...call, inputs }];
}

function tensorsOf(inputs: KernelInputs): tf.Tensor[] {
  return Object.values<tf.Tensor>(inputs);
}

function describe({ kernel }: KernelCall, inputs: KernelInputs): string {
  return `${kernel} of ${tensorsOf(inputs).map(({ dtype, shape }) => `${dtype} [${shape}]`)}`;
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function assertClose(actual: readonly Held[], expected: readonly Held[], about: string): void {
  assertEquals(actual.map(({ shape }) => shape), expected.map(({ shape }) => shape), about);
  actual.forEach(({ values }, place) => {
    const wanted = expected[place]?.values ?? [];
    const isClose = values.every((value, i) => {
      const other = wanted[i];
      if (Object.is(value, other)) return true;
      const distance = Math.abs(Number(value) - Number(other));
      return distance <= TOLERANCE * (1 + Math.abs(Number(other)));
    });
    assert(isClose, `${about}: expected ${wanted}, got ${values}`);
  });
}

/** What plain JavaScript makes of each call, or that it refuses it. */
async function plainResults(calls: readonly KernelCall[]): Promise<(Held[] | Error)[]> {
  await tf.setBackend("cpu");
  try {
    return calls.map((call) =>
      attempt(() => {
        const inputs = call.inputs(), result = run(call, inputs), values = held(result);
        tf.dispose([inputs, result]);
        return values;
      })
    );
  } finally {
    await tf.setBackend("tensorflow");
  }
}

Deno.test("the table of calls has every kernel of the backend", () => {
  const named = new Set(KERNEL_CALLS.map(({ kernel }) => kernel));
  const missing = tf.getKernelsForBackend("tensorflow").map(({ kernelName }) => kernelName)
    .filter((name) => !named.has(name));
  assertEquals(missing, []);
});

Deno.test("every kernel leaves its inputs alive and unchanged, and its result stands by itself", () => {
  for (const call of [...KERNEL_CALLS, ...KERNEL_CALLS.flatMap(inIntegers)]) {
    const inputs = call.inputs(), about = describe(call, inputs);
    const before = held(tensorsOf(inputs));
    const upload = attempt(() => run(call, inputs)); // so that all of them are TensorFlow's
    if (!(upload instanceof Error)) tf.dispose(upload);
    const tensors = tf.memory().numTensors, handles = handleCount();
    const result = attempt(() => run(call, inputs));
    assert(tensorsOf(inputs).every(({ isDisposed }) => !isDisposed), about);
    assertEquals(held(tensorsOf(inputs)), before, about);
    if (result instanceof Error) { // TensorFlow has no kernel for the type
      tf.dispose(inputs);
      continue;
    }
    const outputs = [result].flat();
    assertEquals(tf.memory().numTensors - tensors, outputs.length, about);
    assert(handleCount() - handles <= outputs.length, about);
    const values = held(result);
    tf.dispose(inputs);
    tf.tidy(() => void tf.fill([64], 7).add(1)); // would take the place of memory given back
    assertEquals(held(result), values, about);
    tf.dispose(result);
  }
});

Deno.test("every kernel gives what plain JavaScript's gives", async () => {
  const calls = [...KERNEL_CALLS, ...KERNEL_CALLS.flatMap(inIntegers)];
  const plain = await plainResults(calls);
  let compared = 0;
  tf.tidy(() => {
    calls.forEach((call, place) => {
      const inputs = call.inputs(), about = describe(call, inputs), expected = plain[place];
      const isOriginal = place < KERNEL_CALLS.length, result = attempt(() => run(call, inputs));
      if (isOriginal) assert(!(result instanceof Error), `${about}: ${result}`);
      if (result instanceof Error || expected instanceof Error || expected === undefined) return;
      if (call.kernel === "Multinomial") return; // each backend draws its own
      const actual = held(result), isSameType = actual[0]?.dtype === expected[0]?.dtype;
      // Of integers plain JavaScript makes other types here and there, and cuts to them.
      if (isOriginal && !OTHER_TYPE.has(call.kernel)) assert(isSameType, about);
      if (isSameType || isOriginal) assertClose(actual, expected, about);
      compared++;
    });
  });
  assert(compared > KERNEL_CALLS.length);
});

Deno.test("every kernel that can be recorded gives the same recorded, and as machine code", () => {
  const calls = KERNEL_CALLS.filter(({ kernel }) => !NOT_RECORDED.has(kernel));
  for (const mode of ["graph", "xla"] as const) {
    const taken = calls.filter(({ kernel }) =>
      mode === "graph" ? kernel !== "StaticRegexReplace" : !NOT_COMPILED.has(kernel)
    );
    tf.tidy(() => {
      const inputs = taken.map((call) => call.inputs());
      const eager = taken.map((call, place) => run(call, inputs[place] ?? []));
      const step = compile(
        (all: KernelInputs[]) => taken.map((call, place) => run(call, all[place] ?? [])),
        { mode, name: "every kernel" },
      );
      step(inputs).forEach((result, place) => {
        const call = taken[place] as KernelCall,
          about = `${mode}: ${describe(call, inputs[place] ?? [])}`;
        assertClose(held(result), held(eager[place] ?? []), about);
      });
      assert(inputs.flatMap(tensorsOf).every(({ isDisposed }) => !isDisposed), mode);
    });
  }
});

Deno.test("sizes beyond int32 are refused, where they would become others", () => {
  const x = tf.ones([2, 2]), ids = tf.tensor1d([0, 1], "int32");
  const beyond = 2 ** 32 + 1;
  const refused: [work: () => tf.Tensor | tf.Tensor[], text: string][] = [
    [
      () => tf.fill([2 ** 32 + 3], 1),
      "Cannot run Fill: expected shape to be within int32, got 4294967299",
    ],
    [
      () => tf.fill([2 ** 31], 1),
      "Cannot run Fill: expected shape to be within int32, got 2147483648",
    ],
    [() => tf.tile(x, [beyond, 1]), "Cannot run Tile: expected reps to be within int32"],
    [
      () => tf.pad(x, [[0, beyond], [0, 0]]),
      "Cannot run PadV2: expected paddings to be within int32",
    ],
    [() => tf.oneHot(ids, beyond), "Cannot run OneHot: expected depth to be within int32"],
    [() => tf.unsortedSegmentSum(x, ids, beyond), "numSegments to be within int32, got 4294967297"],
    [
      () => tf.scatterND(ids.reshape([2, 1]), x, [beyond, 2]),
      "Cannot run ScatterNd: expected shape",
    ],
    [() => tf.linspace(0, 1, beyond), "Cannot run LinSpace: expected num to be within int32"],
    [
      () => tf.stridedSlice(x, [0, 0], [2 ** 53, 2], [1, 1]),
      "Cannot run StridedSlice: expected end",
    ],
  ];
  tf.tidy(() => {
    for (const [work, text] of refused) assertThrows(work, RangeError, text);
  });
  tf.dispose([x, ids]);
});

Deno.test("an axis that is no integer within int32 is refused, where it would become another", () => {
  const x = tf.tensor2d([[1, 2], [3, 4]]), ids = tf.tensor1d([0], "int32");
  const works: Record<string, (axis: number) => unknown> = {
    ArgMax: (axis) => tf.argMax(x, axis),
    ArgMin: (axis) => tf.argMin(x, axis),
    Concat: (axis) => tf.concat([x, x], axis),
    Cumprod: (axis) => tf.cumprod(x, axis),
    Cumsum: (axis) => tf.cumsum(x, axis),
    GatherV2: (axis) => tf.gather(x, ids, axis),
    Unique: (axis) => tf.unique(x, axis),
  };
  tf.tidy(() => {
    for (const [kernel, work] of Object.entries(works)) {
      for (const wrong of [NaN, 0.5, 2 ** 32]) {
        const text =
          `Cannot run ${kernel}: expected axis to be an integer within int32, got ${wrong}`;
        assertThrows(() => work(wrong), RangeError, text);
      }
      for (const right of [0, 1]) work(right);
    }
  });
  tf.dispose([x, ids]);
});

for (const backend of ["tensorflow", "wasm", "cpu"]) {
  Deno.test(`mixed types are computed in the wider one on ${backend}`, async () => {
    await tf.setBackend(backend);
    try {
      tf.tidy(() => {
        const integers = tf.tensor1d([1, 2], "int32"), floats = tf.tensor1d([2.5, -3.5]);
        const isFirst = tf.tensor1d([1, 0], "bool");
        const before = tf.memory().numTensors;
        const results = [
          tf.concat([integers, floats]),
          tf.concat([floats, isFirst, integers]),
          tf.where(isFirst, integers, floats),
          // WebAssembly has no such kernel.
          backend === "wasm" ? tf.scalar(-4.5) : tf.einsum("i,i->", integers, floats),
        ];
        assertEquals(tf.memory().numTensors - before, results.length);
        assertEquals(results.map(({ dtype }) => dtype), Array(4).fill("float32"));
        assertEquals(results.map((result) => Array.from(result.dataSync())), [
          [1, 2, 2.5, -3.5],
          [2.5, -3.5, 1, 0, 1, 2],
          [1, -3.5],
          [-4.5],
        ]);
        assertEquals(tf.concat([integers, isFirst]).dtype, "int32");
      });
    } finally {
      await tf.setBackend("tensorflow");
    }
  });
}

Deno.test("the gradient of a mixed concatenation reaches both", () => {
  tf.tidy(() => {
    const whole = tf.tensor1d([1, 2], "int32"), x = tf.tensor1d([3, 4]);
    const gradient = tf.grad((x) => tf.concat([whole, x]).square().sum())(x);
    assertEquals(gradient.dataSync(), Float32Array.of(6, 8));
  });
});
