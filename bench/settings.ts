/**
 * What a bench run measures, from its command line.
 *
 * @module
 */
import { ConfigError } from "lib/core/mod.ts";

/** The parts of a bench, in the order in which they run. */
export const PARTS = [
  "step",
  "evaluation",
  "generation",
  "run",
  "memory",
  "start",
  "stock",
  "growth",
  "peak",
  "precision",
  "ranks",
] as const;

/** A part's name. */
export type PartName = (typeof PARTS)[number];

/** The ways to carry a step out that are ours. */
export const MODES = ["off", "graph", "xla", "graph-bfloat16", "xla-bfloat16"] as const;

/** A mode's name. */
export type ModeName = (typeof MODES)[number];

/** What to measure, and how long. */
export interface BenchSettings {
  readonly parts: readonly PartName[];
  readonly modes: readonly ModeName[];
  /** Turns of each side. */
  readonly rounds: number;
  /** Fewer sizes and steps: to see that all works, not for figures to quote. */
  readonly isQuick: boolean;
  /** Epochs of the part `run`; by default those of the exercise. */
  readonly epochs: number | null;
  /** Where to write the report; by default a file named after the time. */
  readonly json: string | null;
}

/** The flags, for `readCommandLine()` of `scripts`. */
export const BENCH_FLAGS = {
  help: "boolean",
  quick: "boolean",
  rounds: "string",
  modes: "string",
  epochs: "string",
  json: "string",
} as const;

const ROUNDS = 5, QUICK_ROUNDS = 2, QUICK_EPOCHS = 1;

export const BENCH_HELP = `\
Usage: ./denow task bench [PART ...] [flags]

Compares this library with PyTorch on this machine, side by side in turns.

Parts (default: all)
  step        a training step at four batch shapes, in every mode
  evaluation  the losses of 1,000 sentences
  generation  1,000 sentences, greedy and drawn
  run         the whole of ./denow task train, process start to end
  memory      resident memory after 50 and after 500 steps
  start       process start to the first finished step
  stock       the same step on TensorFlow.js's own backends
  growth      steps by length, batch and layers; an epoch by the number of sentences
  peak        matrix products alone, and the physical limit of a step
  precision   a step in float32, bfloat16 and float16: time, peak memory, first losses
  ranks       a step shared by two processes of one core each, and the all-reduce by size

Flags
  --rounds N    turns of each side (default ${ROUNDS})
  --modes LIST  ours, of ${MODES.join(",")} (default: all)
  --epochs N    of the part run (default: the exercise's)
  --quick       fewer sizes and steps: shows that all works
  --json FILE   where to write the report (default build/bench/DATE.json)
  --help        this text`;

/** Checks what a command line says. */
export function benchSettings(
  flags: Readonly<Partial<Record<keyof typeof BENCH_FLAGS, string | boolean>>>,
  words: readonly string[],
): BenchSettings {
  const isQuick = flags.quick === true;
  const rounds = count("rounds", flags.rounds);
  const epochs = count("epochs", flags.epochs);
  const parts = words.map((word) => member("part", PARTS, word));
  return {
    parts: parts.length === 0 ? PARTS : PARTS.filter((part) => parts.includes(part)),
    modes: typeof flags.modes === "string"
      ? flags.modes.split(",").map((word) => member("mode", MODES, word))
      : MODES,
    rounds: rounds ?? (isQuick ? QUICK_ROUNDS : ROUNDS),
    isQuick,
    epochs: epochs ?? (isQuick ? QUICK_EPOCHS : null),
    json: typeof flags.json === "string" ? flags.json : null,
  };
}

function count(name: string, text: string | boolean | undefined): number | null {
  if (typeof text !== "string") return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(`Cannot use --${name}: expected a whole number from 1 on, got "${text}"`);
}

function member<Name extends string>(kind: string, names: readonly Name[], word: string): Name {
  const found = names.find((name) => name === word);
  if (found !== undefined) return found;
  throw new ConfigError(
    `Cannot bench the ${kind} "${word}": expected one of ${names.join(", ")}`,
  );
}
