import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { localReplicas } from "lib/distributed/mod.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("localReplicas() adds up in the order of ranks, and frees what it makes", async () => {
  const before = tf.memory().numTensors, values = [1e8, 1, -1e8]; // not the same in another order
  const sums = await Promise.all(
    localReplicas(3).map(async (replicas) => {
      if (replicas.rank === 0) await new Promise((resolve) => setTimeout(resolve, 20)); // comes last
      const own = tf.scalar(values[replicas.rank] ?? NaN), sum = await replicas.sum(own);
      const first = await replicas.broadcast(own), result = [sum.arraySync(), first.arraySync()];
      tf.dispose([own, sum, first]);
      return result;
    }),
  );
  const expected = Math.fround(Math.fround(1e8 + 1) - 1e8);
  assertEquals(sums, [[expected, 1e8], [expected, 1e8], [expected, 1e8]]);
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => localReplicas(0), RangeError, "expected a number of ranks from 1, got 0");
});
