import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, type CompileMode, useBackend } from "lib/backend/mod.ts";
import { keepRows } from "lib/tensor/mod.ts";

await useBackend();

const BAD = [NaN, Infinity, -Infinity, 1];

for (const mode of ["off", "graph", "xla"] satisfies CompileMode[]) {
  Deno.test(`keepRows() leaves kept rows as they are, and nothing in the others, ${mode}`, () => {
    const step = compile(
      ({ x, isKept }: { x: tf.Tensor; isKept: tf.Tensor }) => keepRows(x, isKept),
      { mode },
    );
    const x = tf.tensor2d([BAD, BAD, [1, 2, 3, 4]]), before = tf.memory().numTensors;
    const isKept = tf.tensor1d([true, false, true], "bool"), kept = step({ x, isKept });
    assertEquals(kept.arraySync(), [BAD, [0, 0, 0, 0], [1, 2, 3, 4]]);
    tf.dispose([isKept, kept]);
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("keepRows() refuses shapes that do not fit", () => {
  assertThrows(
    () => keepRows(tf.zeros([3, 2]), tf.tensor1d([true, false], "bool")),
    TypeError,
    "Cannot keep rows: expected [N, V] and [N], got [3,2] and [2]",
  );
});
