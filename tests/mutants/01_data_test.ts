import { EXERCISES } from "./01_data.ts";
import { assertComplete, assertNamesMistakes, assertTakesSolution } from "./_assert_exercises.ts";
import { courseFunctions } from "./_course_functions.ts";

const solutions = await courseFunctions("01_data", "solution");
const stubs = await courseFunctions("01_data", "student");

Deno.test("notebook 1 has as many exercises as this table, with 4 mistakes each in the mean", () => {
  assertComplete(EXERCISES, solutions);
});

for (const exercise of EXERCISES) {
  const { name, mistakes } = exercise;

  Deno.test(`${name}: its check takes the notebook's solution and refuses the stub`, async () => {
    await assertTakesSolution(exercise, { solutions, stubs });
  });

  Deno.test(`${name}: its check names ${mistakes.length} mistakes`, async () => {
    await assertNamesMistakes(exercise);
  });
}
