import { assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { assertShape } from "lib/tensor/mod.ts";

await useBackend();

Deno.test("assertShape() says which axes it expected and what it got", () => {
  const refused = (shape: number[], axes: Record<string, number | null>, message: string) =>
    assertThrows(() => assertShape(tf.zeros(shape), axes, "x"), TypeError, message);
  refused([2, 7], { B: 2, T: 6 }, "Cannot use x: expected shape [B 2, T 6], got [2, 7]");
  refused([2, 7], { B: null, T: 6 }, "Cannot use x: expected shape [B, T 6], got [2, 7]");
  refused([2], { B: 2, T: null }, "Cannot use x: expected shape [B 2, T], got [2]");
  refused([2, 7, 1], { B: 2, T: 7 }, "Cannot use x: expected shape [B 2, T 7], got [2, 7, 1]");
  refused([1], {}, "Cannot use x: expected shape [], got [1]");
});

Deno.test("assertShape() takes null for any size, empty axes, and scalars", () => {
  assertShape(tf.zeros([2, 0]), { B: null, T: 0 }, "x");
  assertShape(tf.scalar(1), {}, "x");
});
