import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import { checkMachine, measureTraining, predictMinutes } from "lib/run/mod.ts";

const { name: backend } = await useBackend();

Deno.test("measureTraining() sees the exercise's model learn, no loss that stays, and leaves no tensor behind", async () => {
  // What is made once and kept. The first loss is the last one, too: such a loss is no learning.
  const once = await measureTraining({ steps: 1, examples: 100 });
  assertEquals([once.hasLearned, once.lastLoss], [false, once.firstLoss]);
  const before = [tf.memory().numTensors, handleCount()];
  const { tokensPerSecond, firstLoss, lastLoss, steps, hasLearned } = await measureTraining({
    steps: 30,
    seconds: 600,
  });
  assertEquals([tf.memory().numTensors, handleCount()], before);
  assertEquals([steps, hasLearned], [30, true]);
  assertAlmostEquals(firstLoss, Math.log(1000), 0.3);
  assert(lastLoss < firstLoss - 1);
  assert(tokensPerSecond > 0);
});

Deno.test("measureTraining() ends in time, but not before it can tell", async () => {
  const { steps, hasLearned } = await measureTraining({ seconds: 0 });
  assertEquals([steps, hasLearned], [10, true]);
});

Deno.test("predictMinutes() is the reference's at its speed, and in proportion elsewhere", () => {
  const reference = predictMinutes(9200);
  assertEquals(Object.keys(reference).length, 6);
  assertAlmostEquals(reference["03_loop"] ?? NaN, 4, 1e-9);
  const slow = predictMinutes(4600);
  for (const [name, minutes] of Object.entries(reference)) {
    assertAlmostEquals(slow[name] ?? NaN, 2 * minutes, 1e-9);
  }
  for (const speed of [0, -1, NaN]) {
    assertThrows(
      () => predictMinutes(speed),
      RangeError,
      `expected a positive number of tokens per second, got ${speed}`,
    );
  }
});

Deno.test("predictMinutes() knows every notebook", () => {
  const notebooks = [...Deno.readDirSync(new URL("../../notebooks", import.meta.url))]
    .filter(({ name }) => name.endsWith(".ipynb")).map(({ name }) => name.replace(".ipynb", ""));
  assertEquals(Object.keys(predictMinutes(1)), notebooks.toSorted());
});

Deno.test("checkMachine() is not healthy where a kernel breaks training, and says so", async () => {
  // Every gradient flows through it: with a wrong one the loss stays or rises.
  const right = tf.getKernel("Neg", backend),
    kernelFunc = tf.getKernel("Relu", backend)?.kernelFunc;
  assert(right && kernelFunc);
  const heard: string[] = [];
  tf.unregisterKernel("Neg", backend);
  tf.registerKernel({ ...right, kernelFunc });
  try {
    const { findings, isHealthy } = await checkMachine({
      seconds: 0,
      onFinding: ({ subject }) => heard.push(subject),
    });
    assertEquals(isHealthy, false);
    assertEquals(heard, findings.map(({ subject }) => subject));
    const problems = findings.filter(({ problem }) => problem !== undefined);
    assertMatch(problems.map(({ subject }) => subject).join(), /gradients|training/);
  } finally {
    tf.unregisterKernel("Neg", backend);
    tf.registerKernel(right);
  }
});
