import { type Exercise, exercise, judge, questionsOf, refuseMathRandom } from "lib/grade/mod.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";

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

Deno.test("judge() refuses a generator that changes its input while its items are read", async () => {
  const items = exercise<(numbers: number[]) => Generator<number>>({
    name: "items",
    reference: function* (numbers) {
      yield* numbers;
    },
    returns: "generator",
    read: (generator) => [...generator],
    cases: { "two numbers": () => [[3, 4]] },
    mistakes: {},
    styles: {},
  });
  const { finding = "accepted" } = await judge(items, function* (numbers: number[]) {
    yield numbers[0] ?? NaN;
    numbers[0] = 9;
    yield numbers[1] ?? NaN;
  });
  assertMatch(
    finding,
    /^expected the arguments to stay as they are, got 3 changed to 9 at arguments/,
  );
});
