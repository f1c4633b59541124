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

const LEAST_AGREEMENT = { agreement: 0.98, variable: 0.95, copy: 0.97 } as const;

for (const level of ["agreement", "variable", "copy"] as const) {
  Deno.test(`the defaults of level \`${level}\` come within 0.05 nats of the oracle, and its pairs agree`, async () => {
    const { run, validation } = await trainToTheEnd({ data: { level }, train: { samples: 1000 } });
    assertLess(validation.gap, 0.05);
    assert(!looksLikeLeak(validation), `gap ${validation.gap} ± ${validation.gapStandardError}`);
    const { agreementShare } = await generateSamples(run);
    assertGreaterOrEqual(agreementShare ?? 0, LEAST_AGREEMENT[level]);
  });
}
