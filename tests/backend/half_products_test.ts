import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile, useBackend } from "lib/backend/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { numbersOf } from "../support/tensors.ts";

await useBackend({ backend: "tensorflow" });

const ROOT = new URL("../..", import.meta.url).pathname;

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

/** Tensors in the order of their memory, or with the last two axes exchanged by a transpose. */
function operand(shape: readonly number[], isTransposed: boolean, seed: number): tf.Tensor {
  const sizes = [
    ...shape.slice(0, -2),
    ...(isTransposed ? shape.slice(-2).reverse() : shape.slice(-2)),
  ];
  return tf.randomNormal(sizes, 0, 1, "float32", seed);
}

const CASES = [[], [3], [2, 3]].flatMap((batch) =>
  [[false, false], [false, true], [true, false], [true, true]].map((
    [left = false, right = false],
  ) => ({
    batch,
    left,
    right,
  }))
);

for (const { batch, left, right } of CASES) {
  const title = `[${batch}], ${left ? "left transposed" : "left"} x ${
    right ? "right transposed" : "right"
  }`;
  Deno.test(`compile() as xla in bfloat16 cuts the operands and nothing else: ${title}`, () => {
    tf.tidy(() => {
      const x = operand([...batch, 40, 24], left, 1), y = operand([...batch, 24, 33], right, 2);
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
  await useBackend({ backend: "tensorflow" });
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
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}deno.json`, "-"],
    cwd: ROOT,
    env: { XLA_FLAGS: `--xla_dump_to=${folder} --xla_dump_hlo_as_text` },
    stdin: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(STEP));
  await writer.close();
  assertEquals((await child.status).code, 0);
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

Deno.test({
  name: "on a processor XLA gets every product of a training step in bfloat16 as such",
  fn: async () => {
    const dots = await dotsOfStep();
    assert(dots.length >= 19, `${dots.length} products`);
    assertEquals(dots.filter((dot) => !/^f32\S* bf16\S* bf16\S*$/.test(dot)), []);
  },
});
