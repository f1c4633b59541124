import { type BackendOptions, BACKENDS } from "lib/backend/mod.ts";
import { ConfigError, flagsOf, formatFlags, parseFlags } from "lib/core/mod.ts";
import { readConfig } from "./config_file.ts";
import { type RunConfig, runSchema } from "lib/train/mod.ts";

const SETTINGS = flagsOf(runSchema);
const RUN_FLAGS = {
  help: "boolean",
  config: "string",
  name: "string",
  resume: "boolean",
  overwrite: "boolean",
  backend: "string",
  device: "string",
  threads: "string",
} as const;

/** What a training command line asks for. */
export interface TrainCommand {
  /** Whether to print the help and do nothing else. */
  readonly isHelp: boolean;
  /** The settings of a new run; null to go on with a former one. */
  readonly config: RunConfig | null;
  /** The run's name, where one is given. */
  readonly name?: string;
  /** Whether to replace a run of that name. */
  readonly overwrite: boolean;
  /** What to compute with. */
  readonly backend: BackendOptions;
}

/**
 * Reads the command line of a training program.
 *
 * @param args As `Deno.args`.
 * @returns What it asks for, the settings checked.
 * @throws {ConfigError} If something is unknown, impossible, or does not go together.
 *
 * @example
 * ```ts
 * import { parseTrainCommand } from "lib/run/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseTrainCommand(["--lr", "0.01"]).config?.train.lr, 0.01);
 * assertThrows(() => parseTrainCommand(["--resume", "--lr", "1"]), Error, "Cannot resume");
 * ```
 */
export function parseTrainCommand(args: readonly string[]): TrainCommand {
  const { settings, extra } = parseFlags(SETTINGS, args, RUN_FLAGS);
  const { config: file, name, backend, device, threads } = extra;
  const isHelp = extra.help === true, isResume = extra.resume === true;
  const others = [
    ...Object.keys(settings),
    ...file === undefined ? [] : ["--config"],
    ...extra.overwrite ? ["--overwrite"] : [],
  ];
  if (isResume && others.length > 0) {
    throw new ConfigError(
      "Cannot resume with other settings: expected --resume with at most --name and a device, " +
        `got ${others.join(", ")} too; a resumed run keeps its settings`,
    );
  }
  const path = typeof file === "string" ? file : undefined;
  return {
    isHelp,
    config: isResume || isHelp ? null : readConfig(path, settings),
    ...(typeof name === "string" && { name }),
    overwrite: extra.overwrite === true,
    // useBackend() checks each of them, and says what is allowed.
    backend: {
      ...(backend !== undefined && { backend }),
      ...(device !== undefined && { device }),
      ...(threads !== undefined && { threads: Number(threads) }),
    } as BackendOptions,
  };
}

/**
 * Writes what `--help` prints: every flag with its meaning, unit and default.
 *
 * @param command How the program is called, such as `./denow task train`.
 *
 * @example
 * ```ts
 * import { formatTrainHelp } from "lib/run/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(formatTrainHelp("deno task train"), "peak learning rate (default 0.0015)");
 * ```
 */
export function formatTrainHelp(command: string): string {
  return `Usage: ${command} [flags]

Run
  --name TEXT       name of the run's folders (default: level and a free number, as plain-001)
  --resume          go on with the run --name, or with the one that saved last
  --overwrite       replace the run of that name
  --config FILE     settings from a JSON file, as runs/NAME/config.json; flags override it
  --backend NAME    ${BACKENDS.join("|")} (default: the first that works)
  --device NAME     gpu|cpu, of tensorflow (default: gpu where there is one)
  --threads N       CPU threads (default: one a core)
  --help            this text

Settings (losses in nats per target token)
${formatFlags(SETTINGS)}`;
}
