import { assert, assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { ConfigError, parseConfig } from "lib/core/mod.ts";

const schema = z.strictObject({
  name: z.string().default("toy"),
  layers: z.int().min(1).max(96).default(4),
  model: z.strictObject({
    dropout: z.number().min(0).lt(1).default(0),
    initialization: z.enum(["normal", "uniform"]).default("normal"),
  }).prefault({}),
}).refine((config) => config.name !== "wide" || config.layers > 1, {
  path: ["layers"],
  error: "expected more than 1 where the name is wide",
});

/** What parseConfig() says about `settings`. */
function refusal(settings: unknown): string {
  const { message } = assertThrows(() => parseConfig(schema, settings, "settings"), ConfigError);
  const prefix = "Cannot use the settings: ";
  assert(message.startsWith(prefix), message);
  return message.slice(prefix.length);
}

Deno.test("parseConfig() fills in defaults, section by section", () => {
  assertEquals(parseConfig(schema, { layers: 2 }, "settings"), {
    name: "toy",
    layers: 2,
    model: { dropout: 0, initialization: "normal" },
  });
  assertEquals(parseConfig(schema, { model: { dropout: 0.1 } }, "settings").model, {
    dropout: 0.1,
    initialization: "normal",
  });
});

Deno.test("parseConfig() freezes the result through and through, and not what came in", () => {
  const settings = { model: { dropout: 0.1 } };
  const config = parseConfig(schema, settings, "settings");
  assertThrows(() => Object.assign(config, { layers: 9 }), TypeError, "read only");
  assertThrows(() => Object.assign(config.model, { dropout: 9 }), TypeError, "read only");
  settings.model.dropout = 0.5;
  assertEquals(config.model.dropout, 0.1);
});

Deno.test("parseConfig() names the settings there are where a key is unknown, also in a section", () => {
  assertEquals(refusal({ layer: 2 }), "expected a setting among name, layers, model, got layer");
  assertEquals(
    refusal({ model: { dropOut: 0, width: 1 } }),
    "model: expected a setting among dropout, initialization, got dropOut, width",
  );
});

Deno.test("parseConfig() says where, what was expected, and what came", () => {
  assertEquals(refusal({ layers: 0 }), "layers: expected number to be >=1, got 0");
  assertEquals(refusal({ layers: 97 }), "layers: expected number to be <=96, got 97");
  assertEquals(
    refusal({ model: { dropout: 1 } }),
    "model.dropout: expected number to be <1, got 1",
  );
  assertEquals(
    refusal({ model: { initialization: "xavier" } }),
    'model.initialization: expected one of "normal"|"uniform", got "xavier"',
  );
  assertEquals(
    refusal({ name: "wide", layers: 1 }),
    "layers: expected more than 1 where the name is wide, got 1",
  );
});

Deno.test("parseConfig() says what a setting takes that takes several kinds", () => {
  const choice = z.strictObject({
    padTo: z.union([z.literal("longest"), z.int().min(1)]).default("longest"),
  });
  for (const [padTo, got] of [["10", '"10"'], [0, "0"], [null, "null"], [1.5, "1.5"]] as const) {
    const { message } = assertThrows(() => parseConfig(choice, { padTo }, "settings"), ConfigError);
    const text = 'padTo: expected "longest" or an integer from 1';
    assertEquals(message, `Cannot use the settings: ${text}, got ${got}`);
  }
});

Deno.test("parseConfig() names the default where a setting that nobody gave breaks a rule", () => {
  const pair = z.strictObject({ size: z.int().default(8), parts: z.int().default(4) })
    .refine(({ size, parts }) => size % parts === 0, {
      path: ["parts"],
      error: "expected a divisor",
    });
  const { message } = assertThrows(() => parseConfig(pair, { size: 9 }, "settings"), ConfigError);
  assertEquals(message, "Cannot use the settings: parts: expected a divisor, got 4, the default");
});

Deno.test("parseConfig() reports every problem at once", () => {
  assertEquals(
    refusal({ layers: 0, model: { dropout: -1 }, seed: 1 }),
    "layers: expected number to be >=1, got 0; model.dropout: expected number to be >=0, got -1; " +
      "expected a setting among name, layers, model, got seed",
  );
});

Deno.test("parseConfig() refuses wrong types, missing settings, and what is no object", () => {
  const required = z.strictObject({ seed: z.int() });
  const message = (settings: unknown) =>
    assertThrows(() => parseConfig(required, settings, "run settings"), ConfigError).message;
  for (
    const [settings, start, end] of [
      [{}, "seed: expected", ", got nothing"],
      [{ seed: "7" }, "seed: expected", ', got "7"'],
      [{ seed: null }, "seed: expected", ", got null"],
      [{ seed: 1.5 }, "seed: expected int", ", got 1.5"],
      [null, "expected object", ", got null"],
      [[1], "expected object", ", got [1]"],
    ] as const
  ) {
    const text = message(settings);
    assert(text.startsWith(`Cannot use the run settings: ${start}`) && text.endsWith(end), text);
  }
});
