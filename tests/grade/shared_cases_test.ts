import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, type Exercise, exercise, judge, limitedList } from "lib/grade/mod.ts";
import { assert, assertEquals } from "@std/assert";

await useBackend();

/** What an answer is given when all its cases share one value. */
async function given(shared: unknown, changesInput = false): Promise<unknown[]> {
  const seen: unknown[] = [];
  const note = (value: unknown) => void seen.push(value);
  const asked = exercise<AnyFunction>({
    ...{
      name: "note",
      reference: note,
      returns: "nothing",
      changesInput,
      mistakes: {},
      styles: {},
    },
    cases: { "the value": () => [shared as never] }, // as any function takes it
    properties: { "in a property": (answer) => answer(shared as never) === undefined },
  });
  await judge(asked as unknown as Exercise, note); // what it takes is its own business
  return seen;
}

Deno.test("judge() gives an answer a copy of every container, and all else as it is", async () => {
  const list = [1, 2], tensor = tf.scalar(1), act = () => 0;
  const value: Record<string, unknown> = {
    ...{ list, again: list, tensor, act, date: new Date(0), ids: Int32Array.of(1, 2) },
    ...{ map: new Map([["a", list]]), set: new Set([list]) },
  };
  const copies = await given(value);
  assert(copies.length > 3);
  for (const copy of copies as Record<string, unknown>[]) {
    assertEquals(copy, value);
    for (const key of ["list", "ids", "map", "set"]) assert(copy[key] !== value[key], key);
    for (const key of ["tensor", "act", "date"]) assert(copy[key] === value[key], key);
    assert(copy["again"] === copy["list"]);
  }
  tensor.dispose();
});

Deno.test("judge() hands over the very value where an answer's task is to change it", async () => {
  const value = [1, 2];
  assert((await given(value, true)).every((part) => part === value));
});

Deno.test("judge() still stops an endless loop over a list that the cases share", async () => {
  const shared = limitedList([3, 5], 100, "a length");
  const first = exercise<(lengths: readonly number[]) => number>({
    ...{ name: "first", reference: (lengths) => lengths[0] ?? 0, returns: "number" },
    cases: { "two": () => [shared], "again": () => [shared] },
    ...{ mistakes: {}, styles: {} },
  });
  const { finding = "" } = await judge(first, (lengths: readonly number[]) => {
    while (lengths[0] === 3);
    return 3;
  });
  assert(finding.startsWith("expected an end, got a loop without one"), finding);
  assertEquals((await judge(first, first.reference)).wrong, []);
});

Deno.test("judge() asks about the same data after an answer that changes what cases share", async () => {
  const SHARED = [1, 2, 3];
  const total = exercise<(numbers: readonly number[]) => number>({
    name: "total",
    reference: (numbers) => numbers.reduce((sum, x) => sum + x, 0),
    returns: "number",
    cases: { "three": () => [SHARED], "two of them": () => [SHARED.slice(1)] },
    properties: { "the sum is 6": (answer) => answer(SHARED) === 6 || "expected 6" },
    mistakes: {},
    styles: {},
  });
  // Its type forbids it, but a student's code is not stopped by types.
  const changes = (numbers: readonly number[]) => {
    let sum = 0;
    while (numbers.length > 0) sum += (numbers as number[]).pop() ?? 0;
    return sum;
  };
  const { wrong } = await judge(total, changes);
  assertEquals(wrong, ["three", "two of them", "the sum is 6"]);
  assertEquals(SHARED, [1, 2, 3]);
  const { right } = await judge(total, total.reference);
  assertEquals(right.length, 3);
});
