import { ConfigError, FileError, parseJson, plain, quote, readText } from "lib/core/mod.ts";
import { type RunConfig, runConfig } from "lib/train/mod.ts";

/**
 * Reads a run's settings from a JSON file; other settings may override them.
 *
 * @param path The file, such as another run's `config.json` (its name and environment are left
 *   out); undefined for none.
 * @param overrides Settings that come before the file's, nested in the same way.
 * @returns All settings, frozen.
 * @throws {ConfigError} If the file cannot be read, or a setting is unknown or impossible.
 *
 * @example
 * ```ts
 * import { readConfig } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync({ suffix: ".json" });
 * Deno.writeTextFileSync(path, '{ "train": { "lr": 0.01, "epochs": 2 } }');
 * const { lr, epochs } = readConfig(path, { train: { epochs: 3 } }).train;
 * assertEquals([lr, epochs], [0.01, 3]);
 * ```
 */
export function readConfig(
  path: string | undefined,
  overrides: Readonly<Record<string, unknown>>,
): RunConfig {
  const settings = path === undefined ? {} : readSettings(path);
  for (const [section, value] of Object.entries(overrides)) {
    const former = settings[section];
    if (former === undefined || !isRecord(value)) settings[section] = value;
    // A section of a wrong kind is left as it is: the schema refuses it.
    else if (isRecord(former)) settings[section] = { ...former, ...value };
  }
  return runConfig(settings);
}

function readSettings(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(readText(path));
  } catch (cause) {
    if (cause instanceof FileError) throw new ConfigError(cause.message, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot read ${path}: expected JSON settings, got ${plain(reason)}`, {
      cause,
    });
  }
  if (!isRecord(value)) {
    const got = quote(value);
    throw new ConfigError(`Cannot read ${path}: expected a JSON object of settings, got ${got}`);
  }
  const { name: _name, environment: _environment, ...settings } = value;
  return settings;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
