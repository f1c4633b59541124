import { parseArgs } from "node:util";
import { z } from "zod";
import { ConfigError } from "./errors.ts";
import { largest } from "./extremes.ts";
import { plain, quote } from "./quote.ts";

/** One command-line flag, made from one setting of a schema. */
export interface Flag {
  /** As typed, without the dashes: `hidden-size`. */
  readonly name: string;
  /** The setting's path in the settings: `["model", "hiddenSize"]`. */
  readonly path: readonly string[];
  /** The JSON types that it takes: `integer`, `number`, `boolean`, `string`. */
  readonly types: readonly string[];
  /** Meaning and unit. */
  readonly help: string;
  /** The value if the flag is not given. */
  readonly defaultValue: unknown;
  /** The allowed words, if it takes only certain words. */
  readonly choices: readonly string[];
}

interface Property {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  const?: string;
  anyOf?: Property[];
  properties?: Record<string, Property>;
}

/**
 * Makes one flag for each setting of a schema, so that flags, file and help always agree.
 *
 * @param schema A zod object; objects inside it are sections; no two sections may have a setting of
 *   the same name.
 * @returns The flags in the order of the schema.
 * @throws {RangeError} If two sections have a setting of the same name.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { flagsOf } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const model = z.strictObject({ hiddenSize: z.int().default(256).describe("width, C") });
 * const [flag] = flagsOf(z.strictObject({ model }));
 * assertEquals(flag?.name, "hidden-size");
 * assertEquals(flag?.path, ["model", "hiddenSize"]);
 * ```
 */
export function flagsOf(schema: z.ZodObject): Flag[] {
  // A safe cast: zod returns a JSON Schema, and all properties that are read here are optional.
  const root = z.toJSONSchema(schema, { io: "input" }) as Property;
  const flags = collectFlags(root, []);
  const names = flags.map((flag) => flag.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new RangeError(`Cannot make flags: expected distinct settings, got --${twice} twice`);
  }
  return flags;
}

function collectFlags(property: Property, path: readonly string[]): Flag[] {
  if (property.properties !== undefined) {
    return Object.entries(property.properties)
      .flatMap(([key, inner]) => collectFlags(inner, [...path, key]));
  }
  const options = property.anyOf ?? [property];
  return [{
    name: (path.at(-1) ?? "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    path,
    types: options.flatMap((option) => option.type ?? []),
    help: property.description ?? "",
    defaultValue: property.default,
    choices: options.flatMap((option) => option.enum ?? (option.const ? [option.const] : [])),
  }];
}

/** The result of {@linkcode parseFlags}. */
export interface ParsedFlags {
  /**
   * The settings that were given as flags, nested as in the schema; the others come from file or
   * defaults.
   */
  readonly settings: Record<string, unknown>;
  /** The values of the extra flags that were given. */
  readonly extra: Readonly<Record<string, string | boolean | undefined>>;
}

/**
 * Reads a command line strictly: an unknown flag, a value of the wrong kind, or an extra word is an
 * error that says what is allowed.
 *
 * @param flags The flags of the settings.
 * @param args The command line, such as `Deno.args`.
 * @param extra Flags that are not settings, such as `{ help: "boolean", config: "string" }`.
 * @returns The settings that were given, and the extra flags.
 * @throws {ConfigError} If something is not understood.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { flagsOf, parseFlags } from "lib/core/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const flags = flagsOf(z.strictObject({ seed: z.int().default(1) }));
 * assertEquals(parseFlags(flags, ["--seed", "7"]).settings, { seed: 7 });
 * assertThrows(() => parseFlags(flags, ["--sed=7"]), Error, "did you mean --seed?");
 * ```
 */
export function parseFlags(
  flags: readonly Flag[],
  args: readonly string[],
  extra: Readonly<Record<string, "string" | "boolean">> = {},
): ParsedFlags {
  const kinds = Object.fromEntries(flags.map((flag) => [flag.name, kindOf(flag)]));
  const options = Object.fromEntries(
    Object.entries({ ...kinds, ...extra })
      .map(([name, type]) => [name, { type, ...(name === "help" && { short: "h" }) }]),
  );
  const values = readArguments(args, options);
  const settings: Record<string, unknown> = {};
  for (const flag of flags) {
    const text = values[flag.name];
    if (text !== undefined) setAt(settings, flag.path, toValue(flag, text));
  }
  const given = Object.keys(extra).map((name) => [name, values[name]] as const);
  return { settings, extra: Object.fromEntries(given) };
}

/**
 * Reads one value of a setting in the same way as its flag.
 *
 * @param flags The flags of the settings.
 * @param name The flag's name, without the dashes: `hidden-size`.
 * @param text The value as typed.
 * @returns The setting's path, and the value.
 * @throws {ConfigError} If there is no such flag, or the value is of another kind.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { flagsOf, readFlag } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const flags = flagsOf(z.strictObject({ train: z.strictObject({ lr: z.number().default(1e-3) }) }));
 * assertEquals(readFlag(flags, "lr", "1e-4"), { path: ["train", "lr"], value: 1e-4 });
 * ```
 */
export function readFlag(
  flags: readonly Flag[],
  name: string,
  text: string,
): { readonly path: readonly string[]; readonly value: unknown } {
  const flag = flags.find((one) => one.name === name);
  if (flag === undefined) {
    const near = nearest(name, flags.map((one) => one.name));
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    throw new ConfigError(
      `Cannot set ${name}: expected a setting, by the name of its flag${hint}`,
    );
  }
  if (kindOf(flag) !== "boolean") return { path: flag.path, value: toValue(flag, text) };
  if (text === "true" || text === "false") return { path: flag.path, value: text === "true" };
  throw new ConfigError(`Cannot set ${name}: expected true or false, got "${text}"`);
}

/**
 * Lists flags with their meaning, units and defaults, as `--help` prints them.
 *
 * @param flags The flags, in the order to print.
 * @returns One line per flag, without a line break at the end.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { flagsOf, formatFlags } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const flags = flagsOf(z.strictObject({ seed: z.int().default(1).describe("of all draws") }));
 * assertEquals(formatFlags(flags), "  --seed INTEGER  of all draws (default 1)");
 * ```
 */
export function formatFlags(flags: readonly Flag[]): string {
  const heads = flags.map((flag) => `  --${flag.name}${placeholder(flag)}`);
  const width = largest(heads.map((head) => head.length)) + 2;
  return flags.map((flag, i) => {
    const isRequired = flag.defaultValue === undefined;
    const value = isRequired ? "" : ` (default ${String(flag.defaultValue)})`;
    return `${(heads[i] ?? "").padEnd(width)}${flag.help}${value}`;
  }).join("\n");
}

function placeholder(flag: Flag): string {
  if (kindOf(flag) === "boolean") return `, --no-${flag.name}`;
  const numeric = flag.types.filter((type) => type !== "string").map((type) => type.toUpperCase());
  return ` ${[...flag.choices, ...numeric].join("|") || "TEXT"}`;
}

function kindOf(flag: Flag): "boolean" | "string" {
  return flag.types.includes("boolean") ? "boolean" : "string";
}

/** An upper bound for the length of a flag, in letters. */
const LONGEST_FLAG = 40;

type Options = Record<string, { type: "string" | "boolean"; short?: string }>;

function readArguments(args: readonly string[], options: Options) {
  try {
    const { values } = parseArgs({ args: joinNegatives(args), options, allowNegative: true });
    return values as Record<string, string | boolean | undefined>; // no option is `multiple`
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const unknown = /Unknown option '--?([^']*)'/.exec(error.message)?.[1];
    const near = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
    const hint = near === undefined ? "" : `, did you mean --${near}?`;
    const problem = error.message.split(/\. |\n/)[0] ?? "";
    throw new ConfigError(
      `Cannot read the command line: ${plain(problem)}${hint || "; --help lists the flags"}`,
      { cause: error },
    );
  }
}

/** `--lr -1` becomes `--lr=-1`: parseArgs would read the -1 as another flag. */
function joinNegatives(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const last = joined.at(-1);
    const isValue = /^-[\d.]/.test(arg) && last?.startsWith("--") && !last.includes("=");
    return isValue ? [...joined.slice(0, -1), `${last}=${arg}`] : [...joined, arg];
  }, []);
}

function toValue(flag: Flag, text: string | boolean): unknown {
  if (typeof text === "boolean" || flag.choices.includes(text)) return text;
  const isNumeric = flag.types.includes("number") || flag.types.includes("integer");
  if (!isNumeric) return text;
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isNaN(value)) return value;
  const kind = flag.types.includes("integer") ? "an integer" : "a number";
  const allowed = [...flag.choices, kind].join(" or ");
  throw new ConfigError(`Cannot use --${flag.name}: expected ${allowed}, got ${quote(text)}`);
}

function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) target[key] = value;
  else setAt((target[key] ??= {}) as Record<string, unknown>, rest, value); // made right here
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_FLAG) return undefined; // the distance would take too long
  const scored = candidates.map((candidate) => ({
    candidate,
    distance: distance(word, candidate),
  }));
  const [best] = scored.sort((a, b) => a.distance - b.distance);
  const isPart = candidates.filter((candidate) => candidate.split("-").includes(word));
  const isNear = best !== undefined && best.distance <= 2 && best.distance < word.length;
  if (isNear) return best.candidate;
  return isPart.length === 1 ? isPart[0] : undefined;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
