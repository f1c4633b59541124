import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Level, LEVELS } from "lib/data/mod.ts";
import { LEVEL_DEFAULTS, runConfig, withLevelDefaults } from "lib/train/mod.ts";

Deno.test("runConfig() gives each level its own defaults, and `plain` the exercise's", () => {
  const chosen = (level: Level) => {
    const { data, train } = runConfig({ data: { level } });
    return [data.examples, train.epochs];
  };
  assertEquals(LEVELS.map(chosen), [[10_000, 6], [10_000, 6], [20_000, 3], [20_000, 2]]);
  assertEquals(runConfig(), runConfig({ data: { level: "plain" } }));
});

Deno.test("runConfig() takes a setting that is given before the level's, and changes no other", () => {
  const { data, train } = runConfig({
    data: { level: "copy", examples: 500 },
    train: { lr: 1e-4 },
  });
  assertEquals([data.examples, train.lr, train.epochs], [500, 1e-4, 2]);
  for (const level of LEVELS) {
    const whole = runConfig({ data: { level } });
    assertEquals(
      runConfig(whole),
      whole,
      "a complete config, such as a checkpoint's, stays as it is",
    );
  }
});

Deno.test("LEVEL_DEFAULTS names settings that differ from the exercise's, and none else", () => {
  const plain: Record<string, unknown> = runConfig();
  for (const level of LEVELS) {
    for (const [section, values] of Object.entries(LEVEL_DEFAULTS[level])) {
      const usual = plain[section] as Record<string, unknown>; // a section of the settings
      for (const [name, value] of Object.entries(values)) {
        assert(name in usual && usual[name] !== value, `${level} ${section}.${name}`);
      }
    }
  }
});

Deno.test("withLevelDefaults() leaves what it cannot read to be refused", () => {
  for (const settings of [null, 7, {}, { data: 7 }, { data: { level: "hard" } }, { data: {} }]) {
    assertEquals(withLevelDefaults(settings), settings);
  }
  // A config file may hold anything.
  const odd = { data: { level: "copy" }, train: 7 } as unknown as Parameters<typeof runConfig>[0];
  assertThrows(() => runConfig(odd), Error, "train: ");
});
