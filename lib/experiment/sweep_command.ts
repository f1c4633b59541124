import { type BackendOptions, BACKENDS, MOST_THREADS } from "lib/backend/mod.ts";
import { ConfigError, flagsOf, parseFlags, quote, readFlag } from "lib/core/mod.ts";
import { checkRunName } from "lib/run/mod.ts";
import { runSchema } from "lib/train/mod.ts";
import { type Axis, MOST_CELLS, type RunSettings, type SweepPlan } from "./cells.ts";

const SETTINGS = flagsOf(runSchema);
/** The folder of the finished runs, beside those of the sweeps. */
const CELLS = "cells";
const SWEEP_FLAGS = {
  help: "boolean",
  name: "string",
  seeds: "string",
  draw: "string",
  halving: "string",
  shard: "string",
  backend: "string",
  device: "string",
  threads: "string",
} as const;

/** A sweep's command line, parsed. */
export interface SweepCommand {
  /** Whether to print the help and do nothing else. */
  readonly isHelp: boolean;
  /** The name of its folder. */
  readonly name: string;
  /** What to try. */
  readonly plan: SweepPlan;
  /** Rounds of successive halving; null for a full sweep. */
  readonly rounds: number | null;
  /** This process's share. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** What to compute with. */
  readonly backend: BackendOptions;
}

/**
 * Reads the command line of a sweep.
 *
 * @param args As `Deno.args`.
 * @returns The parsed command; the settings are checked when the cells are planned.
 * @throws {ConfigError} If something is unknown or impossible.
 *
 * @example
 * ```ts
 * import { parseSweepCommand } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { plan } = parseSweepCommand(["--set", "lr=1e-4,1e-3", "--seeds", "2", "--epochs", "1"]);
 * assertEquals(plan, {
 *   base: { train: { epochs: 1 } },
 *   axes: [{ setting: "train.lr", values: [1e-4, 1e-3] }],
 *   seeds: [1, 2],
 * });
 * ```
 */
export function parseSweepCommand(args: readonly string[]): SweepCommand {
  const { sets, rest } = takeSets(args);
  const { settings, extra } = parseFlags(SETTINGS, rest, SWEEP_FLAGS);
  const { backend, device, threads } = extra, isHelp = extra.help === true;
  if ("seed" in settings) {
    throw new ConfigError(
      "Cannot sweep: expected the seeds by --seeds, as --seeds 1,2,3, got --seed",
    );
  }
  const axes = sets.map(readAxis), draw = textOf(extra.draw), shard = textOf(extra.shard);
  const halving = textOf(extra.halving);
  const name = textOf(extra.name);
  if (name !== undefined) checkName(name);
  return {
    isHelp,
    name: name ?? (axes.map(({ setting }) => setting.split(".").at(-1)).join("-") || "sweep"),
    plan: {
      base: settings as RunSettings, // parseFlags() took them from the schema
      axes,
      seeds: readSeeds(textOf(extra.seeds) ?? "3"),
      ...draw !== undefined && { draw: { count: readCount("--draw", draw), seed: 1 } },
    },
    rounds: halving === undefined ? null : readCount("--halving", halving),
    ...shard !== undefined && { shard: readShard(shard) },
    // useBackend() checks each of them, and says what is allowed.
    backend: {
      ...(backend !== undefined && { backend }),
      ...(device !== undefined && { device }),
      ...(typeof threads === "string" && {
        threads: readCount("--threads", threads, MOST_THREADS),
      }),
    } as BackendOptions,
  };
}

/** Refuses a name before anything is trained: the tables are written at the end. */
function checkName(name: string): void {
  checkRunName(name);
  if (name.toLowerCase() !== CELLS) return;
  throw new ConfigError(
    `Cannot use --name: expected another name than ${CELLS}, where the finished runs are kept`,
  );
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `--set` may be given several times; other flags may not. */
function takeSets(args: readonly string[]): { sets: string[]; rest: string[] } {
  const sets: string[] = [], rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--set") sets.push(args[++i] ?? "");
    else if (arg.startsWith("--set=")) sets.push(arg.slice("--set=".length));
    else rest.push(arg);
  }
  return { sets, rest };
}

function readAxis(text: string): Axis {
  const [, name, values] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || values === undefined) {
    throw new ConfigError(
      `Cannot use --set: expected a setting and its values, as --set lr=1e-4,1e-3, got ${
        quote(text)
      }`,
    );
  }
  const read = values.split(",").map((value) => readFlag(SETTINGS, name, value));
  return {
    setting: read[0]?.path.join(".") ?? name,
    values: read.map(({ value }) => value as number | string | boolean), // a flag's only types
  };
}

/** `3` means the seeds 1 to 3; `4,7` means these. */
function readSeeds(text: string): number[] {
  const numbers = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  const [only] = numbers;
  const isCount = only !== undefined && only >= 1 && Number.isInteger(only);
  if (numbers.length === 1 && isCount && only > MOST_CELLS) readCount("--seeds", text, MOST_CELLS);
  const seeds = numbers.length === 1 && isCount
    ? Array.from({ length: only }, (_, i) => i + 1)
    : numbers.length > 1
    ? numbers
    : [];
  if (seeds.length > 0 && seeds.every(Number.isInteger)) return seeds;
  throw new ConfigError(
    `Cannot use --seeds: expected how many, as 3, or which, as 4,7, got ${quote(text)}`,
  );
}

function readCount(flag: string, text: string, most: number = MOST_CELLS): number {
  const count = text.trim() === "" ? NaN : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new ConfigError(
    `Cannot use ${flag}: expected a whole number from 1 to ${most}, got ${quote(text)}`,
  );
}

function readShard(text: string): { index: number; count: number } {
  const [, part, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [], index = Number(part) - 1;
  if (index >= 0 && index < Number(count) && Number(count) <= MOST_CELLS) {
    return { index, count: Number(count) };
  }
  throw new ConfigError(
    `Cannot use --shard: expected a part of all, as 1/4 to 4/4, got ${quote(text)}`,
  );
}

/**
 * Writes what a sweep's `--help` prints.
 *
 * @param command How the program is started, such as `./denow task sweep`.
 *
 * @example
 * ```ts
 * import { formatSweepHelp } from "lib/experiment/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(formatSweepHelp("./denow task sweep"), "--set NAME=A,B,C");
 * ```
 */
export function formatSweepHelp(command: string): string {
  return `Trains all combinations of settings with several seeds, and compares them.

Usage: ${command} --set lr=1e-4,3e-4,1e-3 --seeds 3 [flags]

  --set NAME=A,B,C  the values of one setting, by the name of its flag; several --set make a grid
  --seeds N|A,B,C   how many seeds, or which (default: 3)
  --draw N          try only N of the combinations, drawn at random
  --halving N       N rounds: all combinations short, the best third three times as long, and so on
  --shard I/N       this process is number I of N that share the folder; it begins with its share
  --name TEXT       name of its folder under experiments/ (default: the settings' names)
  --backend NAME    ${BACKENDS.join("|")} (default: the first that works)
  --device NAME     gpu|cpu, of tensorflow (default: gpu where there is one)
  --threads N       CPU threads (default: $TF_NUM_INTRAOP_THREADS, or one a core)
  --help            this text

All settings of ${
    command.replace("sweep", "train")
  } --help, such as --epochs 2 --level agreement, hold for every run.
Finished runs are kept in experiments/cells and never trained twice: a sweep that was stopped or killed
goes on where it was, and several processes, or machines with a shared folder, can work on one.`;
}
