import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { compile, type CompileEvent, describePrecisions, useBackend } from "lib/backend/mod.ts";
import { numbersOf } from "../../support/tensors.ts";

await useBackend({ backend: "tensorflow", device: "cpu" }); // GPUs have products of their own

/** JavaScript's own rounding to float16, as IEEE 754 has it. */
function toFloat16(values: Iterable<number>): number[] {
  return [...Float16Array.from(values)];
}

/** Numbers of every kind: normal, halfway, subnormal, too small, at the edge, too large. */
const EDGES = [
  1,
  -1,
  0.1,
  1 / 3,
  2049,
  2051,
  65_504,
  65_519,
  65_520,
  1e6,
  -1e6,
  6e-8,
  2.9e-8,
  1e-9,
  -4e-7,
  0,
];

for (const mode of ["xla", "graph"] as const) {
  Deno.test(`compile() as ${mode} in float16 rounds operands as float16 does, edges included`, () => {
    tf.tidy(() => {
      const x = tf.tensor2d(EDGES, [EDGES.length, 1]), one = tf.ones([1, 1]);
      const product = compile((input: { x: tf.Tensor; y: tf.Tensor }) => input.x.matMul(input.y), {
        mode,
        precision: "float16",
      });
      assertEquals(numbersOf(product({ x, y: one })), toFloat16(EDGES));
    });
  });

  Deno.test(`compile() as ${mode} in float16 rounds the result too, and overflows to infinity`, () => {
    tf.tidy(() => {
      const square = compile((x: tf.Tensor) => x.matMul(x), { mode, precision: "float16" });
      const values = [300, 0.1, 7.7, 1e-3];
      const expected = toFloat16(toFloat16(values).map((value) => value * value));
      assertEquals(values.map((value) => numbersOf(square(tf.tensor2d([[value]])))[0]), expected);
      assertEquals(expected[0], Infinity);
    });
  });
}

Deno.test("describePrecisions() lists which op runs in which precision", () => {
  const lists = (["float32", "bfloat16", "float16"] as const).map((precision) => {
    const events: CompileEvent[] = [];
    const step = compile((x: tf.Tensor) => x.matMul(x).relu().matMul(x).softmax(), {
      precision,
      onCompile: (event) => events.push(event),
    });
    tf.tidy(() => step(tf.ones([2, 2])));
    return describePrecisions(events[0]?.precisions ?? []);
  });
  const [single = "", bfloat = "", half = ""] = lists;
  assert(!single.includes("float16"));
  assertMatch(
    bfloat,
    /^ {3}2 {2}BatchMatMulV2 +operands in bfloat16, sums and result in float32\n/,
  );
  assertMatch(bfloat, /\n {3}1 {2}Relu +float32/);
  assertMatch(
    half,
    /^ {3}2 {2}BatchMatMulV2 +float32, operands and result rounded to float16: an emulation\n/,
  );
});
