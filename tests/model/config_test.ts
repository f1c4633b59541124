import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "lib/core/mod.ts";
import { INITIALIZATIONS } from "lib/model/config.ts";
import { modelConfig } from "lib/model/mod.ts";

Deno.test("modelConfig() has the exercise's numbers as defaults", () => {
  assertEquals(modelConfig(), {
    vocabSize: 1000,
    hiddenSize: 256,
    heads: 4,
    layers: 4,
    feedForwardSize: 512,
    maxLength: 128,
    dropout: 0,
    tiedHead: true,
    initialization: "xavier-uniform",
    initStd: 0.02,
  });
});

Deno.test("modelConfig() takes every initialization and any number of heads that divides", () => {
  for (const initialization of INITIALIZATIONS) {
    assertEquals(modelConfig({ initialization }).initialization, initialization);
  }
  for (const heads of [1, 2, 3, 4, 6, 12]) {
    assertEquals(modelConfig({ hiddenSize: 12, heads }).heads, heads);
  }
});

Deno.test("modelConfig() lists the divisors where the heads do not divide the hidden size", () => {
  const { message } = assertThrows(() => modelConfig({ hiddenSize: 12, heads: 5 }), ConfigError);
  assertEquals(
    message,
    "Cannot use the model settings: heads: " +
      "expected a divisor of the hidden size 12 (1, 2, 3, 4, 6, 12), got 5",
  );
});

Deno.test("modelConfig() refuses a size of 0 as one problem, not also as a wrong divisor", () => {
  for (const size of ["hiddenSize", "heads", "layers", "vocabSize", "maxLength"]) {
    const { message } = assertThrows(() => modelConfig({ [size]: 0 }), ConfigError);
    assertEquals(
      message,
      `Cannot use the model settings: ${size}: expected number to be >=1, got 0`,
    );
  }
});

Deno.test("modelConfig() refuses rates and deviations out of range, and what it does not know", () => {
  const refused = (settings: Record<string, unknown>, message: string) =>
    assertThrows(() => modelConfig(settings), ConfigError, message);
  refused({ dropout: 1 }, "dropout: expected number to be <1, got 1");
  refused({ dropout: -0.1 }, "dropout: expected number to be >=0, got -0.1");
  refused({ initStd: 0 }, "initStd: expected number to be >0, got 0");
  refused({ layers: 2.5 }, "layers: expected int");
  refused({ initialization: "xavier" }, '"xavier-uniform"|"xavier-normal"');
  refused({ hidden: 256 }, "expected a setting among vocabSize, hiddenSize, heads, layers");
});
