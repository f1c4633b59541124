import { type Exercise, exercise, questionsOf, refuseMathRandom } from "lib/grade/mod.ts";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("questionsOf() asks the first case twice, and refuseMathRandom() throws while it is asked", async () => {
  const asked = exercise<() => number>({
    ...{ name: "one", reference: () => 1, returns: "number", mistakes: {}, styles: {} },
    cases: { "no arguments": () => [] },
  });
  const questions = questionsOf(asked as unknown as Exercise); // what it takes is its own business
  assertEquals(questions.map(({ what }) => what), ["no arguments", "the same call once more"]);
  const { random } = Math,
    seen = await questions[0]?.ask(() => Number(Math.random === refuseMathRandom));
  assertEquals([seen, Math.random === random], [{ kind: "value", value: 1 }, true]);
  assertThrows(refuseMathRandom, Error, "got a call of Math.random()");
});
