import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertGreaterOrEqual, assertMatch, assertRejects } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckError } from "lib/grade/mod.ts";
import { EXERCISES } from "./02_model.ts";
import { courseFunctions } from "./_course_functions.ts";
import type { Exercise } from "./_exercise.ts";

/** At least so many planted mistakes an exercise, in the mean. */
const MISTAKES_PER_EXERCISE = 4;

const solutions = await courseFunctions("02_model", "solution");
const stubs = await courseFunctions("02_model", "student");
await useBackend();

/** Runs a check without its line of praise. */
async function silently(check: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  try {
    await check();
  } finally {
    console.log = log;
  }
}

function refusal({ check }: Exercise, answer: unknown): Promise<CheckError> {
  return assertRejects(() => silently(() => check(answer)), CheckError);
}

Deno.test("notebook 2 has as many exercises as this table, with 4 mistakes each in the mean", () => {
  assertEquals(EXERCISES.map(({ name }) => name).sort(), Object.keys(solutions).sort());
  const mistakes = EXERCISES.reduce((count, exercise) => count + exercise.mistakes.length, 0);
  assertGreaterOrEqual(mistakes / EXERCISES.length, MISTAKES_PER_EXERCISE);
});

for (const exercise of EXERCISES) {
  const { name, check, mistakes } = exercise;

  Deno.test(`${name}: its check takes the notebook's solution and refuses the stub`, async () => {
    await silently(() => check(solutions[name]));
    const { message } = await refusal(exercise, stubs[name]);
    assertMatch(message, new RegExp(`^Cannot accept your ${name}: .*not implemented: ${name}`));
  });

  Deno.test(`${name}: its check names ${mistakes.length} mistakes and keeps no tensor`, async () => {
    const before = tf.memory().numTensors;
    for (const { name: mistake, code, names } of mistakes) {
      const { message } = await refusal(exercise, code);
      assertMatch(message, names, `${mistake}: ${message}`);
      assertMatch(message, new RegExp(`^Cannot accept your ${name}: expected `), mistake);
    }
    assertEquals(tf.memory().numTensors, before);
  });
}
