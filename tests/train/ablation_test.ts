import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { headMask } from "lib/model/mod.ts";
import { createRun, evaluate, type LossesInput, measureAblation, modelOf } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

/** float32 losses of a thousand targets, summed in float64. */
const TOLERANCE = 1e-5;

const run = createRun(tinyConfig({ data: { level: "copy", examples: 300 }, model: { layers: 2 } }));
const { validation } = run.corpus, config = run.config.model;
const headsOff = [{ layer: 1, head: 0 }];

/** A model whose targets all cost 2, and with the heads off what `lossOff` says. */
function withLosses(lossOff: (place: number, row: number) => number) {
  const losses = ({ batch, headMask }: LossesInput) => {
    const [, T = 1] = batch.ids.shape;
    return tf.tensor1d(
      [...batch.labels.dataSync()].map((label, i) =>
        label < 0 ? 0 : headMask === undefined ? 2 : lossOff(i % T, Math.floor(i / T))
      ),
    );
  };
  return { ...modelOf(run), programs: { losses } };
}

Deno.test("measureAblation() gives the rise at the targets that need the head, and none elsewhere", async () => {
  const verbs = [4, 9]; // <bos> The ADJ NOUN VERB ...: the verbs' places among the targets, plus 1
  const model = withLosses((place) => verbs.includes(place + 1) ? 5 : 2);
  const rises = await measureAblation(model, validation, { config, headsOff });
  for (const { slot, loss, lossOff, rise, standardError } of rises ?? []) {
    assertAlmostEquals(loss, 2, TOLERANCE);
    assertAlmostEquals(rise, slot === "verb" ? 3 : 0, TOLERANCE, slot);
    assertAlmostEquals(lossOff, loss + rise, TOLERANCE);
    assertAlmostEquals(standardError, 0, TOLERANCE);
  }
  assertEquals(rises?.find(({ slot }) => slot === "verb")?.targets, 2 * 30);
});

Deno.test("measureAblation() tells targets apart by a name of the caller's", async () => {
  const model = withLosses((place) => place === 8 ? 6 : 2);
  const nameOf = (slots: readonly string[], target: number) =>
    `${slots[target]} ${
      slots.slice(0, target + 1).filter((slot) => slot === slots[target]).length
    }`;
  const rises = await measureAblation(model, validation, { config, headsOff, nameOf });
  const riseAt = (name: string) => rises?.find(({ slot }) => slot === name)?.rise ?? NaN;
  assertAlmostEquals(riseAt("verb 1"), 0, TOLERANCE);
  assertAlmostEquals(riseAt("verb 2"), 4, TOLERANCE);
});

Deno.test("measureAblation() has the standard error of a mean of differences", async () => {
  // Every second sentence loses 2 at each target: the spread is 1 around 1.
  const model = withLosses((_, row) => row % 2 === 0 ? 2 : 4);
  const rises = await measureAblation(model, validation, { config, headsOff });
  for (const { rise, standardError } of rises ?? []) {
    assertAlmostEquals(rise, 1, TOLERANCE);
    assertAlmostEquals(standardError, 1 / Math.sqrt(30), TOLERANCE);
  }
});

Deno.test("measureAblation() agrees with evaluate() of the whole and of the cut model, in every mode", async () => {
  for (const compile of ["graph", "off"] as const) {
    const own = createRun(tinyConfig({ model: { layers: 2 }, compute: { compile } }));
    const model = modelOf(own), set = own.corpus.validation;
    const mask = headMask(own.config.model, headsOff);
    const whole = await evaluate(model, set),
      cut = await evaluate({ ...model, headMask: mask }, set);
    const rises = await measureAblation(model, set, { config: own.config.model, headsOff });
    assert(whole && cut && rises);
    assert(whole.loss !== cut.loss);
    for (const [index, { slot, loss, lossOff, targets }] of rises.entries()) {
      assertEquals([slot, targets], [whole.slots[index]?.slot, whole.slots[index]?.targets]);
      assertAlmostEquals(loss, whole.slots[index]?.loss ?? NaN, TOLERANCE);
      assertAlmostEquals(lossOff, cut.slots[index]?.loss ?? NaN, TOLERANCE);
    }
  }
});

Deno.test("measureAblation() finds no rise where no head is off", async () => {
  const rises = await measureAblation(modelOf(run), validation, { config, headsOff: [] });
  for (const { rise } of rises ?? []) assertAlmostEquals(rise, 0, TOLERANCE);
});

Deno.test("measureAblation() stops when asked, refuses a head that is not there, and frees everything", async () => {
  const options = { config, headsOff };
  await measureAblation(modelOf(run), validation, options); // what is kept is kept by now
  const before = tf.memory().numTensors;
  const signal = AbortSignal.abort();
  assertEquals(await measureAblation(modelOf(run), validation, { ...options, signal }), null);
  await measureAblation(modelOf(run), validation, options);
  const wrong = { config, headsOff: [{ layer: 2, head: 0 }] };
  await assertRejects(
    () => measureAblation(modelOf(run), validation, wrong),
    RangeError,
    "a layer",
  );
  assertEquals(tf.memory().numTensors, before);
});
