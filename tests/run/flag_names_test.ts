import { ConfigError } from "lib/core/mod.ts";
import { runConfig, runSchema } from "lib/train/mod.ts";
import { flagsOf } from "lib/core/mod.ts";
import { describeFailure } from "lib/run/failure.ts";
import { withFlagNames } from "lib/run/flag_names.ts";
import { assert, assertEquals } from "@std/assert";

Deno.test("withFlagNames() knows every setting, and leaves what is none", () => {
  for (const { path, name } of flagsOf(runSchema).filter(({ path }) => path.length > 1)) {
    assertEquals(withFlagNames(`lower ${path.join(".")}, then`), `lower --${name}, then`);
  }
  const others =
    "in data.txt, /model.layers/a, my.train.lr, train.lrs, train, lr, model.layers.0, data.padTo: 3";
  assertEquals(withFlagNames(others), others);
  assertEquals(withFlagNames("raise train.epochs."), "raise --epochs.");
});

Deno.test("describeFailure() speaks of flags to whoever typed a command line", () => {
  const error = new ConfigError("Cannot warm up: expected fewer steps; lower train.warmup");
  assertEquals(describeFailure(error).message, error.message.replace("train.warmup", "--warmup"));
});

Deno.test("lib/train names settings that there are, and no flags", () => {
  const config = runConfig() as unknown as Record<string, Record<string, unknown>>; // by any name
  for (const { name } of Deno.readDirSync("lib/train")) {
    const text = Deno.readTextFileSync(`lib/train/${name}`).replaceAll(/^\s*(\*|\/[/*]).*$/gm, "");
    assertEquals(/["`\s]--[a-z]+/.exec(text)?.[0], undefined, name);
    for (const [, part = ""] of text.matchAll(/(?:lower|raise|Lower|lengthen) ([^"`;]+)/g)) {
      for (const [, section = "", setting = ""] of part.matchAll(/\b([a-z]+)\.([a-zA-Z]+)\b/g)) {
        assert(setting in (config[section] ?? {}), `${name}: ${section}.${setting}`);
      }
    }
  }
});
