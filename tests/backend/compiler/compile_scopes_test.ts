import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { compile, type CompileOptions, handleCount, useBackend } from "lib/backend/mod.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });

type Pair = { x: tf.Tensor; y: tf.Tensor };

/** Runs `test` and checks that it leaves as many tensors and handles as it found. */
function leavesNothing(test: () => void): void {
  const before = [tf.memory().numTensors, handleCount()];
  test();
  assertEquals([tf.memory().numTensors, handleCount()], before);
}

Deno.test("compile() runs inside tf.tidy as an op does", () => {
  const step = compile((x: tf.Tensor) => ({ double: x.mul(2), square: x.square() }), {
    mode: "graph",
  });
  leavesNothing(() => {
    const kept = tf.tidy(() => step(tf.scalar(3)).square);
    assertEquals(kept.arraySync(), 9);
    kept.dispose();
  });
});

Deno.test("compile() makes a step inside a step a part of it, gradients included", () => {
  const inner: number[] = [], outer: number[] = [];
  const cube = compile((x: tf.Tensor) => (inner.push(1), x.mul(x).mul(x)), { mode: "xla" });
  const step = compile((x: tf.Tensor) => {
    outer.push(1);
    return tf.grad((x) => cube(x).sum())(x);
  }, { mode: "graph" });
  leavesNothing(() => {
    const x = tf.tensor1d([1, 2]);
    const first = step(x), second = step(x);
    assertEquals([...second.dataSync()], [3, 12]);
    tf.dispose([x, first, second]);
  });
  assertEquals([inner.length, outer.length], [1, 1]);
});

Deno.test("compile() refuses a step of another precision inside a step", () => {
  const half = compile((x: tf.Tensor) => x.matMul(x), { precision: "bfloat16", name: "half" });
  const step = compile((x: tf.Tensor) => half(x), { mode: "graph", name: "whole" });
  const x = tf.ones([2, 2]);
  assertThrows(
    () => step(x),
    BackendError,
    'Cannot record the step "whole": expected steps inside it to be of float32, got "half" of ' +
      "bfloat16\nCure: compile both with the same precision",
  );
  x.dispose();
});

Deno.test("compile() refuses a gradient through a call, but serves inside tf.customGrad", () => {
  const square = compile((x: tf.Tensor) => x.square(), { mode: "graph", name: "square" });
  const slope = compile(({ x, y }: Pair) => x.mul(y).mul(2), { mode: "graph" });
  leavesNothing(() =>
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      assertThrows(
        // Half of the gradient would be there, and half be missing.
        () => tf.grad((x) => x.add(square(x)).sum())(x),
        BackendError,
        'Cannot run the step "square": expected no gradient to be taken through it, got a call ' +
          "inside one\nCure: take the gradient inside the step",
      );
      const own = tf.customGrad((x) => {
        const input = x as tf.Tensor; // the type knows no order of inputs and saving function
        return { value: square(input), gradFunc: (y: tf.Tensor) => slope({ x: input, y }) };
      });
      assertEquals([...tf.grad((x) => own(x).sum())(x).dataSync()], [2, 4]);
    })
  );
});

Deno.test("compile() runs op by op, with the gradient, in mode off and on another backend", async () => {
  const off = compile((x: tf.Tensor) => x.square(), { mode: "off" });
  const xla = compile((x: tf.Tensor) => x.square().add(x.dataSync()[0] ?? 0));
  assertEquals(tf.tidy(() => tf.grad((x) => off(x).sum())(tf.scalar(3)).arraySync()), 6);
  await tf.setBackend("cpu");
  try {
    assertEquals(tf.tidy(() => xla(tf.scalar(3)).arraySync()), 12); // nothing records: a read is fine
  } finally {
    await tf.setBackend("tensorflow");
  }
});

Deno.test("compile() takes tensors that were made on another backend", async () => {
  await tf.setBackend("cpu");
  const x = tf.tensor1d([1, 2]), outside = tf.tensor1d([10, 20]);
  await tf.setBackend("tensorflow");
  const step = compile((x: tf.Tensor) => x.add(outside), { mode: "graph" });
  assertEquals(tf.tidy(() => [...step(x).dataSync()]), [11, 22]);
  tf.dispose([x, outside]);
});

Deno.test("compile() refuses options that are not allowed", () => {
  const refused: [unknown, string][] = [
    [{ mode: "jit" }, 'expected mode to be xla, graph, off, got "jit"'],
    [{ precision: "float8" }, 'expected precision to be float32, bfloat16, float16, got "float8"'],
    [{ mode: "off", precision: "bfloat16" }, 'expected precision to be float32 in mode "off"'],
    [{ maxPrograms: 0 }, "expected maxPrograms to be a whole number from 1 on, got 0"],
    [{ maxPrograms: 1.5 }, "expected maxPrograms to be a whole number from 1 on, got 1.5"],
  ];
  for (const [options, message] of refused) {
    // The types forbid some of these options; a configuration file may hold them.
    const act = () => compile((x: tf.Tensor) => x, options as CompileOptions);
    assertThrows(act, RangeError, `Cannot compile: ${message}`);
  }
});

Deno.test("compile() goes on when onCompile throws, and names a step without a name", () => {
  const step = compile((x: tf.Tensor) => x.neg(), {
    mode: "graph",
    onCompile: ({ name }) => {
      throw new SyntaxError(name);
    },
  });
  leavesNothing(() =>
    tf.tidy(() => {
      const x = tf.scalar(1);
      assertThrows(() => step(x), SyntaxError, "step");
      assertEquals(step(x).arraySync(), -1);
    })
  );
});
