/**
 * Runs the reliability tests in their long forms, and shows which promises held:
 *
 *     ./denow task torture                           all of them: an hour or two
 *     ./denow task torture kills files --kills 30    two of them, one with its own count
 *
 * @module
 */
import { ConfigError } from "lib/core/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";
import { runParts } from "./_parts.ts";
import { countJunit, formatTable, isGood } from "./_results.ts";

/** The parts: what is repeated, how often by default, and the tests that do it. */
const PARTS = {
  kills: { count: 300, tests: ["tests/checkpoint/kill_test.ts"] },
  disk: { count: 1, tests: ["tests/checkpoint/disk_full_test.ts", "tests/run/failure_test.ts"] },
  files: {
    count: 10_000,
    tests: ["tests/run/damaged_files_test.ts", "tests/checkpoint/safetensors_test.ts"],
  },
  sequences: { count: 100_000, tests: ["tests/backend/op_sequences_test.ts"] },
  steps: { count: 5000, tests: ["tests/train/train_test.ts"] },
  lines: { count: 1000, tests: ["tests/run/command_line_fuzz_test.ts"] },
} as const satisfies Record<string, { count: number; tests: readonly string[] }>;

type PartName = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as PartName[]; // the keys are the names
const COUNTED = NAMES.filter((name) => name !== "disk");

const HELP = `Usage: ./denow task torture [PART...] [--PART COUNT]

${
  NAMES.map((name) =>
    `  ${name.padEnd(10)} ${String(PARTS[name].count).padStart(6)}  ` +
    PARTS[name].tests.join(" ")
  ).join("\n")
}`;

async function main(): Promise<number | void> {
  const kinds = Object.fromEntries(COUNTED.map((name) => [name, "string"] as const));
  const { flags, words } = readCommandLine({ ...kinds, help: "boolean" });
  if (flags.help === true) return print(HELP);
  const unknown = words.find((word) => !NAMES.includes(word as PartName));
  if (unknown !== undefined) {
    throw new ConfigError(`Cannot torture: expected any of ${NAMES.join(", ")}, got ${unknown}`);
  }
  const given: Readonly<Record<string, string | boolean | undefined>> = flags;
  const chosen = NAMES.filter((name) => words.length === 0 || words.includes(name))
    .map((name) => ({ name, count: countFor(name, given[name]), ...{ tests: PARTS[name].tests } }));
  for (const { name, count } of chosen) {
    Deno.env.set(`TORTURE_${name.toUpperCase()}`, String(count));
  }
  const results = await runParts(chosen.map(({ name, tests }) => ({
    name,
    args: (report) => ["test", "-A", "--no-check", `--junit-path=${report}`, ...tests],
    count: countJunit,
  })));
  print(`\n${
    formatTable([
      ["part", "repeated", "tests", "seconds", "result"],
      ...results.map((result, i) => [
        result.name,
        String(chosen[i]?.count),
        String(result.passed),
        result.seconds.toFixed(0),
        isGood([result]) ? "held" : "DID NOT HOLD",
      ]),
    ])
  }`);
  return isGood(results) ? 0 : 1;
}

function countFor(name: PartName, text: string | boolean | undefined): number {
  if (text === undefined) return PARTS[name].count;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new ConfigError(`Cannot torture: expected --${name} with a count from 1, got ${text}`);
}

if (import.meta.main) await runMain(main);
