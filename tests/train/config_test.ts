import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, flagsOf } from "lib/core/mod.ts";
import { planSteps, runConfig, runSchema } from "lib/train/mod.ts";

Deno.test("runConfig() has the exercise's numbers as defaults", () => {
  const { model, data, train } = runConfig();
  const { hiddenSize, heads, layers, feedForwardSize, vocabSize, maxLength } = model;
  assertEquals([hiddenSize, heads, layers, feedForwardSize, vocabSize, maxLength], [
    256,
    4,
    4,
    512,
    1000,
    128,
  ]);
  assertEquals([data.examples, data.validationShare, data.level], [10_000, 0.1, "plain"]);
  assertEquals([train.batchSize, train.lr, train.warmup], [64, 1.5e-3, 100]);
});

Deno.test("runConfig() refuses what is unknown or impossible and says what is allowed", () => {
  const cases: [unknown, string][] = [
    [{ model: { heads: 3 } }, "model.heads: expected a divisor of the hidden size 256 (1, 2, 4, 8"],
    [{ train: { lr: -1 } }, "train.lr: expected number to be >0, got -1"],
    [{ train: { lr: NaN } }, "train.lr: expected number"],
    [
      { train: { optimizer: "lion" } },
      'train.optimizer: expected one of "adamw"|"adam"|"sgd", got "lion"',
    ],
    [{ train: { epochs: 0 } }, "train.epochs: expected number to be >=1, got 0"],
    [{ model: { dropout: 1 } }, "model.dropout: expected number to be <1, got 1"],
    [{ data: { validationShare: 1 } }, "data.validationShare: expected number to be <1, got 1"],
    [
      { train: { learningRate: 1 } },
      "train: expected a setting among epochs, steps, tokens, batchSize",
    ],
    [{ tran: {} }, "expected a setting among seed, data, model, train, compute, got tran"],
    [{ seed: 1.5 }, "seed: expected int"],
    [
      { compute: { compile: "off", precision: "bfloat16" } },
      'compute.precision: expected float32 where the model runs op by op (compile off), got "bfloat16"',
    ],
  ];
  for (const [settings, message] of cases) {
    // A config file may hold anything: that is what is tested.
    const parse = () => runConfig(settings as Parameters<typeof runConfig>[0]);
    assertThrows(parse, ConfigError, message);
  }
});

Deno.test("runConfig() names every problem at once and freezes what it gives", () => {
  const settings = { train: { lr: -1, clip: -2 } };
  const error = assertThrows(() => runConfig(settings), ConfigError, "train.lr");
  assert(error.message.includes("train.clip: expected number to be >=0, got -2"));
  assert(Object.isFrozen(runConfig().model));
});

/** An epoch of so many batches and steps, 100 targets in a step. */
function epochOf(batchesPerEpoch: number, stepsPerEpoch = batchesPerEpoch) {
  return {
    batchesPerEpoch,
    stepsPerEpoch,
    *stepTargets(): Generator<number, never> {
      while (true) yield 100;
    },
  };
}

Deno.test("planSteps() counts the steps that a budget of targets is enough for", () => {
  const totalSteps = (tokens: number) =>
    planSteps(runConfig({ train: { tokens, warmup: 0 } }), epochOf(141)).totalSteps;
  assertEquals([1, 100, 101, 90_000].map(totalSteps), [1, 1, 2, 900]);
});

Deno.test("planSteps() multiplies the loader's steps by the epochs", () => {
  const config = runConfig({ train: { accumulation: 4, epochs: 2, warmup: 0 } });
  const plan = planSteps(config, epochOf(141, 36));
  assertEquals(plan, { stepsPerEpoch: 36, totalSteps: 72 });
});

Deno.test("planSteps() refuses an accumulation or a warm-up that the run is too short for", () => {
  const epoch = epochOf(141);
  const wide = runConfig({ train: { accumulation: 200 } });
  assertThrows(
    () => planSteps(wide, epoch),
    ConfigError,
    "Cannot accumulate: expected at most the 141 micro-batches of an epoch, got 200",
  );
  assertThrows(
    () => planSteps(wide, epochOf(NaN)),
    ConfigError,
    "expected at most the NaN micro-batches",
  );
  const slow = runConfig({ train: { warmup: 846 } });
  assertThrows(
    () => planSteps(slow, epoch),
    ConfigError,
    "Cannot warm up: expected fewer steps than the run's 846, got 846",
  );
});

Deno.test("runSchema gives every setting a flag, a default and a meaning", () => {
  for (const flag of flagsOf(runSchema)) {
    assert(flag.help.length > 5, `--${flag.name} has no meaning`);
    assert(flag.defaultValue !== undefined, `--${flag.name} has no default`);
  }
});

const NUMBERS = flagsOf(runSchema).filter(({ types }) => types.includes("number"));
const INTEGERS = flagsOf(runSchema).filter(({ types }) => types.includes("integer"));

/** Settings with one value in its place. */
function settingsWith(path: readonly string[], value: number): Parameters<typeof runConfig>[0] {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as // as the schema has it
  Parameters<typeof runConfig>[0];
}

Deno.test("runConfig() takes no number for a setting that float32 makes 0 or infinite", () => {
  assertEquals(NUMBERS.length, 16);
  for (const { path } of NUMBERS) {
    const name = path.join(".");
    // A loss scale is at least 1: there, these numbers break the bound even before rounding.
    const rule = name === "compute.lossScale"
      ? "expected number to be >=1"
      : "expected a number that stays within its bounds as float32";
    for (const value of [1e-46, 1e-300, 1.4e-45, 5e-324]) {
      assertThrows(() => runConfig(settingsWith(path, value)), ConfigError, `${name}: ${rule}`);
    }
    for (const value of [1e39, 3.5e38, 1.7e308, Infinity, NaN]) {
      assertThrows(() => runConfig(settingsWith(path, value)), ConfigError, name);
    }
  }
});

Deno.test("runConfig() takes no share below 1 that float32 makes 1", () => {
  for (const path of [["model", "dropout"], ["train", "beta1"], ["train", "beta2"]]) {
    const settings = settingsWith(path, 1 - 1e-9);
    const rule = "expected a number that stays within its bounds as float32, got 0.999999999";
    assertThrows(() => runConfig(settings), ConfigError, `${path.join(".")}: ${rule}`);
    runConfig(settingsWith(path, 1 - 2 ** -24));
  }
});

Deno.test("runConfig() takes no integer for a setting that float64 cannot count to", () => {
  for (const { path } of INTEGERS) {
    for (const value of [1e300, 2 ** 53, NaN, Infinity, 0.5]) {
      assertThrows(() => runConfig(settingsWith(path, value)), ConfigError, path.join("."));
    }
  }
});

Deno.test("planSteps() refuses more steps than can be counted", () => {
  const endless = runConfig({ train: { epochs: 9e15, warmup: 0 } });
  assertThrows(() => planSteps(endless, epochOf(141)), ConfigError, "at most 2^53 - 1 steps");
});
