import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { ConfigError, flagsOf, formatFlags, parseFlags } from "lib/core/mod.ts";

const schema = z.strictObject({
  seed: z.int().default(1).describe("of all draws"),
  model: z.strictObject({
    hiddenSize: z.int().default(256).describe("width, C"),
    tiedHead: z.boolean().default(true).describe("share the embedding"),
  }),
  train: z.strictObject({
    lr: z.number().default(1e-3).describe("peak rate"),
    schedule: z.enum(["cosine", "linear"]).default("cosine").describe("how the rate falls"),
    padTo: z.union([z.literal("longest"), z.int()]).default("longest").describe("tokens"),
  }),
});
const flags = flagsOf(schema);

Deno.test("flagsOf() makes one flag of each setting, in the order of the schema", () => {
  assertEquals(flags.map((flag) => flag.name), [
    "seed",
    "hidden-size",
    "tied-head",
    "lr",
    "schedule",
    "pad-to",
  ]);
  assertEquals(flags.map((flag) => flag.defaultValue), [1, 256, true, 1e-3, "cosine", "longest"]);
});

Deno.test("flagsOf() refuses two sections with one setting's name", () => {
  const twice = z.strictObject({ a: z.strictObject({ size: z.int() }), size: z.int() });
  assertThrows(() => flagsOf(twice), RangeError, "expected distinct settings, got --size twice");
});

Deno.test("parseFlags() gives what was named, typed and nested, and nothing else", () => {
  const args = ["--hidden-size=64", "--no-tied-head", "--lr", "-0.5", "--pad-to", "32", "--help"];
  const parsed = parseFlags(flags, args, { help: "boolean", config: "string" });
  assertEquals(parsed.settings, {
    model: { hiddenSize: 64, tiedHead: false },
    train: { lr: -0.5, padTo: 32 },
  });
  assertEquals(parsed.extra, { help: true, config: undefined });
});

Deno.test("parseFlags() keeps words where words are allowed, and leaves the rules to the schema", () => {
  assertEquals(parseFlags(flags, ["--pad-to", "longest"]).settings, {
    train: { padTo: "longest" },
  });
  assertEquals(parseFlags(flags, ["--schedule", "sine"]).settings, { train: { schedule: "sine" } });
});

Deno.test("parseFlags() says what is allowed where a flag is unknown, empty or of the wrong kind", () => {
  const cases: [string[], string][] = [
    [["--hiden-size", "3"], "Unknown option '--hiden-size', did you mean --hidden-size?"],
    [["--hidden", "3"], "did you mean --hidden-size?"],
    [["-v"], "Unknown option '-v'; --help lists the flags"], // each short flag is near to it
    [["--zebra", "3"], "Unknown option '--zebra'; --help lists the flags"],
    [["--lr"], "argument missing; --help lists the flags"],
    [["stray"], "Unexpected argument 'stray'"],
    [["--seed", "x"], 'Cannot use --seed: expected an integer, got "x"'],
    [["--seed", ""], 'Cannot use --seed: expected an integer, got ""'],
    [["--lr", "fast"], 'Cannot use --lr: expected a number, got "fast"'],
    [["--pad-to", "short"], 'Cannot use --pad-to: expected longest or an integer, got "short"'],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => parseFlags(flags, args), ConfigError, message);
  }
});

Deno.test("formatFlags() shows every flag with its values, meaning and default", () => {
  assertEquals(formatFlags(flags).split("\n"), [
    "  --seed INTEGER               of all draws (default 1)",
    "  --hidden-size INTEGER        width, C (default 256)",
    "  --tied-head, --no-tied-head  share the embedding (default true)",
    "  --lr NUMBER                  peak rate (default 0.001)",
    "  --schedule cosine|linear     how the rate falls (default cosine)",
    "  --pad-to longest|INTEGER     tokens (default longest)",
  ]);
});
