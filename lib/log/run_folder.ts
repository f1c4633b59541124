import { ConfigError, largest, removeLeftovers, writeFileAtomically } from "lib/core/mod.ts";

/**
 * Makes the folder of a new run.
 *
 * @param root The folder of all runs, such as `runs`; made if it is missing.
 * @param name The run's name, such as `plain-001`.
 * @param options.overwrite Whether a run of that name is removed first; default false.
 * @returns The path, `root/name`.
 * @throws {ConfigError} If the name is no plain file name, or taken; the message says what to do.
 *
 * @example
 * ```ts
 * import { createRunFolder } from "lib/log/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * createRunFolder(root, "plain-001");
 * assertThrows(() => createRunFolder(root, "plain-001"), Error, "--resume");
 * ```
 */
export function createRunFolder(
  root: string,
  name: string,
  options: { readonly overwrite?: boolean } = {},
): string {
  const path = runPath(root, name);
  if (options.overwrite) removeRun(path);
  Deno.mkdirSync(root, { recursive: true });
  try {
    Deno.mkdirSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    throw new ConfigError(
      `Cannot begin run ${path}: expected a new name, got one that exists; choose another ` +
        "with --name, go on with it by --resume, or replace it by --overwrite",
      { cause },
    );
  }
  return path;
}

/**
 * Opens the folder of a run that is to go on.
 *
 * @param root The folder of all runs, such as `runs`.
 * @param name The run's name.
 * @returns The path, `root/name`, without what a killed writer left in it.
 * @throws {ConfigError} If there is no such run; the message names those there are.
 *
 * @example
 * ```ts
 * import { createRunFolder, openRunFolder } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * createRunFolder(root, "plain-001");
 * assertEquals(openRunFolder(root, "plain-001"), `${root}/plain-001`);
 * ```
 */
export function openRunFolder(root: string, name: string): string {
  const path = runPath(root, name), names = listNames(root);
  if (!names.includes(name)) {
    throw new ConfigError(
      `Cannot resume run ${path}: expected one of ${names.sort().join(", ") || "(none)"}, ` +
        `got ${name}`,
    );
  }
  removeLeftovers(path);
  return path;
}

/**
 * The first free name of a series: `plain-001`, `plain-002`, ...
 *
 * @param root The folder of all runs, or several: the name is new in each of them.
 * @param stem The name without its number, such as `plain`.
 * @returns One more than the highest number there is; at least three digits.
 *
 * @example
 * ```ts
 * import { createRunFolder, nextRunName } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * createRunFolder(root, nextRunName(root, "plain"));
 * assertEquals(nextRunName(root, "plain"), "plain-002");
 * ```
 */
export function nextRunName(root: string | readonly string[], stem: string): string {
  const names = (typeof root === "string" ? [root] : root).flatMap(listNames);
  const numbers = names.filter((name) => name.startsWith(`${stem}-`))
    .map((name) => name.slice(stem.length + 1))
    .filter((text) => /^\d+$/.test(text)).map(Number);
  return `${stem}-${String(largest(numbers, 0) + 1).padStart(3, "0")}`;
}

/**
 * Writes a run's settings to its `config.json`, whole or not at all.
 *
 * @param folder The run's folder.
 * @param config Settings, seed, versions, device: anything that JSON can hold.
 * @throws {WriteError} If the file cannot be written; one that is there stays.
 *
 * @example
 * ```ts
 * import { createRunFolder, writeConfig } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = createRunFolder(Deno.makeTempDirSync(), "plain-001");
 * writeConfig(folder, { seed: 1 });
 * assertEquals(Deno.readTextFileSync(`${folder}/config.json`), '{\n  "seed": 1\n}\n');
 * ```
 */
export function writeConfig(folder: string, config: Readonly<Record<string, unknown>>): void {
  writeFileAtomically(`${folder}/config.json`, `${JSON.stringify(config, null, 2)}\n`);
}

function runPath(root: string, name: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name)) return `${root}/${name}`;
  throw new ConfigError(
    `Cannot use run name ${JSON.stringify(name)}: expected letters, digits, ".", "_" and "-", ` +
      "with a letter or digit first",
  );
}

/** Removes a run, but nothing that does not look like one: a slip must not cost other files. */
function removeRun(path: string): void {
  let names: string[];
  try {
    names = [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (names.length > 0 && !names.includes("config.json")) {
    throw new ConfigError(
      `Cannot overwrite ${path}: expected a run's folder, got one without config.json; ` +
        "remove it by hand",
    );
  }
  Deno.removeSync(path, { recursive: true });
}

function listNames(root: string): string[] {
  try {
    return [...Deno.readDirSync(root)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
