import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { exercise, judge, limitedList } from "lib/grade/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { copyData } from "../../lib/grade/plain.ts";

await useBackend();

Deno.test("copyData() copies every container, once, and passes on the rest", () => {
  const list = [1, 2], tensor = tf.scalar(1), act = () => 0;
  const value: Record<string, unknown> = {
    ...{ list, again: list, tensor, act, date: new Date(0), ids: Int32Array.of(1, 2) },
    ...{ map: new Map([["a", list]]), set: new Set([list]) },
  };
  value["itself"] = value;
  const copy = copyData(value);
  assertEquals(copy, value);
  assert(copy !== value && copy["itself"] === copy);
  for (const key of ["list", "ids", "map", "set"]) assert(copy[key] !== value[key], key);
  for (const key of ["tensor", "act", "date"]) assert(copy[key] === value[key], key);
  assert(copy["again"] === copy["list"]);
  tensor.dispose();
});

Deno.test("copyData() keeps the limit of a list, and starts to count anew", () => {
  const list = limitedList([3, 5], 3, "a length");
  list.at(0);
  const copy = copyData(list);
  assertEquals([copy[0], copy[1], copy[0]], [3, 5, 3]);
  assertThrows(() => copy[0], Error, "asked 4 times for a length");
  assertEquals(list[1], 5);
});

Deno.test("judge() asks about the same data after an answer that changes what cases share", async () => {
  const SHARED = [1, 2, 3];
  const total = exercise<(numbers: readonly number[]) => number>({
    name: "total",
    reference: (numbers) => numbers.reduce((sum, x) => sum + x, 0),
    returns: "number",
    cases: { "three": () => [SHARED], "two of them": () => [SHARED.slice(1)] },
    properties: { "the sum of none is 0": (answer) => answer(SHARED) === 6 || "expected 6" },
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
  assertEquals(wrong, ["three", "two of them", "the sum of none is 0"]);
  assertEquals(SHARED, [1, 2, 3]);
  const { right } = await judge(total, total.reference);
  assertEquals(right.length, 3);
});
