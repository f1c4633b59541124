import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { count } from "../support/count.ts";
import { programInput, randomProgram, withGradients } from "../support/random_program.ts";

await useBackend({ backend: "tensorflow" });

const SEQUENCES = count("sequences"), LENGTH = 10;

/** Each fourth one with its gradients too, which are most of the work. */
const GRADIENT_EVERY = 4;

function runSequence(seed: number): number[] {
  const program = randomProgram(seed, LENGTH), input = programInput(seed);
  const before = Object.values(input).map((tensor) => [...tensor.dataSync()]);
  const whole = seed % GRADIENT_EVERY === 0 ? withGradients(program) : program;
  const outputs = tf.tidy(() => whole(input));
  const values = outputs.flatMap((output) => [...output.dataSync()]);
  assertEquals(Object.values(input).map((tensor) => [...tensor.dataSync()]), before);
  tf.dispose([outputs, Object.values(input)]);
  return values;
}

Deno.test(`${SEQUENCES} random sequences of ops give finite numbers, leave their inputs alone, and free all`, () => {
  const [tensors, handles] = [tf.memory().numTensors, handleCount()];
  for (let seed = 0; seed < SEQUENCES; seed++) {
    const values = runSequence(seed);
    assert(values.every(Number.isFinite), `sequence ${seed}`);
    // Now and then the same one again: the same bits, whatever ran in between.
    if (seed % 50 === 0) assertEquals(runSequence(seed), values, `sequence ${seed}`);
  }
  assertEquals([tf.memory().numTensors, handleCount()], [tensors, handles]);
});
