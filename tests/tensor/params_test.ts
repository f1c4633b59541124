import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { countParams, disposeParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { assertTensorsKept, numbersOf } from "../support/tensors.ts";

await useBackend();

function example(): Params {
  return { "up.weight": tf.tensor2d([[1, 2], [3, 4]]), "up.bias": tf.tensor1d([5, 6]) };
}

Deno.test("param() gives the record's own tensor", () => {
  const params = example();
  assertStrictEquals(param(params, "up.bias"), params["up.bias"]);
});

Deno.test("param() names what there is in place of a missing name, same endings first", () => {
  const { message } = assertThrows(() => param(example(), "down.bias"), RangeError);
  assertEquals(
    message,
    'Cannot read parameter "down.bias": expected a name such as up.bias, up.weight',
  );
  assertThrows(() => param({}, "x"), RangeError, "expected a name such as (none)");
  assertThrows(() => param(example(), "toString"), RangeError, "expected a name such as up.weight");
});

Deno.test("mapParams() keeps names and order, and passes the name", () => {
  const names: string[] = [];
  const mapped = mapParams(example(), (tensor, name) => {
    names.push(name);
    return tensor.neg();
  });
  assertEquals(names, ["up.weight", "up.bias"]);
  assertEquals(Object.keys(mapped), names);
  assertEquals(numbersOf(param(mapped, "up.weight")), [-1, -2, -3, -4]);
});

Deno.test("countParams() counts numbers, not tensors, and scalars as one", () => {
  assertEquals(countParams(example()), 6);
  assertEquals(countParams({ scalar: tf.scalar(7), none: tf.zeros([0, 4]) }), 1);
  assertEquals(countParams({}), 0);
});

Deno.test("disposeParams() frees every tensor of every record, and no other", () => {
  const other = tf.scalar(1);
  assertTensorsKept(0, () => {
    const first = example(), second = example();
    disposeParams(first, second);
    assert([first, second].every((record) => Object.values(record).every((t) => t.isDisposed)));
  });
  assertFalse(other.isDisposed);
});
