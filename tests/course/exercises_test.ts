/**
 * What holds for each exercise of the course: its check accepts the reference, the notebook's solution and
 * right answers in another style, refuses the stub, and names each mistake by its own sentence. And it
 * refuses every kind of wrong answer that can be made of a right one; that comes here too, since what the
 * references answer is asked once for all.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, type Exercise, isCopy, judge } from "lib/grade/mod.ts";
import { assertEquals, assertGreater, assertMatch, assertNotEquals } from "@std/assert";
import { exerciseFiles, loadExercise } from "../../course/check.ts";
import { courseFunctions, courseSources } from "lib/authoring/mod.ts";
import { type Kind, KINDS } from "./kinds.ts";

await useBackend();

for (const { name: notebook } of courseSources()) {
  const files = exerciseFiles(notebook);
  const solutions = await courseFunctions(notebook, "solution");
  const stubs = await courseFunctions(notebook, "student");

  Deno.test(`${notebook}: each exercise has a file, and each file an exercise`, () => {
    assertEquals([...files.keys()].sort(), Object.keys(solutions).sort());
  });

  for (const name of files.keys()) {
    Deno.test(`${name}: its check accepts right answers and refuses the stub`, async () => {
      const exercise = await loadExercise(name);
      assertEquals(exercise.name, name);
      const rights = {
        reference: exercise.reference,
        "the notebook's solution": solutions[name],
        ...exercise.styles,
      };
      for (const [style, answer] of Object.entries(rights)) {
        const { wrong, finding } = await judge(exercise, answer);
        assertEquals(wrong, [], `${style}: ${finding}`);
      }
      assertGreater(Object.keys(exercise.styles).length, 1);
      assertEquals(isCopy(exercise, solutions[name]), false);
      const { finding = "" } = await judge(exercise, stubs[name]);
      assertMatch(finding, new RegExp(`^expected your code, got a stub: not implemented: ${name}`));
    });

    Deno.test(`${name}: its check names each of its mistakes`, async () => {
      const exercise = await loadExercise(name);
      for (const [says, wrong] of Object.entries(exercise.mistakes)) {
        for (const [i, answer] of [wrong].flat().entries()) {
          const { finding = "nothing: it was accepted", mistake } = await judge(exercise, answer);
          assertEquals(mistake, says, `wrong answer ${i + 1} of "${says}": ${finding}`);
          assertMatch(finding, /^expected .*, got /s, says);
        }
      }
    });
  }
}

/** A wrong answer of a kind; what looking at the exercise made is freed. */
function spoiled(exercise: Exercise, spoil: Kind["spoil"]): AnyFunction | undefined {
  let answer: AnyFunction | undefined;
  tf.tidy(() => void (answer = spoil(exercise)));
  return answer;
}

for (const { name: kind, spoil } of KINDS) {
  Deno.test(`checks: every exercise refuses an answer that is right but for this: ${kind}`, async () => {
    const accepted: string[] = [];
    let tried = 0;
    for (const name of exerciseFiles().keys()) {
      const exercise = await loadExercise(name);
      const answer = spoiled(exercise, spoil);
      if (answer === undefined) continue;
      tried++;
      const { wrong, finding } = await judge(exercise, answer);
      if (wrong.length === 0) accepted.push(name);
      else assertNotEquals(finding, undefined);
    }
    assertGreater(tried, 0);
    assertEquals(accepted, []);
  });
}

Deno.test("checks: none of these answers spoils what a later right answer is asked", async () => {
  for (const name of exerciseFiles().keys()) {
    const exercise = await loadExercise(name);
    assertEquals((await judge(exercise, exercise.reference)).finding, undefined, name);
  }
});
