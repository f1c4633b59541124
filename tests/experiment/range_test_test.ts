import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { rangeTest } from "lib/experiment/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";

await useBackend();

const CONFIG = runConfig({
  data: { examples: 500 },
  model: { layers: 1, hiddenSize: 32, feedForwardSize: 32 },
  train: { clip: 0 },
  compute: { compile: "graph" },
});

Deno.test("rangeTest() goes up by a constant factor, learns on the way, and diverges", async () => {
  const before = tf.memory().numTensors;
  const { points, steepest, lowest, diverged } = await rangeTest(CONFIG, {
    from: 1e-5,
    to: 100,
    steps: 60,
  });
  assertEquals(tf.memory().numTensors, before);
  const factors = points.slice(1).map(({ lr }, i) => lr / (points[i]?.lr ?? NaN));
  for (const factor of factors) assert(Math.abs(factor - 1e7 ** (1 / 59)) < 1e-6);
  assert(steepest !== null && diverged !== null);
  assert(steepest < lowest && lowest < diverged, `${steepest}, ${lowest}, ${diverged}`);
  assertGreater((points[0]?.loss ?? 0) - Math.min(...points.map(({ loss }) => loss)), 0.5);
});

Deno.test("rangeTest() diverges nowhere where no rate is too high", async () => {
  const { diverged, points } = await rangeTest(CONFIG, { from: 1e-6, to: 1e-4, steps: 10 });
  assertEquals([diverged, points.length], [null, 10]);
});

Deno.test("rangeTest() refuses rates that do not rise", async () => {
  await assertRejects(() => rangeTest(CONFIG, { from: 1, to: 0.1 }), RangeError, "got 1 to 0.1");
  await assertRejects(() => rangeTest(CONFIG, { from: 0 }), RangeError, "got 0 to 1");
  await assertRejects(() => rangeTest(CONFIG, { steps: 1 }), RangeError, "to 1 over 1");
  // As float32, the type of the rate, the first is 0 and the second infinite.
  await assertRejects(() => rangeTest(CONFIG, { from: 1e-50 }), RangeError, "got 1e-50 to 1");
  await assertRejects(() => rangeTest(CONFIG, { to: 1e39 }), RangeError, "to 1e+39 over 100");
  await assertRejects(
    () => rangeTest(CONFIG, { rise: NaN }),
    RangeError,
    "a rise above 0, got NaN",
  );
});
