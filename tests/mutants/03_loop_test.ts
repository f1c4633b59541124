import { useBackend } from "lib/backend/mod.ts";
import { EXERCISES } from "./03_loop.ts";
import { assertComplete, assertNamesMistakes, assertTakesSolution } from "./_assert_exercises.ts";
import { courseFunctions } from "./_course_functions.ts";

const solutions = await courseFunctions("03_loop", "solution");
const stubs = await courseFunctions("03_loop", "student");
await useBackend();

Deno.test("notebook 3 has as many exercises as this table, with 4 mistakes each in the mean", () => {
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
