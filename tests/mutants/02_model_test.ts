import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { EXERCISES } from "./02_model.ts";
import { assertComplete, assertNamesMistakes, assertTakesSolution } from "./_assert_exercises.ts";
import { courseFunctions } from "./_course_functions.ts";

const solutions = await courseFunctions("02_model", "solution");
const stubs = await courseFunctions("02_model", "student");
await useBackend();

Deno.test("notebook 2 has as many exercises as this table, with 4 mistakes each in the mean", () => {
  assertComplete(EXERCISES, solutions);
});

for (const exercise of EXERCISES) {
  const { name, mistakes } = exercise;

  Deno.test(`${name}: its check takes the notebook's solution and refuses the stub`, async () => {
    await assertTakesSolution(exercise, { solutions, stubs });
  });

  Deno.test(`${name}: its check names ${mistakes.length} mistakes and keeps no tensor`, async () => {
    const before = tf.memory().numTensors;
    await assertNamesMistakes(exercise);
    assertEquals(tf.memory().numTensors, before);
  });
}
