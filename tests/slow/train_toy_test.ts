import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import {
  createRun,
  evaluate,
  generateSamples,
  judgeFit,
  looksLikeLeak,
  modelOf,
  runConfig,
  train,
} from "lib/train/mod.ts";

await useBackend();

async function trainToTheEnd(settings: Parameters<typeof runConfig>[0]) {
  const run = createRun(runConfig(settings));
  for await (const event of train(run)) assert(event.kind !== "notice");
  const validation = await evaluate(modelOf(run), run.corpus.validation);
  const trained = await evaluate(modelOf(run), run.corpus.trainSample);
  assert(validation !== null && trained !== null);
  const bestLoss = run.state.earlyStop.bestLoss ?? NaN;
  return { run, validation, verdict: judgeFit({ train: trained, validation, bestLoss }) };
}

Deno.test("the exercise's run comes within 0.03 nats of the oracle on `plain`", async () => {
  const { run, validation, verdict } = await trainToTheEnd({});
  assertLess(validation.gap, 0.03);
  assert(!looksLikeLeak(validation), `gap ${validation.gap} ± ${validation.gapStandardError}`);
  assertEquals(verdict.kind, "good fit");
  assertEquals((await generateSamples(run)).greedyGrammaticalShare, 1);
});

Deno.test("the exercise's model learns `agreement`: gap below 0.06, 98 % of pairs agree", async () => {
  const settings = { data: { level: "agreement" }, train: { samples: 1000 } } as const;
  const { run, validation } = await trainToTheEnd(settings);
  assertLess(validation.gap, 0.06);
  assert(!looksLikeLeak(validation));
  assertGreaterOrEqual((await generateSamples(run)).agreementShare ?? 0, 0.98);
});
