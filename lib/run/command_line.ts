import { type BackendOptions, BACKENDS, type LinkLimits, MOST_THREADS } from "lib/backend/mod.ts";
import { ConfigError, type Flag, flagsOf, formatFlags, parseFlags, quote } from "lib/core/mod.ts";
import { readConfig } from "./config_file.ts";
import { checkRanks, LEVEL_DEFAULTS, type RunConfig, runSchema } from "lib/train/mod.ts";

const SETTINGS = flagsOf(runSchema);
const RUN_FLAGS = {
  help: "boolean",
  version: "boolean",
  config: "string",
  name: "string",
  resume: "boolean",
  overwrite: "boolean",
  backend: "string",
  device: "string",
  threads: "string",
  ranks: "string",
  "start-limit": "string",
  "stall-limit": "string",
} as const;

/** The most ranks, and the most seconds that they wait: far more than anybody uses. */
const MOST_RANKS = 1024, MOST_SECONDS = 86_400;

/** What the command line of a training program asks for. */
export interface TrainCommand {
  /** Whether to print the help and do nothing else. */
  readonly isHelp: boolean;
  /** Whether to print the version and do nothing else. */
  readonly isVersion: boolean;
  /** The settings of a new run; null to resume a run. */
  readonly config: RunConfig | null;
  /** The run's name, where one is given. */
  readonly name?: string;
  /** The new number of epochs in all of a resumed run, if it was given. */
  readonly epochs?: number;
  /** Whether to replace a run of that name. */
  readonly overwrite: boolean;
  /** What to compute with. */
  readonly backend: BackendOptions;
  /** How many ranks train together, if it was given. */
  readonly ranks?: number;
  /** How long they wait for each other, if it was given: at the start, and when one is stuck. */
  readonly limits: Partial<Pick<LinkLimits, "start" | "stall">>;
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
  const isHelp = extra.help === true, isVersion = extra.version === true;
  const isResume = extra.resume === true;
  if (isResume) refuseOthers(settings, extra);
  const path = typeof file === "string" ? file : undefined;
  const config = isResume || isHelp || isVersion ? null : readConfig(path, settings);
  const ranks = ranksIn(extra);
  // Each rank would refuse it too: refused here, none is started.
  if (config !== null) checkRanks(ranks.ranks ?? 1, config, "--batch-size");
  return {
    isHelp,
    isVersion,
    config,
    ...(typeof name === "string" && { name }),
    ...(isResume && epochsIn(settings)),
    overwrite: extra.overwrite === true,
    // useBackend() checks each of them, and says what is allowed.
    backend: {
      ...(backend !== undefined && { backend }),
      ...(device !== undefined && { device }),
      ...wholeFlag("threads", threads, { most: MOST_THREADS }),
    } as BackendOptions,
    ...ranks,
  };
}

function ranksIn(
  extra: Readonly<Record<string, string | boolean | undefined>>,
): Pick<TrainCommand, "ranks" | "limits"> {
  const secondsOf = <Name extends string>(name: Name) =>
    wholeFlag(name, extra[`${name}-limit`], { most: MOST_SECONDS, flag: `--${name}-limit` });
  return {
    ...wholeFlag("ranks", extra.ranks, { most: MOST_RANKS }),
    limits: { ...secondsOf("start"), ...secondsOf("stall") },
  };
}

/** A resumed run keeps its settings. */
function refuseOthers(
  settings: Record<string, unknown>,
  { config, overwrite }: Readonly<Record<string, string | boolean | undefined>>,
): void {
  const others = [
    ...given(settings, SETTINGS).filter((flag) => flag !== "--epochs"),
    ...config === undefined ? [] : ["--config"],
    ...overwrite ? ["--overwrite"] : [],
  ];
  if (others.length === 0) return;
  throw new ConfigError(
    "Cannot resume with other settings: expected --resume with at most --name, --epochs, ranks and a " +
      `device, got ${others.join(", ")} too; a resumed run keeps its settings`,
  );
}

/** The flags that settings came from. */
function given(settings: Readonly<Record<string, unknown>>, flags: readonly Flag[]): string[] {
  return flags.filter(({ path }) => valueAt(settings, path) !== undefined)
    .map(({ name }) => `--${name}`);
}

function epochsIn(settings: Readonly<Record<string, unknown>>): { epochs?: number } {
  const epochs = valueAt(settings, ["train", "epochs"]);
  return typeof epochs === "number" ? { epochs } : {};
}

function valueAt(settings: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof settings !== "object" || settings === null) return settings;
  return valueAt((settings as Readonly<Record<string, unknown>>)[key], rest);
}

/** A flag's whole number under its name; nothing if the flag is not given. */
function wholeFlag<Name extends string>(
  name: Name,
  text: string | boolean | undefined,
  { most, flag = `--${name}` }: { readonly most: number; readonly flag?: string },
): Partial<Record<Name, number>> {
  if (typeof text !== "string") return {};
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) {
    return { [name]: value } as Record<Name, number>; // the one property
  }
  throw new ConfigError(
    `Cannot use ${flag}: expected an integer from 1 to ${most}, got ${quote(text)}`,
  );
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
  --resume          go on with the run --name, or with the one that saved last;
                    with --epochs N train it further, to N epochs in all
  --overwrite       replace the run of that name
  --config FILE     settings from a JSON file, as runs/NAME/config.json; flags override it
  --backend NAME    ${BACKENDS.join("|")} (default: the first that works)
  --device NAME     gpu|cpu, of tensorflow (default: gpu where there is one)
  --threads N       CPU threads (default: $TF_NUM_INTRAOP_THREADS, or one a core; of several ranks here,
                    their share of the cores)
  --ranks N         train on N processes of this machine, one a GPU or on its share of the cores
                    (on several machines: start each process with TF_CONFIG, as for TensorFlow)
  --start-limit S   seconds that ranks wait for all to start (default: 10)
  --stall-limit S   seconds that ranks wait for one that lives and is stuck (default: 300)
  --version         this project's version
  --help            this text

Settings (losses in nats per target token)
${formatFlags(SETTINGS.map(withLevels))}`;
}

/** The flag with the defaults of all levels: `10000; variable 20000, copy 20000`. */
function withLevels(flag: Flag): Flag {
  const [section = "", name = ""] = flag.path;
  const others = Object.entries(LEVEL_DEFAULTS).flatMap(([level, sections]) => {
    const value = Object.entries(sections).find(([key]) => key === section)?.[1][name];
    return value === undefined ? [] : [`${level} ${value}`];
  });
  if (others.length === 0) return flag;
  return { ...flag, defaultValue: `${flag.defaultValue}; ${others.join(", ")}` };
}
