import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, type Exercise, judge } from "lib/grade/mod.ts";
import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { exerciseFiles, loadExercise } from "../../course/check.ts";
import { type Kind, KINDS } from "./kinds.ts";

await useBackend();

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
