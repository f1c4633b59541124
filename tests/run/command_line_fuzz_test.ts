import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { ConfigError, flagsOf, Random } from "lib/core/mod.ts";
import { parseTrainCommand } from "lib/run/mod.ts";
import { assertFits, planSteps, runSchema } from "lib/train/mod.ts";
import { count } from "../support/count.ts";

const LINES = count("lines");

const FLAGS = flagsOf(runSchema);
const NAMES = [
  ...FLAGS.map(({ name }) => name),
  ...["help", "config", "name", "resume", "overwrite", "backend", "device", "threads"],
  ...["x", "", "lrr", "no-tied-head", "no-lr", "__proto__", "constructor", "train.lr", "é"],
];
const VALUES = [
  ...["0", "1", "-1", "2", "64", "1e-46", "1e39", "1e309", "-0", "0x10", "1_000", " 7 ", "٣"],
  ...["NaN", "Infinity", "null", "true", "", " ", "abc", "--", "-", "-h", "plain", "xla", "off"],
  ...["2147483648", "4294967296", "9007199254740993", "9e15", "1e8", "longest", "bfloat16", "wasm"],
  ...["\u0000", "\u001b[31mred", "\u202eabc", "a\nb", "\ud800", "x".repeat(3000), "../../a", "/"],
];
/** Values that JSON can hold, and some texts that are no JSON. */
const JSON_VALUES = [
  ...VALUES.map((value) => JSON.stringify(value)),
  ...["0", "-1", "1.5", "1e400", "null", "true", "[]", "{}", '{"lr":1,"lr":2}', "[1,[2]]", "nul"],
  ...[`${"[".repeat(100_000)}${"]".repeat(100_000)}`, '{"__proto__":{"lr":1}}', '"', "{", "01"],
];

/** Chooses from lists, from one seed. */
class Choice {
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  from<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)] as T; // no list here is empty
  }

  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.random.integer(most + 1) }, make);
  }

  commandLine(): string[] {
    const flags = this.many(3, () => {
      const flag = `${this.from(["--", "--", "--", "-", ""])}${this.from(NAMES)}`;
      const value = this.from(VALUES);
      return this.from([[flag, value], [`${flag}=${value}`], [flag], [value]]);
    }).flat();
    return this.random.integer(3) === 0 ? [...flags, "--config", this.configFile()] : flags;
  }

  configFile(): string {
    const path = Deno.makeTempFileSync({ suffix: ".json" });
    const key = () => JSON.stringify(this.from([...Object.keys(runSchema.shape), ...NAMES]));
    const settings = () =>
      `{${this.many(2, () => `${this.settingName()}:${this.from(JSON_VALUES)}`).join()}}`;
    const entry = () =>
      `${key()}:${this.from([settings, settings, () => this.from(JSON_VALUES)])()}`;
    const whole = `{${this.many(3, entry).join()}}`;
    Deno.writeTextFileSync(path, this.from([whole, whole, whole, this.from(JSON_VALUES)]));
    return path;
  }

  settingName(): string {
    const { path } = this.from(FLAGS);
    return JSON.stringify(this.from([path.at(-1) ?? "", path.join("."), this.from(NAMES)]));
  }
}

/** What a refusal must be: one clear line that no terminal acts on, of a kind that means exit 2. */
function assertClear(error: unknown, line: readonly string[]): void {
  const what = JSON.stringify(line).slice(0, 500);
  assert(error instanceof ConfigError || error instanceof RangeError, `${what}: ${error}`);
  assertMatch(error.message, /^Cannot /, what);
  assert(
    !/[\p{Cc}\u202a-\u202e]/u.test(error.message),
    `${what}: ${error.message}`,
  );
  assertLess(error.message.length, 1500, what);
  assertEquals(error.message, error.message.toWellFormed(), what);
}

Deno.test(`parseTrainCommand() takes or clearly refuses ${LINES} random lines and files`, () => {
  const choice = new Choice(20), seen = { taken: 0, refused: 0 };
  for (let i = 0; i < LINES; i++) {
    const line = choice.commandLine();
    try {
      const { config, isHelp, isVersion } = parseTrainCommand(line);
      if (config !== null) {
        assertFits(config);
        const batches = Math.ceil(config.data.examples / config.train.batchSize);
        planSteps(config, {
          batchesPerEpoch: batches,
          stepsPerEpoch: batches,
          *stepTargets(): Generator<number, never> {
            while (true) yield 1_000_000;
          },
        });
        // What was taken can be written down, and read back to the same.
        assertEquals(runSchema.parse(JSON.parse(JSON.stringify(config))), config);
      }
      assert(
        config !== null || isHelp || isVersion || line.some((word) => word.startsWith("--resume")),
      );
      seen.taken++;
    } catch (error) {
      assertClear(error, line);
      seen.refused++;
    }
  }
  assert(seen.taken > LINES / 20 && seen.refused > LINES / 4, JSON.stringify(seen));
});
