import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "lib/core/mod.ts";
import { paramShapes } from "lib/model/mod.ts";
import { assertFits, createRun, estimateMemory, runConfig } from "lib/train/mod.ts";

const GB = 1e9;

Deno.test("estimateMemory() counts the parameters that a model has", () => {
  for (
    const model of [{}, { tiedHead: false }, { layers: 3, hiddenSize: 24, feedForwardSize: 7 }, {
      maxLength: 16,
    }]
  ) {
    const config = runConfig({ model });
    const counts = Object.values(paramShapes(config.model))
      .map((shape) => shape.reduce((product, size) => product * size, 1));
    const parameters = counts.reduce((sum, count) => sum + count, 0);
    assertEquals(estimateMemory(config).weights, 4 * 7 * parameters);
  }
});

Deno.test("estimateMemory() grows with what a step keeps, and not with what a micro-batch does not", () => {
  const at = (settings: Parameters<typeof runConfig>[0]) =>
    estimateMemory(runConfig(settings)).activations;
  const usual = at({});
  assertEquals(at({ train: { batchSize: 128 } }), 2 * usual);
  assertEquals(at({ train: { accumulation: 16 } }), usual);
  assertEquals(at({ train: { batchSize: 2 ** 31 } }), at({ train: { batchSize: 10_000 } }));
  assertLess(4 * usual, at({ data: { padTo: 24 } })); // the attention grows with the square
});

Deno.test("assertFits() refuses what cannot fit, says how much each part is, and names the cure", () => {
  const cases: [Parameters<typeof runConfig>[0], string][] = [
    [{ model: { hiddenSize: 1e8, heads: 1 } }, "for weights, gradients and optimizer"],
    [{ model: { layers: 9e15 } }, "lower model.hiddenSize, model.layers"],
    [{ model: { maxLength: 1e9 } }, "lower model.hiddenSize, model.layers"],
    [{ model: { vocabSize: 1e10 } }, "lower model.hiddenSize, model.layers"],
    [{ data: { examples: 5e9 } }, "lower data.examples or train.samples"],
    [{ train: { samples: 5e9 } }, "lower data.examples or train.samples"],
    [
      { data: { padTo: 5000 }, model: { maxLength: 5000 } },
      "lower train.batchSize 64 and raise train.accumulation 1 by as much (the same losses), or lower data.padTo",
    ],
  ];
  for (const [settings, text] of cases) {
    const config = runConfig(settings);
    const { message } = assertThrows(() => assertFits(config, 8 * GB), ConfigError);
    assertStringIncludes(
      message,
      "Cannot train: expected a run that fits into 8 GB of memory, got",
    );
    assertStringIncludes(message, text);
    assertLess(message.length, 400);
  }
});

Deno.test("assertFits() takes what fits, on a small machine too", () => {
  assertFits(runConfig(), 1 * GB);
  assertFits(runConfig());
  const { weights, activations, data } = estimateMemory(runConfig());
  assertFits(runConfig(), weights + activations + data);
  assertThrows(() => assertFits(runConfig(), weights + activations + data - 1), ConfigError);
});

Deno.test("createRun() refuses what does not fit before it makes anything of it", () => {
  const began = performance.now();
  for (const settings of [{ data: { examples: 5e12 } }, { model: { layers: 9e15 } }]) {
    assertThrows(() => createRun(runConfig(settings)), ConfigError, "Cannot train: expected a run");
  }
  assert(performance.now() - began < 5000, "no sentence was drawn");
});
