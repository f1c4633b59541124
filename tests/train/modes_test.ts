import { assertEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import {
  assertModesAgree,
  assertOtherBits,
  GRAPH,
  GRAPH_BFLOAT16,
  nameOf,
  OP_BY_OP,
  trainEachWay,
  XLA,
  XLA_BFLOAT16,
} from "../support/training_modes.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend({ backend: "tensorflow" });

/** The exercise's own model is left to tests/slow: it trains for long. */
const WAYS = [OP_BY_OP, GRAPH, XLA, GRAPH_BFLOAT16, XLA_BFLOAT16], STEPS = 100, CUT = 37;

/** Only the order of float32 sums differs; tests/slow has what becomes of it in a larger model. */
const TOLERANCE = 1e-4;

/** As in the exercise's run, no validation comes between: another process need not compile it. */
const settings = tinyConfig({
  data: { examples: 1600, validationShare: 0.02 },
  model: { dropout: 0.2 },
  train: { epochs: 1 },
});
const runOf = trainEachWay({ ways: WAYS, settings, steps: STEPS, cut: CUT });

for (const way of WAYS) {
  Deno.test(`train() ${nameOf(way)} gives the same bits, resumed in another process`, async () => {
    const { here, resumed } = await runOf(way);
    assertEquals(here.losses.length, STEPS);
    assertEquals(resumed, { ...here, losses: here.losses.slice(CUT) });
    await assertOtherBits(runOf, way, WAYS);
  });
}

Deno.test("train() op by op, as a graph and by XLA gives losses within 1e-4 for 100 steps", async () => {
  await assertModesAgree(runOf, TOLERANCE);
});
