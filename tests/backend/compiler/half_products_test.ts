import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, useBackend } from "lib/backend/mod.ts";
import { runCode } from "../../support/code_process.ts";
import { temporaryFolder } from "../../support/temporary_folder.ts";
import { numbersOf } from "../../support/tensors.ts";

await useBackend({ backend: "tensorflow", device: "cpu" }); // GPUs get the other kind of product

/** Sums of so few products differ by their order alone. */
const SUM_ERROR = 1e-6;

/** To the nearest number with 8 bits, of two equally near to the even one. */
function toBfloat16(values: Iterable<number>): Float32Array {
  const floats = Float32Array.from(values), bits = new Uint32Array(floats.buffer);
  bits.forEach((word, i) => bits[i] = (word + 0x7fff + (word >>> 16 & 1)) >>> 16 << 16);
  return floats;
}

function rounded(tensor: tf.Tensor): tf.Tensor {
  return tf.tensor(toBfloat16(tensor.dataSync<"float32">()), tensor.shape);
}

/** A matrix of `rows` x `columns`, or its transpose, for each of a batch. */
function operand(
  [batch, rows, columns]: readonly [readonly number[], number, number],
  isTransposed: boolean,
  seed: number,
): tf.Tensor {
  const sizes = isTransposed ? [columns, rows] : [rows, columns];
  return tf.randomNormal([...batch, ...sizes], 0, 1, "float32", seed);
}

const CASES = [[], [3], [2, 3]].flatMap((batch) =>
  [false, true].flatMap((left) => [false, true].map((right) => ({ batch, left, right })))
);

for (const { batch, left, right } of CASES) {
  const title = `[${batch}], ${left ? "left transposed" : "left"} x ${
    right ? "right transposed" : "right"
  }`;
  Deno.test(`compile() as xla in bfloat16 cuts the operands and nothing else: ${title}`, () => {
    tf.tidy(() => {
      const x = operand([batch, 40, 24], left, 1), y = operand([batch, 24, 33], right, 2);
      const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => tf.matMul(x, y, left, right);
      const half = compile(step, { precision: "bfloat16" })({ x, y });
      const expected = step({ x: rounded(x), y: rounded(y) });
      assertEquals([half.dtype, half.shape], ["float32", expected.shape]);
      const values = numbersOf(half);
      numbersOf(expected).forEach((value, i) =>
        assertAlmostEquals(values[i] ?? NaN, value, SUM_ERROR * 24)
      );
    });
  });
}

Deno.test("compile() as xla in bfloat16 multiplies one matrix with many as it does op by op", () => {
  tf.tidy(() => {
    const x = tf.randomNormal([1, 5, 8], 0, 1, "float32", 1);
    const y = tf.randomNormal([6, 8, 7], 0, 1, "float32", 2);
    const step = ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => tf.matMul(x, y);
    const half = compile(step, { precision: "bfloat16" })({ x, y });
    const expected = numbersOf(step({ x: rounded(x), y: rounded(y) }));
    assertEquals(half.shape, [6, 5, 7]);
    const largest = Math.max(...expected.map(Math.abs));
    numbersOf(half).forEach((value, i) =>
      assertAlmostEquals(value, expected[i] ?? NaN, largest * 2 ** -8)
    );
  });
});

/** A training step of one layer, whose heads are transposed before they are multiplied. */
const STEP = `
  import * as tf from "@tensorflow/tfjs";
  import { useBackend } from "lib/backend/mod.ts";
  import { initializeParams, modelConfig } from "lib/model/mod.ts";
  import { adamw, scalarTensors } from "lib/optimizer/mod.ts";
  import { createPrograms } from "lib/train/mod.ts";
  await useBackend({ backend: "tensorflow", device: "cpu" });
  const model = modelConfig({ layers: 1, dropout: 0 }), transform = adamw(1e-3);
  const settings = { model, transform, labelSmoothing: 0, maxNorm: 1 };
  const { update } = createPrograms(settings, { mode: "xla", precision: "bfloat16" });
  const params = initializeParams(model, 1);
  const ids = tf.ones([8, 6], "int32"), labels = tf.ones([48], "int32"), mask = tf.ones([8, 6]);
  update({
    params,
    optimizer: transform.init(params),
    microBatches: [{ ids, mask, labels, dropoutSeed: tf.tensor1d([1, 1], "int32") }],
    targetCount: tf.scalar(48),
    scalars: scalarTensors(transform.scalars(0)),
  });
`;

/** All products of the step as XLA carries them out: the types of the result and of both operands. */
async function dotsOfStep(): Promise<string[]> {
  const folder = temporaryFolder();
  const env = { XLA_FLAGS: `--xla_dump_to=${folder} --xla_dump_hlo_as_text` };
  const { exitCode, stderr } = await runCode(STEP, { env });
  assertEquals(exitCode, 0, stderr);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const name = files.find((file) => /update.*after_optimizations\.txt$/.test(file));
  const program = await Deno.readTextFile(`${folder}/${name}`);
  const types = new Map(
    [...program.matchAll(/(%[\w.-]+) = (\w+\[[\d,]*\])/g)].map((
      [, name = "", type],
    ) => [name, type]),
  );
  return [...program.matchAll(/(%[\w.-]+) = \S+ dot\((%[\w.-]+), (%[\w.-]+)\)/g)].map(
    ([, ...names]) => names.map((name) => types.get(name)).join(" "),
  );
}

Deno.test("on a processor XLA gets every product of a training step in bfloat16 as such", async () => {
  const dots = await dotsOfStep();
  assert(dots.length >= 19, `${dots.length} products`);
  assertEquals(dots.filter((dot) => !/^f32\S* bf16\S* bf16\S*$/.test(dot)), []);
});
