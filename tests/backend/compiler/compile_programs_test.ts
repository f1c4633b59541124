import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { compile, type CompileMode, handleCount, useBackend } from "lib/backend/mod.ts";
import {
  type ProgramInput,
  programInput,
  randomProgram,
  withGradients,
} from "../../support/random_program.ts";

await useBackend({ backend: "tensorflow" });

/** All of these run as graphs. */
const PROGRAMS = 300, LENGTH = 10;

/**
 * Through XLA, whose compilation takes half a second each, only these: chosen so that together they
 * have every kernel of all programs, and as many kinds of attributes as so few can have.
 */
const BY_XLA = [124, 155, 36, 61, 198, 261, 207, 34, 25, 21, 55, 83, 214, 6, 38, 100];

/**
 * A program chains up to ten ops with values of about 1 and slopes below 10, each rounded to
 * 6e-8 in an order of its own: 1e-5 is a hundred roundings, and the slip of one index is 1e-1.
 */
const TOLERANCE = 1e-5;

function values(tensors: readonly tf.Tensor[]) {
  return tensors.map((tensor) => ({ ...shapeOf(tensor), values: tensor.dataSync() }));
}

const shapeOf = ({ shape, dtype }: tf.Tensor) => ({ shape, dtype });

function assertSame(actual: readonly tf.Tensor[], expected: readonly tf.Tensor[], what: string) {
  assertEquals(actual.map(shapeOf), expected.map(shapeOf), what);
  const wanted = values(expected);
  values(actual).forEach(({ values, dtype }, place) => {
    values.forEach((value, i) => {
      const other = wanted[place]?.values[i] ?? NaN;
      assert(Number.isFinite(other), `${what}: output ${place} has ${other}`);
      const allowed = dtype === "float32" ? TOLERANCE * Math.max(1, Math.abs(other)) : 0;
      assertLessOrEqual(
        Math.abs(value - other),
        allowed,
        `${what}: output ${place}, ${other}, ${value}`,
      );
    });
  });
}

function agrees(seed: number, mode: CompileMode): void {
  const program = withGradients(randomProgram(seed, LENGTH)), input = programInput(seed);
  const compiled = compile<ProgramInput, tf.Tensor[]>(program, { mode, name: `program ${seed}` });
  const expected = tf.tidy(() => program(input)), actual = compiled(input);
  assertSame(actual, expected, `program ${seed} as ${mode}`);
  tf.dispose([actual, expected, Object.values(input)]);
}

/** The names of the kernels that a program uses, its gradients included. */
async function kernelsOf(seed: number): Promise<string[]> {
  const program = withGradients(randomProgram(seed, LENGTH)), input = programInput(seed);
  const { kernelNames } = await tf.profile(() => {
    tf.tidy(() => void program(input));
    return []; // no tensor is of interest
  });
  tf.dispose(Object.values(input));
  return kernelNames;
}

Deno.test(`compile() as graph gives the values and gradients of ${PROGRAMS} random programs`, () => {
  const [tensors, handles] = [tf.memory().numTensors, handleCount()];
  for (let seed = 0; seed < PROGRAMS; seed++) agrees(seed, "graph");
  assertEquals([tf.memory().numTensors, handleCount()], [tensors, handles]);
});

Deno.test(`compile() as XLA gives the values and gradients of ${BY_XLA.length} of them`, () => {
  const [tensors, handles] = [tf.memory().numTensors, handleCount()];
  for (const seed of BY_XLA) agrees(seed, "xla");
  assertEquals([tf.memory().numTensors, handleCount()], [tensors, handles]);
});

Deno.test("the programs that XLA compiles have all kernels of the random programs", async () => {
  const all = new Set<string>();
  for (let seed = 0; seed < PROGRAMS; seed++) {
    for (const name of await kernelsOf(seed)) all.add(name);
  }
  const missing = new Set(all);
  for (const seed of BY_XLA) for (const name of await kernelsOf(seed)) missing.delete(name);
  assertEquals([...missing], []);
  assertGreater(all.size, 70);
});
