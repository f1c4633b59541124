import { assertEquals } from "@std/assert";
import { compareArms, tokensToReach } from "lib/experiment/mod.ts";

function runOf(...points: readonly (readonly [tokens: number, gap: number])[]) {
  return {
    validations: points.map(([tokens, gap], step) => ({ step, tokens, gap, loss: gap + 3 })),
  };
}

Deno.test("tokensToReach() lies between the validations around the goal, the first time", () => {
  const run = runOf([0, 4], [100, 0.3], [200, 0.1], [300, 0.2], [400, 0.02]);
  assertEquals([4, 0.3, 0.15, 0.1, 0.02].map((gap) => Math.round(tokensToReach(run, gap))), [
    0,
    100,
    175,
    200,
    400,
  ]);
  assertEquals(tokensToReach(run, 0.01), Infinity);
  assertEquals(tokensToReach(runOf(), 0.01), Infinity);
});

Deno.test("compareArms() calls an arm not reached where a result is missing, if told so", () => {
  const results = (...values: number[]) => new Map(values.map((value, seed) => [seed, value]));
  const arms = [
    { label: "a", results: results(1, 2, 3) },
    { label: "b", results: results(1, Infinity, 3) },
  ];
  const [, row] = compareArms(arms, { missing: "not reached" });
  assertEquals([row?.verdict, row?.count, row?.diverged], ["not reached", 2, 1]);
  assertEquals(compareArms(arms)[1]?.verdict, "diverged");
});
