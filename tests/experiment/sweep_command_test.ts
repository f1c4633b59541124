import { ConfigError } from "lib/core/mod.ts";
import { formatSweepHelp, parseSweepCommand } from "lib/experiment/mod.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";

Deno.test("parseSweepCommand() reads axes, seeds, share and the settings of all runs", () => {
  const { plan, name, shard, rounds, backend } = parseSweepCommand([
    "--set",
    "lr=1e-4,1e-3",
    "--set=optimizer=sgd,adamw",
    "--set",
    "tied-head=true,false",
    ..."--seeds 4,7 --draw 3 --shard 2/3 --halving 3 --epochs 2 --threads 1".split(" "),
  ]);
  assertEquals(plan, {
    base: { train: { epochs: 2 } },
    axes: [
      { setting: "train.lr", values: [1e-4, 1e-3] },
      { setting: "train.optimizer", values: ["sgd", "adamw"] },
      { setting: "model.tiedHead", values: [true, false] },
    ],
    seeds: [4, 7],
    draw: { count: 3, seed: 1 },
  });
  assertEquals([name, shard, rounds], ["lr-optimizer-tiedHead", { index: 1, count: 3 }, 3]);
  assertEquals(backend, { threads: 1 });
});

Deno.test("parseSweepCommand() refuses in one line what it cannot use", () => {
  const refusals: [args: string[], told: string][] = [
    [["--set", "rate=1"], "Cannot set rate: expected a setting, by the name of its flag"],
    [["--set", "warmups=1"], "did you mean warmup?"],
    [["--set", "lr"], 'as --set lr=1e-4,1e-3, got "lr"'],
    [["--set"], 'got ""'],
    [["--set", "lr=1,,2"], 'Cannot use --lr: expected a number, got ""'],
    [["--set", "tied-head=yes"], 'Cannot set tied-head: expected true or false, got "yes"'],
    [["--seeds", "0"], "Cannot use --seeds: expected how many, as 3, or which, as 4,7"],
    [["--seeds", "1.5"], "Cannot use --seeds"],
    [["--seeds", ""], "Cannot use --seeds"],
    [["--seed", "1"], "expected the seeds by --seeds"],
    [["--shard", "0/3"], 'as 1/4 to 4/4, got "0/3"'],
    [["--shard", "4/3"], "Cannot use --shard"],
    [["--draw", "x"], "Cannot use --draw: expected a whole number from 1"],
    [["--sets", "lr=1"], "did you mean"],
    [
      ["--threads", "abc"],
      'Cannot use --threads: expected a whole number from 1 to 1024, got "abc"',
    ],
    [["--threads", ""], "Cannot use --threads"],
    [["--threads", "4294967297"], "Cannot use --threads"],
    [["--seeds", "1e9"], 'Cannot use --seeds: expected a whole number from 1 to 100000, got "1e9"'],
    [["--seeds", "\u001b[31m"], 'got "\\u001b[31m"'],
    [["--seeds", "x".repeat(9999)], "… (10001 letters)"],
    [["--set", "\u001b"], 'got "\\u001b"'],
    [["--draw", "1e9"], "Cannot use --draw"],
    [["--shard", "1/99999999999999999999"], "Cannot use --shard"],
    [["--name", "../oops"], 'Cannot use run name "../oops"'],
    [["--name", "/oops"], "Cannot use run name"],
    [["--name", ""], "Cannot use run name"],
    [["--name", "x".repeat(300)], "expected at most 200 bytes, got 300"],
    [["--name", "Cells"], "expected another name than cells"],
  ];
  for (const [args, told] of refusals) {
    const error = assertThrows(() => parseSweepCommand(args), ConfigError, told);
    assertMatch(error.message, /^Cannot [^\n]*$/);
  }
});

Deno.test("formatSweepHelp() names every flag of a sweep", () => {
  const help = formatSweepHelp("./denow task sweep");
  for (const flag of ["set", "seeds", "draw", "halving", "shard", "name", "backend", "help"]) {
    assertMatch(help, new RegExp(`--${flag}\\b`));
  }
});
