import {
  ConfigError,
  emptyFolder,
  explainFile,
  FileError,
  foreignEntry,
  largest,
  quote,
  removeLeftovers,
  writeFileAtomically,
} from "lib/core/mod.ts";

/** File systems take 255 bytes per name; some are kept for endings such as ".tmp-12345". */
const MOST_NAME_BYTES = 200;

/**
 * Makes the folder of a new run.
 *
 * @param root The folder of all runs, such as `runs`; made if it is missing.
 * @param name The run's name, such as `plain-001`.
 * @param options.overwrite Whether a run of that name is emptied first; default false.
 * @returns The path, `root/name`.
 * @throws {ConfigError} If the name is not a plain file name, or is taken, or the folder has files that
 *   no run writes; the message says what to do.
 *
 * @example
 * ```ts
 * import { createRunFolder } from "lib/run/mod.ts";
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
  if (options.overwrite) clearRun(path);
  try {
    explainFile(`make ${path}`, () => {
      Deno.mkdirSync(root, { recursive: true });
      Deno.mkdirSync(path, { recursive: options.overwrite ?? false });
    });
  } catch (error) {
    const cause = error instanceof FileError ? error.cause : error;
    if (!(cause instanceof Deno.errors.AlreadyExists) || !isFolder(root)) throw error;
    throw new ConfigError(
      `Cannot begin run ${path}: expected a new name, got one that exists; choose another ` +
        "with --name, go on with it by --resume, or replace it by --overwrite",
      { cause },
    );
  }
  return path;
}

/**
 * Opens the folder of a run that is resumed.
 *
 * @param root The folder of all runs, such as `runs`.
 * @param name The run's name.
 * @returns The path, `root/name`, after removing what a killed process left in it.
 * @throws {ConfigError} If there is no such run; the message lists the runs that exist.
 *
 * @example
 * ```ts
 * import { createRunFolder, openRunFolder } from "lib/run/mod.ts";
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
  explainFile(`look into ${path}`, () => removeLeftovers(path));
  return path;
}

/**
 * The first free name of a series: `plain-001`, `plain-002`, ...
 *
 * @param root The folder of all runs, or several: the name is new in each of them.
 * @param stem The name without its number, such as `plain`.
 * @returns The highest existing number plus one; at least three digits.
 *
 * @example
 * ```ts
 * import { createRunFolder, nextRunName } from "lib/run/mod.ts";
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
 * Writes a run's settings to its `config.json`, completely or not at all.
 *
 * @param folder The run's folder.
 * @param config Settings, seed, versions, device: anything that JSON can hold.
 * @throws {FileError} If the file cannot be written; an existing one is kept.
 *
 * @example
 * ```ts
 * import { createRunFolder, writeConfig } from "lib/run/mod.ts";
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

/**
 * Refuses a run name that is not a plain file name.
 *
 * @param name Such as `plain-001`.
 * @throws {ConfigError} If it leads elsewhere, or no file system takes it.
 *
 * @example
 * ```ts
 * import { checkRunName } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * checkRunName("plain-001");
 * assertThrows(() => checkRunName("../plain-001"), Error, "Cannot use run name");
 * ```
 */
export function checkRunName(name: string): void {
  const bytes = new TextEncoder().encode(name).length, isShort = bytes <= MOST_NAME_BYTES;
  if (isShort && /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name)) return;
  throw new ConfigError(
    isShort
      ? `Cannot use run name ${quote(name)}: expected letters, digits, ".", "_" and "-", ` +
        "with a letter or digit first"
      : `Cannot use run name ${quote(name)}: expected at most ${MOST_NAME_BYTES} bytes, ` +
        `got ${bytes}`,
  );
}

function runPath(root: string, name: string): string {
  checkRunName(name);
  return `${root}/${name}`;
}

/** Empties a run's folder, unless it has files that no run writes. */
function clearRun(path: string): void {
  const foreign = explainFile(`look into ${path}`, () => foreignEntry(path, isOwn));
  if (foreign !== undefined) {
    throw new ConfigError(
      `Cannot overwrite ${path}: expected nothing but a run's files there, got ${foreign}; ` +
        "remove it by hand, or choose another --name",
    );
  }
  explainFile(`empty ${path}`, () => emptyFolder(path));
}

/** What a run writes into its folder. */
function isOwn(name: string): boolean {
  const names = [
    ...[
      "config.json",
      "metrics.csv",
      "samples.txt",
      "samples.jsonl",
      "report.html",
      "explorer.html",
    ],
    ...["projector_config.pbtxt", "embeddings.tsv", "words.tsv"],
  ];
  const plain = name.replace(/(\.tmp-\d+|\.damaged)+$/, "");
  return names.includes(plain) || /^events\.out\.(tf)?events\./.test(plain);
}

function listNames(root: string): string[] {
  return explainFile(`look into ${root}`, () => {
    try {
      return [...Deno.readDirSync(root)].map((entry) => entry.name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
