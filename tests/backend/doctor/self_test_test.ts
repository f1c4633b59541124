import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { diagnose, handleCount, runSelfTest, useBackend } from "lib/backend/mod.ts";
import { SELF_TEST_CASES } from "lib/backend/doctor/self_test_cases.ts";

const { name: backend } = await useBackend({ backend: "tensorflow" });

Deno.test("runSelfTest() finds every family of this backend sound, and each case has a golden value", () => {
  const results = runSelfTest({ backend });
  assertEquals(results.map(({ family }) => family), [
    ...Object.keys(SELF_TEST_CASES),
    "compiled",
  ]);
  for (const { failures, absent, worst } of results) {
    assertEquals([failures, absent], [[], []]);
    assertLess(worst, 2e-6); // a fifth of what is allowed
  }
  const golden = JSON.parse(
    Deno.readTextFileSync(
      new URL("../../../lib/backend/doctor/golden_values.json", import.meta.url),
    ),
  );
  delete golden.torch;
  const namesOf = (families: object) =>
    Object.entries(families).map(([family, cases]) => [family, Object.keys(cases)]);
  assertEquals(namesOf(golden), namesOf(SELF_TEST_CASES));
});

Deno.test("runSelfTest() leaves no tensor behind", () => {
  runSelfTest({ backend }); // what is made once and kept
  const before = [tf.memory().numTensors, handleCount()];
  runSelfTest({ backend });
  assertEquals([tf.memory().numTensors, handleCount()], before);
});

/** What the kernels of this backend read and write by. */
interface Store {
  readSync(dataId: tf.DataId): Float32Array | Int32Array | Uint8Array;
  write(values: unknown, shape: number[], dtype: string): tf.DataId;
}

/** Runs `work` with a kernel that is a little wrong in one number: what it gives last. */
function withWrongKernel<T>(kernelName: string, work: () => T): T {
  const right = tf.getKernel(kernelName, backend);
  if (right === undefined) throw new Error(`no kernel ${kernelName}`);
  tf.unregisterKernel(kernelName, backend);
  tf.registerKernel({
    ...right,
    kernelFunc: (call) => {
      const output = right.kernelFunc(call);
      if (Array.isArray(output)) throw new Error(`${kernelName} has several outputs`);
      const store = call.backend as Store; // every backend of TensorFlow.js reads and writes
      const values = store.readSync(output.dataId).slice(), last = values.length - 1;
      values[last] = (values[last] ?? 0) + (output.dtype === "float32" ? 1e-3 : 1);
      const { shape, dtype } = output;
      return { dataId: store.write(values, shape, dtype), shape, dtype };
    },
  });
  try {
    return work();
  } finally {
    tf.unregisterKernel(kernelName, backend);
    tf.registerKernel(right);
  }
}

const failing = () =>
  runSelfTest({ backend }).filter(({ failures }) => failures.length > 0)
    .map(({ family }) => family);

/** A kernel of each family, and all families that the wrong one must show in. */
const PLANTED: Readonly<Record<string, readonly string[]>> = {
  BatchMatMul: ["matrix products", "gradients", "compiled"],
  Rsqrt: ["elementwise"],
  Erf: ["elementwise"],
  Prod: ["reductions"],
  ArgMax: ["reductions"],
  GatherV2: ["gather and scatter", "gradients"],
  UnsortedSegmentSum: ["gather and scatter", "gradients"],
  PadV2: ["gather and scatter"],
  Softmax: ["softmax and logarithms", "gradients"],
  Log1p: ["softmax and logarithms"],
  SeededUniform: ["random numbers"],
  FloorDiv: ["casts"],
};

for (const [kernel, families] of Object.entries(PLANTED)) {
  Deno.test(`runSelfTest() catches a wrong ${kernel}`, () => {
    assertEquals(withWrongKernel(kernel, failing), families);
  });
}

Deno.test("runSelfTest() catches a wrong mean in normalisation", () => {
  assertEquals(withWrongKernel("Mean", failing).includes("normalisation"), true);
});

Deno.test("runSelfTest() catches a wrong gradient, where all kernels are right", () => {
  const right = tf.getGradient("Tanh");
  if (right === undefined) throw new Error("no gradient of Tanh");
  tf.unregisterGradient("Tanh");
  tf.registerGradient({
    ...right,
    gradFunc: (dy, saved) => ({ x: () => (dy as tf.Tensor).mul(saved[0]!) }),
  });
  try {
    assertEquals(failing(), ["gradients", "compiled"]);
  } finally {
    tf.unregisterGradient("Tanh");
    tf.registerGradient(right);
  }
});

Deno.test("runSelfTest() takes a kernel that throws, or gives NaN, for wrong", () => {
  const right = tf.getKernel("Exp", backend);
  if (right === undefined) throw new Error("no kernel Exp");
  const failureOf = (kernelFunc: typeof right.kernelFunc) => {
    tf.unregisterKernel("Exp", backend);
    tf.registerKernel({ ...right, kernelFunc });
    try {
      return runSelfTest({ backend }).find(({ family }) => family === "elementwise")?.failures;
    } finally {
      tf.unregisterKernel("Exp", backend);
      tf.registerKernel(right);
    }
  };
  assertEquals(
    failureOf(() => {
      throw new Error("the driver is gone\nat some place");
    }),
    ["exponential: the driver is gone"],
  );
  const nan = failureOf((call) => {
    const { shape, dtype } = right.kernelFunc(call) as tf.TensorInfo; // one output
    const store = call.backend as Store;
    return { dataId: store.write(new Float32Array(30).fill(NaN), shape, dtype), shape, dtype };
  });
  assertMatch(nan?.[0] ?? "", /^exponential: expected [\d.]+, got NaN$/);
});

Deno.test("diagnose() names the family of a wrong kernel, and is not healthy", async () => {
  const wrong = withWrongKernel("Prod", () => runSelfTest({ backend }));
  assertEquals(wrong.find(({ family }) => family === "reductions")?.failures.length, 1);
  const right = tf.getKernel("Prod", backend);
  if (right === undefined) throw new Error("no kernel Prod");
  tf.unregisterKernel("Prod", backend);
  const gone = await diagnose({ seconds: 0 });
  tf.registerKernel(right);
  const finding = gone.findings.find(({ subject }) => subject === "reductions");
  assertEquals(gone.isHealthy, false);
  assertEquals(finding?.detail, "1 of 10 results are wrong");
  assertMatch(finding?.problem ?? "", /^Cannot trust this backend: product of rows: Kernel 'Prod'/);
});

Deno.test("runSelfTest() finds nothing wrong once all that was planted is gone", () => {
  assertEquals(failing(), []);
});
