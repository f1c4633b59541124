import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { createRun, stepInput } from "lib/train/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("stepInput() counts all targets, and draws by seed, step and place alone", () => {
  const run = createRun(tinyConfig());
  const batches = [...run.corpus.loader.batches(run.state.cursor).take(2)];
  const seedsAt = (step: number) =>
    tf.tidy(() => {
      const input = stepInput({ ...run, state: { ...run.state, step } }, batches);
      assertEquals(input.params, run.state.params); // the run's own
      assertEquals(
        input.targetCount.arraySync(),
        batches.reduce((sum, { targets }) => sum + targets, 0),
      );
      return input.microBatches.map(({ dropoutSeed }) => [...dropoutSeed.dataSync()]);
    });
  const [first, second] = seedsAt(3);
  assertEquals(seedsAt(3), [first, second]);
  assertNotEquals(first, second);
  assertNotEquals(seedsAt(4), [first, second]);
  disposeParams(run.state.params, run.state.optimizer);
});

Deno.test("stepInput() fills no rows beyond the data, however large the batch size", () => {
  const run = createRun(
    tinyConfig({ data: { examples: 60 }, train: { batchSize: 100_000, warmup: 0 } }),
  );
  const [batch] = run.corpus.loader.batches();
  assert(batch !== undefined);
  const [micro] = stepInput(run, [batch]).microBatches;
  assertEquals(micro?.ids.shape, [54, 6]);
});
