import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { packParams, unpackParams } from "lib/tensor/mod.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("unpackParams() gives back to the bit what packParams() took, and keeps nothing", () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const values = [NaN, -0, 1e-45, Infinity, 3.4e38, 0.1];
    const params = {
      b: tf.tensor2d(values, [2, 3]),
      a: tf.scalar(7),
      c: tf.tensor3d([5], [1, 1, 1]),
    };
    const again = unpackParams(packParams(params), params);
    assertEquals(Object.keys(again), ["b", "a", "c"]);
    for (const [name, tensor] of Object.entries(params)) {
      const other = again[name];
      assertEquals(other?.shape, tensor.shape);
      const bits = (one: tf.Tensor) => [...new Uint32Array(one.dataSync().slice().buffer)];
      assertEquals(other && bits(other), bits(tensor), name);
    }
    assertThrows(
      () => unpackParams(tf.zeros([7]), params),
      RangeError,
      "Cannot unpack parameters: expected at least 8 numbers, got 7",
    );
  });
  assertEquals(tf.memory().numTensors, before);
});
